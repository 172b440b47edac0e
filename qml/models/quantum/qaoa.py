"""The quantum approximate optimisation algorithm as a solver of MaxCut."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import IntDistribution

from qml.errors import SpecError, suggest
from qml.models.cut_solver import CutSolver
from qml.models.model import MODELS, Model
from qml.nn import QuantumLayer
from qml.nn.qaoa import optimise_angles, probabilities_at, qaoa_layer
from qml.tasks.extremes import quality
from qml.tasks.max_cut import MaxCut

Angles = Literal["each", "shared"]
ANGLES = ("each", "shared")


class QAOA(CutSolver):
    """Samples of a QAOA state, one evaluation each.

    Args:
        n_layers: p, at least 1.
        angles: ``"each"``: optimised for every graph anew, on exact expectation values, which cost no evaluations and
            which no device could give, so that the comparison leans to the quantum side.  ``"shared"``: optimised once,
            on the training graphs, and used on every other graph as they are.
        n_random: Random settings of the angles tried first.
        n_refined: Of these, the best that are refined by L-BFGS-B.
        max_iterations: Of each refinement, at most.
        random_state: Seed of angles and samples.

    Attributes:
        angles_: Of ``"shared"``, shape (2 n_layers,).

    Source: Farhi, Goldstone, Gutmann 2014 (arXiv:1411.4028); shared angles: Brandao et al. 2018 (arXiv:1812.04170).

    >>> from qml.tasks.cut_rows import row_of
    >>> row = row_of(MaxCut(2, ((0, 1),)), n_evaluations=5)
    >>> set(QAOA(n_layers=1, random_state=0).fit([row]).predict([row])[0].tolist()) <= {1, 2}
    True
    """

    _entangled: ClassVar[bool] = True

    def __init__(
        self,
        *,
        n_layers: int = 2,
        angles: Angles = "each",
        n_random: int = 20,
        n_refined: int = 1,
        max_iterations: int = 30,
        random_state: int | None = None,
    ) -> None:
        super().__init__(random_state=random_state)
        self.n_layers = n_layers
        self.angles = angles
        self.n_random = n_random
        self.n_refined = n_refined
        self.max_iterations = max_iterations

    def _learn(self, problems: Sequence[MaxCut], rng: np.random.Generator) -> None:
        if self.angles not in ANGLES:
            raise SpecError(f"there are no {self.angles!r} angles. {suggest(str(self.angles), ANGLES)}")
        if self.angles == "shared":
            self.angles_ = self._optimised(problems, [self._layer(problem) for problem in problems], rng)

    def _answers(self, problem: MaxCut, n_evaluations: int, rng: np.random.Generator) -> NDArray[Any]:
        layer = self._layer(problem)
        angles = self.angles_ if self.angles == "shared" else self._optimised([problem], [layer], rng)
        probabilities = probabilities_at(layer, angles)
        return rng.choice(len(probabilities), size=n_evaluations, p=probabilities / probabilities.sum())

    def _optimised(
        self, problems: Sequence[MaxCut], layers: Sequence[QuantumLayer], rng: np.random.Generator
    ) -> NDArray[np.float64]:
        values = [quality(problem.cuts, problem.cuts) for problem in problems]
        return optimise_angles(
            layers,
            values,
            rng=rng,
            n_random=self.n_random,
            n_refined=self.n_refined,
            max_iterations=self.max_iterations,
        )[1]

    def _layer(self, problem: MaxCut) -> QuantumLayer:
        return _layer(problem, self.n_layers, self._entangled)

    @classmethod
    def draw(cls, n_features: int) -> str:
        """Return a text drawing of one layer on a ring of four nodes, which stands for any graph."""
        return qaoa_layer(4, ((0, 1), (1, 2), (2, 3), (0, 3)), 1, entangled=cls._entangled).draw()


@lru_cache(maxsize=128)
def _layer(problem: MaxCut, n_layers: int, entangled: bool) -> QuantumLayer:
    """Return the circuit of a graph; it has no weights, and a graph comes up in every trial and fold."""
    return qaoa_layer(problem.n_nodes, problem.edges, n_layers, entangled=entangled)


SEARCH_SPACE = {"n_layers": IntDistribution(1, 4)}
DEFAULTS = {"n_layers": 2}

MODELS.add(
    Model(
        name="qaoa",
        kind="quantum",
        problem="optimisation",
        summary="QAOA, its angles optimised for each graph on exact expectation values, which cost no evaluations",
        source="Farhi, Goldstone, Gutmann 2014 (arXiv:1411.4028)",
        estimator=QAOA,
        fixed={"angles": "each"},
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
MODELS.add(
    Model(
        name="qaoa-shared",
        kind="quantum",
        problem="optimisation",
        summary="QAOA with angles that were optimised on other graphs",
        source="Brandao et al. 2018 (arXiv:1812.04170)",
        estimator=QAOA,
        fixed={"angles": "shared"},
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
