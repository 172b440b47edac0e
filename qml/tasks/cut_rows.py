"""A MaxCut problem as a row of numbers, so that graphs are rows of a task like any others.

The first column holds the evaluations that are allowed: how many cuts a solver may look at.  The others say of each
pair of nodes, (0, 1), (0, 2), …, (n - 2, n - 1), whether an edge joins them.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qml.errors import SpecError
from qml.tasks.max_cut import MaxCut

NO_ANSWER = -1


def n_columns(n_nodes: int) -> int:
    """Return the columns of a row.

    >>> n_columns(4)
    7
    """
    return 1 + n_nodes * (n_nodes - 1) // 2


def row_of(problem: MaxCut, n_evaluations: int) -> NDArray[np.float64]:
    """Write a problem and its budget as a row, shape (n_columns,).

    >>> row_of(MaxCut(3, ((0, 1), (1, 2))), n_evaluations=20).tolist()
    [20.0, 1.0, 0.0, 1.0]
    """
    joined = np.zeros((problem.n_nodes, problem.n_nodes))
    for a, b in problem.edges:
        joined[min(a, b), max(a, b)] = 1
    return np.concatenate([[n_evaluations], joined[np.triu_indices(problem.n_nodes, 1)]])


def problem_of(row: ArrayLike) -> tuple[MaxCut, int]:
    """Read a row; the inverse of `row_of`.

    Raises:
        SpecError: If it is no such row; the message says why.

    >>> problem_of([20.0, 1.0, 0.0, 1.0])
    (MaxCut(n_nodes=3, edges=((0, 1), (1, 2))), 20)
    """
    values = np.asarray(row, dtype=np.float64)
    n_nodes = (1 + math.isqrt(8 * len(values) - 7)) // 2
    if len(values) < 2 or n_columns(n_nodes) != len(values):
        raise SpecError(
            f"a graph of n nodes is a row of 1 + n (n - 1) / 2 numbers; got {len(values)}. See qml.tasks.cut_rows."
        )
    budget, joined = values[0], values[1:]
    if budget < 1 or budget != int(budget) or not np.isin(joined, (0, 1)).all():
        raise SpecError(
            "a row has a whole number of evaluations, at least 1, and then 0 or 1 for each pair of nodes; got "
            f"{budget:g} evaluations and the values {sorted(set(joined.tolist()))[:5]}."
        )
    pairs = np.argwhere(np.triu(np.ones((n_nodes, n_nodes)), 1))[joined == 1]
    return MaxCut(n_nodes, tuple((int(a), int(b)) for a, b in pairs)), int(budget)
