"""The parity circuit without entanglement."""

import numpy as np

from qml.models.model import MODELS, Model
from qml.models.quantum.parity_circuit import DEFAULTS, FIXED, SEARCH_SPACE, ParityCircuitClassifier


class SeparableParityCircuitClassifier(ParityCircuitClassifier):
    """``ParityCircuitClassifier`` whose rotations of the ancilla no bit controls: it has nothing to tell.

    Source: separable models of Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059).
    """

    def __init__(
        self,
        *,
        entangling: bool = False,
        start: int = 0,
        penalty: float = 1e-3,
        max_iterations: int = 60,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        super().__init__(
            entangling=entangling,
            start=start,
            penalty=penalty,
            max_iterations=max_iterations,
            random_state=random_state,
        )

    @classmethod
    def draw(cls, n_features: int, entangling: bool = False) -> str:
        """Return a text drawing of the circuit."""
        return super().draw(n_features, entangling)


MODELS.add(
    Model(
        name="parity-circuit-separable",
        kind="twin",
        twin_of="parity-circuit",
        twin="separable",
        summary="parity-circuit without the controls, all angles kept",
        source="Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059)",
        estimator=SeparableParityCircuitClassifier,
        fixed=FIXED,
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
