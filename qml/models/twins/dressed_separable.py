"""The dressed circuit without entanglement."""

from qml.models.hybrid.dressed import DEFAULTS, N_WIRES, SEARCH_SPACE, DressedClassifier
from qml.models.model import MODELS, Model


class SeparableDressedClassifier(DressedClassifier):
    """``DressedClassifier`` with every CNOT dropped; all of its weights stay.

    Source: separable models of Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059).
    """

    def __init__(
        self,
        *,
        n_wires: int = N_WIRES,
        n_layers: int = 2,
        entangling: bool = False,
        max_epochs: int = 100,
        batch_size: int = 32,
        learning_rate: float = 0.02,
        validation_fraction: float = 0.2,
        patience: int = 20,
        random_state: int | None = None,
    ) -> None:
        super().__init__(
            n_wires=n_wires,
            n_layers=n_layers,
            entangling=entangling,
            max_epochs=max_epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            validation_fraction=validation_fraction,
            patience=patience,
            random_state=random_state,
        )

    @classmethod
    def draw(cls, n_features: int, entangling: bool = False) -> str:
        """Return a text drawing of the circuit."""
        return super().draw(n_features, entangling)


MODELS.add(
    Model(
        name="dressed-separable",
        kind="twin",
        twin_of="dressed",
        twin="separable",
        summary="dressed without any CNOT, all weights kept",
        source="Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059)",
        estimator=SeparableDressedClassifier,
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
