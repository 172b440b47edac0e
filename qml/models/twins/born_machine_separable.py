"""The Born machine without entanglement: independent bits, as a circuit."""

from qml.models.fitted_bits import Loss
from qml.models.model import MODELS, Model
from qml.models.quantum.born_machine import DEFAULTS, SEARCH_SPACE, BornMachine


class SeparableBornMachine(BornMachine):
    """``BornMachine`` with every gate between wires dropped; all of its rotations, and so its weights, stay.

    Source: separable models of Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059).
    """

    def __init__(
        self,
        *,
        n_layers: int = 6,
        ansatz: str = "product",
        loss: Loss = "likelihood",
        smoothing: float = 0.01,
        start: int = 0,
        max_iterations: int = 200,
        random_state: int | None = None,
    ) -> None:
        super().__init__(
            n_layers=n_layers,
            ansatz=ansatz,
            loss=loss,
            smoothing=smoothing,
            start=start,
            max_iterations=max_iterations,
            random_state=random_state,
        )

    @classmethod
    def draw(cls, n_features: int, ansatz: str = "product") -> str:
        """Return a text drawing of the circuit with two layers."""
        return super().draw(n_features, ansatz)


MODELS.add(
    Model(
        name="born-machine-separable",
        kind="twin",
        problem="generation",
        twin_of="born-machine",
        twin="separable",
        summary="Born machine without gates between wires, all weights kept: independent bits",
        source="Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059)",
        estimator=SeparableBornMachine,
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
