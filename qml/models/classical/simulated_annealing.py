"""Simulated annealing on MaxCut: single flips, worse ones ever more rarely."""

import numpy as np
from optuna.distributions import FloatDistribution, IntDistribution

from qml.models.cut_solver import CutSolver, code_of
from qml.models.model import MODELS, Model
from qml.tasks.max_cut import MaxCut


class SimulatedAnnealing(CutSolver):
    """Metropolis flips at a temperature that falls geometrically; each run gives the best cut that it met.

    Each proposed flip is an evaluation, and so is the first assignment of a run.

    Args:
        hot: First temperature, in edges.
        cold: Last temperature, as a share of the first.
        n_runs: Runs that share the evaluations equally, at least 1.
        random_state: Seed of everything random.
    """

    def __init__(
        self, *, hot: float = 2.0, cold: float = 0.05, n_runs: int = 2, random_state: int | None = None
    ) -> None:
        super().__init__(random_state=random_state)
        self.hot = hot
        self.cold = cold
        self.n_runs = n_runs

    def _answers(self, problem: MaxCut, n_evaluations: int, rng: np.random.Generator) -> list[int]:
        n_runs = min(self.n_runs, n_evaluations)
        return [self._run(problem, n_evaluations // n_runs, rng) for _ in range(n_runs)]

    def _run(self, problem: MaxCut, n_evaluations: int, rng: np.random.Generator) -> int:
        joined = np.zeros((problem.n_nodes, problem.n_nodes))
        for a, b in problem.edges:
            joined[a, b] = joined[b, a] = 1
        side = rng.choice([-1.0, 1.0], size=problem.n_nodes)
        gain = best_gain = 0.0  # in edges, over the first assignment
        best = side.copy()
        for temperature in self.hot * np.geomspace(1, self.cold, max(n_evaluations - 1, 1))[: n_evaluations - 1]:
            node = int(rng.integers(problem.n_nodes))
            change = float(side[node] * (joined[node] @ side))  # edges won by the flip
            if change >= 0 or rng.random() < np.exp(change / temperature):
                side[node] *= -1
                gain += change
                if gain > best_gain:
                    best_gain, best = gain, side.copy()
        return code_of(best > 0)


MODELS.add(
    Model(
        name="simulated-annealing",
        kind="classical",
        problem="optimisation",
        summary="Metropolis flips at a falling temperature, its schedule tuned on other graphs",
        source="Kirkpatrick, Gelatt, Vecchi 1983 (doi:10.1126/science.220.4598.671)",
        estimator=SimulatedAnnealing,
        search_space={
            "hot": FloatDistribution(0.1, 10.0, log=True),
            "cold": FloatDistribution(1e-3, 0.5, log=True),
            "n_runs": IntDistribution(1, 5),
        },
        defaults={"hot": 2.0, "cold": 0.05, "n_runs": 2},
        ignores_features=True,
    )
)
