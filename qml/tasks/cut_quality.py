"""The quality of cuts between the smallest and the largest one of each graph, in expectation."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qml.errors import SpecError
from qml.tasks.cut_rows import NO_ANSWER, problem_of
from qml.tasks.extremes import quality
from qml.tasks.metrics import METRICS, Metric


def qualities(y_true: ArrayLike, y_pred: ArrayLike) -> list[NDArray[np.float64]]:
    """Return r = (C - C_min) / (C_max - C_min) of every answer to each graph; the extremes by brute force.

    Args:
        y_true: Graphs, rows as in ``qml.tasks.cut_rows``, shape (n, n_columns).
        y_pred: Assignments as numbers, shape (n, answers), filled up with -1.

    Raises:
        SpecError: If a graph has no answer, more answers than evaluations, or one that is none of its assignments.

    >>> [found.tolist() for found in qualities([[2, 1, 1, 1]], [[0, 1]])]
    [[0.0, 1.0]]
    """
    graphs, answers = np.atleast_2d(np.asarray(y_true, dtype=np.float64)), np.atleast_2d(np.asarray(y_pred))
    return [_qualities(row, answers[place][answers[place] != NO_ANSWER]) for place, row in enumerate(graphs)]


def _qualities(row: NDArray[np.float64], codes: NDArray[Any]) -> NDArray[np.float64]:
    problem, budget = problem_of(row)
    if not 1 <= len(codes) <= budget:
        raise SpecError(f"a graph takes 1 to {budget} answers, its evaluations; got {len(codes)}.")
    if codes.min() < 0 or codes.max() >= 2**problem.n_nodes or not np.issubdtype(codes.dtype, np.integer):
        raise SpecError(f"an answer is a whole number from 0 to {2**problem.n_nodes - 1}; got {codes.tolist()[:5]}.")
    return quality(problem.cuts, problem.cuts[codes])


def _expected(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    return float(np.mean([found.mean() for found in qualities(y_true, y_pred)]))


def _secondary(task: Any, X_train: Any, X_test: Any, y_true: ArrayLike, y_pred: ArrayLike) -> Mapping[str, float]:
    """Return the best of all answers, whether it is the optimum, and the answers a graph got: means over graphs."""
    found = qualities(y_true, y_pred)
    best = np.array([answers.max() for answers in found])
    return {
        "best of S": float(best.mean()),
        "graphs solved": float((best == 1).mean()),
        "answers": float(np.mean([len(answers) for answers in found])),
    }


METRICS.add(
    Metric(
        name="cut-quality",
        problem="optimisation",
        summary="(C - C_min) / (C_max - C_min) of an answer, averaged over the answers to a graph and over graphs",
        score=_expected,
        margin=0.01,
        secondary=_secondary,
    )
)
