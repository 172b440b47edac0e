"""Optimisation problems, which have no data to learn from: scores of both sides by replicate, and their verdict."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from qml.advantage import Verdict, verdict

MARGIN = 0.01


@dataclass(frozen=True, kw_only=True)
class OptimisationScores:
    """Qualities r = (C − C_min) / (C_max − C_min) by replicate, one fresh graph each.

    Attributes:
        quantum_expected: Of a sample of the circuit, in expectation.
        quantum_best: Of the best of S samples.
        classical_expected: Of a run of the local search, averaged over those that the budget allows.
        classical_best: Of the best of these runs.
        n_evaluations: S, the cuts that each side may look at for its best.
    """

    quantum_expected: tuple[float, ...]
    quantum_best: tuple[float, ...]
    classical_expected: tuple[float, ...]
    classical_best: tuple[float, ...]
    n_evaluations: int

    def verdict(self, of: Literal["expected", "best"] = "expected") -> Verdict:
        """Judge the replicates with the margin 0.01."""
        return verdict(getattr(self, f"quantum_{of}"), getattr(self, f"classical_{of}"), margin=MARGIN)


def max_cut_scores(
    *, n_replicates: int = 10, n_nodes: int = 12, n_layers: int = 3, n_evaluations: int = 100, seed: int = 0
) -> OptimisationScores:
    """Set QAOA against greedy placement with single flips on random 3-regular graphs.

    The search pays for every move that it weighs.  QAOA pays for its S samples only: its angles are optimised on exact
    expectation values for nothing, which no device could.  So the comparison leans to the quantum side.

    Args:
        n_replicates: Graphs.
        n_nodes: Nodes of a graph, even, at most 16.
        n_layers: p of QAOA.
        n_evaluations: S.
        seed: Of graphs, angles, samples and searches.

    Returns:
        Scores of both sides.

    >>> scores = max_cut_scores(n_replicates=2, n_nodes=6, n_layers=1, n_evaluations=30)
    >>> len(scores.quantum_expected), max(scores.classical_best)
    (2, 1.0)
    """
    from qml.models.classical.local_search import best_of_restarts
    from qml.nn.qaoa import optimise_qaoa
    from qml.tasks.extremes import quality
    from qml.tasks.max_cut import random_regular

    rows = []
    for rng in np.random.default_rng(seed).spawn(n_replicates):
        problem = random_regular(rng, n_nodes)
        expected, probabilities = optimise_qaoa(n_nodes, problem.edges, problem.cuts, n_layers=n_layers, rng=rng)
        samples = rng.choice(len(probabilities), size=n_evaluations, p=probabilities / probabilities.sum())
        mean, best = best_of_restarts(problem, n_evaluations, rng)
        found = [expected, problem.cuts[samples].max(), mean, best]
        rows.append(quality(problem.cuts, found).tolist())
    columns = list(zip(*rows, strict=True))
    return OptimisationScores(
        quantum_expected=columns[0],
        quantum_best=columns[1],
        classical_expected=columns[2],
        classical_best=columns[3],
        n_evaluations=n_evaluations,
    )
