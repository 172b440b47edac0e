"""Goemans and Williamson's rounding of the semidefinite relaxation of MaxCut."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qml.models.cut_solver import CutSolver, code_of
from qml.models.model import MODELS, Model
from qml.tasks.max_cut import MaxCut


class GoemansWilliamson(CutSolver):
    """A unit vector for each node, neighbours as far apart as can be, cut by random planes; a plane is an evaluation.

    The relaxation is solved by the mixing method, one vector after the other, in a dimension in which it has no false
    optima.  Like the angles of QAOA, the vectors cost no evaluations.

    Args:
        n_sweeps: Times that every vector is set anew.
        random_state: Seed of the first vectors and of the planes.
    """

    def __init__(self, *, n_sweeps: int = 100, random_state: int | None = None) -> None:
        super().__init__(random_state=random_state)
        self.n_sweeps = n_sweeps

    def _answers(self, problem: MaxCut, n_evaluations: int, rng: np.random.Generator) -> NDArray[Any]:
        vectors = self._relaxed(problem, rng)
        planes = rng.normal(size=(n_evaluations, vectors.shape[1]))
        return np.array([code_of(sides > 0) for sides in planes @ vectors.T])

    def _relaxed(self, problem: MaxCut, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return the vectors, shape (n_nodes, dimension)."""
        neighbours: list[list[int]] = [[] for _ in range(problem.n_nodes)]
        for a, b in problem.edges:
            neighbours[a].append(b)
            neighbours[b].append(a)
        vectors = rng.normal(size=(problem.n_nodes, math.ceil(math.sqrt(2 * problem.n_nodes)) + 1))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        for _ in range(self.n_sweeps):
            for node, others in enumerate(neighbours):
                pull = vectors[others].sum(axis=0)
                length = float(np.linalg.norm(pull))
                if length > 0:
                    vectors[node] = -pull / length
        return vectors


MODELS.add(
    Model(
        name="goemans-williamson",
        kind="classical",
        problem="optimisation",
        summary="semidefinite relaxation, rounded by random planes",
        source="Goemans, Williamson 1995 (doi:10.1145/227683.227684); Wang, Kolter 2017 (arXiv:1706.00476)",
        estimator=GoemansWilliamson,
        ignores_features=True,
    )
)
