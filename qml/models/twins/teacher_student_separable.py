"""The teacher's student without entanglement."""

import numpy as np

from qml.models.model import MODELS, Model
from qml.models.quantum.teacher_student import DEFAULTS, FIXED, SEARCH_SPACE, TeacherStudentClassifier


class SeparableTeacherStudentClassifier(TeacherStudentClassifier):
    """``TeacherStudentClassifier`` with every CZ dropped; all of its rotations, and so its weights, stay.

    Source: separable models of Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059).
    """

    def __init__(
        self,
        *,
        n_layers: int = 3,
        ansatz: str = "product",
        start: int = 0,
        n_starts: int = 1,
        penalty: float = 1e-3,
        max_iterations: int = 60,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        super().__init__(
            n_layers=n_layers,
            ansatz=ansatz,
            start=start,
            n_starts=n_starts,
            penalty=penalty,
            max_iterations=max_iterations,
            random_state=random_state,
        )

    @classmethod
    def draw(cls, n_features: int, ansatz: str = "product") -> str:
        """Return a text drawing of the circuit with two uploads."""
        return super().draw(n_features, ansatz)


MODELS.add(
    Model(
        name="teacher-student-separable",
        kind="twin",
        twin_of="teacher-student",
        twin="separable",
        summary="teacher-student without any CZ, all weights kept",
        source="Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059)",
        estimator=SeparableTeacherStudentClassifier,
        fixed=FIXED,
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
