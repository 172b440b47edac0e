"""Numbers beside the score: what the winners of both sides reached in them; no claim rests on any."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from qml.advantage.posterior import t_posterior
from qml.advantage.settings import TaskSettings
from qml.advantage.table import Cell


def beside_the_score(
    quantum: Sequence[Cell], classical: Sequence[Cell], task: TaskSettings, alpha: float
) -> dict[str, dict[str, Any]]:
    """Compare the winners of both sides in each secondary number that all of them have.

    Args:
        quantum: Winner of each replicate.
        classical: The same, in the same order.
        task: For the design of its replicates.
        alpha: One-sided error rate.

    Returns:
        By name: the mean of each side, the mean of the paired differences, and its central interval, None with fewer
        than two replicates in which both winners were fitted.
    """
    pairs = [(q, c) for q, c in zip(quantum, classical, strict=True) if not (q.failed or c.failed)]
    names = [name for name in (pairs[0][0].secondary if pairs else ()) if all(_have(name, pair) for pair in pairs)]
    return {
        name: _compared(np.array([[c.secondary[name] for c in pair] for pair in pairs]), task, alpha) for name in names
    }


def _have(name: str, pair: tuple[Cell, Cell]) -> bool:
    return all(name in cell.secondary for cell in pair)


def _compared(values: Any, task: TaskSettings, alpha: float) -> dict[str, Any]:
    differences = values[:, 0] - values[:, 1]
    interval = None
    if len(differences) > 1:
        interval = list(t_posterior(differences, task.design, task.fraction).interval(alpha))
    return {
        "quantum": float(values[:, 0].mean()),
        "classical": float(values[:, 1].mean()),
        "difference": float(differences.mean()),
        "interval": interval,
    }
