"""Greedy placement and single flips: the plain local search for MaxCut."""

import numpy as np
from numpy.typing import NDArray

from qml.models.cut_solver import CutSolver, code_of
from qml.models.model import MODELS, Model
from qml.tasks.max_cut import MaxCut


def greedy_and_flips(problem: MaxCut, rng: np.random.Generator) -> tuple[int, int]:
    """Place the nodes one by one where they cut more, then move single nodes as long as that helps.

    Args:
        problem: The graph.
        rng: Order of the nodes, and which side on a tie.

    Returns:
        The cut, and how many changes of one node's side were weighed: the evaluations it cost.

    Source: Sahni, Gonzalez 1976 (doi:10.1145/321958.321975), with 1-flip search.

    >>> greedy_and_flips(MaxCut(2, ((0, 1),)), np.random.default_rng(0))
    (1, 4)
    """
    side, n_weighed = local_optimum(problem, rng)
    return sum(int(side[a] != side[b]) for a, b in problem.edges), n_weighed


def local_optimum(problem: MaxCut, rng: np.random.Generator) -> tuple[NDArray[np.int64], int]:
    """Return where `greedy_and_flips` ends, a side of -1 or 1 for each node, and how many changes were weighed."""
    neighbours: list[list[int]] = [[] for _ in range(problem.n_nodes)]
    for a, b in problem.edges:
        neighbours[a].append(b)
        neighbours[b].append(a)
    side = np.zeros(problem.n_nodes, dtype=np.int64)  # −1 and 1, and 0 for a node that is not placed yet
    n_weighed = 0
    for node in rng.permutation(problem.n_nodes):
        pull = side[neighbours[node]].sum()
        side[node] = -np.sign(pull) if pull else rng.choice([-1, 1])
        n_weighed += 1
    moved = True
    while moved:
        moved = False
        for node in rng.permutation(problem.n_nodes):
            n_weighed += 1
            if side[node] * side[neighbours[node]].sum() > 0:  # more neighbours on its own side than on the other
                side[node] *= -1
                moved = True
    return side, n_weighed


def best_of_restarts(problem: MaxCut, n_evaluations: int, rng: np.random.Generator) -> tuple[float, int]:
    """Run the search again and again within a budget of evaluations; at least once.

    Returns:
        The mean cut of the runs, and the best one.
    """
    cuts: list[int] = []
    spent = 0
    while not cuts or spent < n_evaluations:
        cut, cost = greedy_and_flips(problem, rng)
        if cuts and spent + cost > n_evaluations:
            break
        cuts.append(cut)
        spent += cost
    return float(np.mean(cuts)), max(cuts)


class LocalSearch(CutSolver):
    """Greedy placement with single flips, again and again until the evaluations are spent; at least once.

    Each change of one node's side that is weighed is an evaluation, and each run ends in one answer.

    Args:
        random_state: Seed of the orders and ties.
    """

    def _answers(self, problem: MaxCut, n_evaluations: int, rng: np.random.Generator) -> list[int]:
        answers: list[int] = []
        spent = 0
        while True:
            side, cost = local_optimum(problem, rng)
            spent += cost
            if answers and spent > n_evaluations:
                return answers
            answers.append(code_of(side > 0))


MODELS.add(
    Model(
        name="local-search",
        kind="classical",
        problem="optimisation",
        summary="greedy placement with single flips, restarted until the evaluations are spent",
        source="Sahni, Gonzalez 1976 (doi:10.1145/321958.321975)",
        estimator=LocalSearch,
        ignores_features=True,
    )
)
