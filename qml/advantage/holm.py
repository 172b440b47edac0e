"""Holm's step-down correction for several claims made at once."""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return adjusted p-values, in the order given: compare each with alpha, and one false claim in all has that rate.

    Args:
        p_values: One-sided p-values, each in [0, 1].

    Source: Holm 1979, Scandinavian Journal of Statistics 6, 65.

    >>> holm([0.01, 0.04, 0.03])
    (0.03, 0.06, 0.06)
    """
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for step, index in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - step) * p_values[index]))
        adjusted[index] = largest
    return tuple(adjusted)
