"""The solver that looks at nothing: random assignments."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qml.models.cut_solver import CutSolver
from qml.models.model import MODELS, Model
from qml.tasks.max_cut import MaxCut


class RandomCuts(CutSolver):
    """As many random assignments as there are evaluations.

    Args:
        random_state: Seed of the assignments.
    """

    def _answers(self, problem: MaxCut, n_evaluations: int, rng: np.random.Generator) -> NDArray[Any]:
        return rng.integers(2**problem.n_nodes, size=n_evaluations)


MODELS.add(
    Model(
        name="random-cuts",
        kind="classical",
        problem="optimisation",
        summary="random assignments",
        source="the chance level of a solver",
        estimator=RandomCuts,
        ignores_features=True,
    )
)
