"""The re-uploading classifier without entanglement."""

from qml.models.model import MODELS, Model
from qml.models.quantum.reuploading import DEFAULTS, SEARCH_SPACE, ReuploadingClassifier


class SeparableReuploadingClassifier(ReuploadingClassifier):
    """``ReuploadingClassifier`` with every two-wire gate dropped; all of its rotations, and so its weights, stay.

    Source: separable models of Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059).
    """

    def __init__(
        self,
        *,
        n_layers: int = 2,
        ansatz: str = "product",
        max_epochs: int = 100,
        batch_size: int = 32,
        learning_rate: float = 0.02,
        validation_fraction: float = 0.2,
        patience: int = 20,
        random_state: int | None = None,
    ) -> None:
        super().__init__(
            n_layers=n_layers,
            ansatz=ansatz,
            max_epochs=max_epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            validation_fraction=validation_fraction,
            patience=patience,
            random_state=random_state,
        )

    @classmethod
    def draw(cls, n_features: int, ansatz: str = "product") -> str:
        """Return a text drawing of the circuit with two uploads."""
        return super().draw(n_features, ansatz)


MODELS.add(
    Model(
        name="reuploading-separable",
        kind="twin",
        twin_of="reuploading",
        twin="separable",
        summary="reuploading without any two-wire gate, all weights kept",
        source="Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059)",
        estimator=SeparableReuploadingClassifier,
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
