"""Parameter counts against scores: a Pareto front, which is shown and never claimed."""

from collections.abc import Mapping

import numpy as np

from qml.errors import SpecError


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
