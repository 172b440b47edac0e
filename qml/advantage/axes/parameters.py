"""Parameter counts against scores: a Pareto front, which is shown and never claimed."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from qml.errors import SpecError

if TYPE_CHECKING:
    from qml.advantage.table import Cell

NOTE = "shown, never claimed: a count of parameters is not what a model costs"


def pareto_front(models: Mapping[str, tuple[float, float]]) -> tuple[str, ...]:
    """Return the models that no other beats in both respects, by parameters.

    Args:
        models: Trainable parameters (head and scalings counted) and score of each model, by name.

    >>> pareto_front({"small": (5, 0.8), "large": (50, 0.9), "wasteful": (60, 0.85), "same": (5, 0.7)})
    ('small', 'large')
    """
    front = []
    best = -np.inf
    for name, (_, score) in sorted(models.items(), key=lambda item: (item[1][0], -item[1][1])):
        if score > best:
            front.append(name)
            best = score
    return tuple(front)


def smallest_reaching(models: Mapping[str, tuple[float, float]], target: float) -> float | None:
    """Return the smallest parameter count whose score is at least the target; None if none reaches it.

    Raises:
        SpecError: If there are no models.

    >>> smallest_reaching({"small": (5, 0.8), "large": (50, 0.9)}, target=0.85)
    50
    """
    if not models:
        raise SpecError("there are no models to look for the smallest one among.")
    return min((count for count, score in models.values() if score >= target), default=None)


def parameter_efficiency(cells: Sequence["Cell"], target: float | None = None) -> dict[str, Any]:
    """Return the parameters and mean scores of both sides' models, and which of them are on a front.

    Twins stand on no side and are left out.  A count may differ from replicate to replicate where the number of layers
    is tuned; the median is what the fronts are made of.

    Args:
        cells: Of one task; a failed one has scored chance.
        target: A score that counts as reached; None if the study has none.

    Returns:
        Plain data: ``models`` (counted ones, by parameters), ``front`` over both sides, ``fronts`` of each side alone,
        ``not_counted`` (models without a count: forests, neighbours, kernels), and, with a target, ``smallest``: the
        fewest parameters of each side that reach it.
    """
    found = [
        _model([cell for cell in cells if (cell.side, cell.model) == key])
        for key in dict.fromkeys((cell.side, cell.model) for cell in cells if cell.side != "twin")
    ]
    counted = sorted((row for row in found if row["parameters"] is not None), key=lambda row: row["parameters"])
    sides = {side: _points(row for row in counted if row["side"] == side) for side in ("quantum", "classical")}
    reached: dict[str, Any] = {}
    if target is not None:
        smallest = {side: smallest_reaching(points, target) for side, points in sides.items() if points}
        reached = {"target": target, "smallest": smallest}
    return {
        "note": NOTE,
        "models": counted,
        "front": list(pareto_front(_points(counted))),
        "fronts": {side: list(pareto_front(points)) for side, points in sides.items()},
        "not_counted": [
            {name: row[name] for name in ("model", "side", "score", "fits")} for row in found if row not in counted
        ],
        **reached,
    }


def _model(cells: Sequence["Cell"]) -> dict[str, Any]:
    counts = [cell.n_parameters for cell in cells if cell.n_parameters is not None]
    return {
        "model": cells[0].model,
        "side": cells[0].side,
        "parameters": float(np.median(counts)) if counts else None,
        "fewest": min(counts, default=None),
        "most": max(counts, default=None),
        "score": float(np.mean([cell.score for cell in cells])),
        "fits": len(cells),
    }


def _points(rows: Any) -> dict[str, tuple[float, float]]:
    return {row["model"]: (row["parameters"], row["score"]) for row in rows}
