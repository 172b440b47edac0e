"""Benjamini and Hochberg's procedure, for tables that are searched rather than claimed."""

from collections.abc import Sequence

FALSE_DISCOVERY_RATE = 0.1


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return adjusted p-values (q-values), in the order given.

    Of the rows with q below 0.1, at most a tenth are expected to be false.  That is enough to decide where to look
    next; a claim needs `holm`.

    Args:
        p_values: p-values, each in [0, 1]; independent, or positively dependent as comparisons with one pool are.

    Source: Benjamini & Hochberg 1995, Journal of the Royal Statistical Society B 57, 289; Benjamini & Yekutieli 2001.

    >>> benjamini_hochberg([0.01, 0.04, 0.03])
    (0.03, 0.04, 0.04)
    """
    n = len(p_values)
    order = sorted(range(n), key=lambda index: p_values[index], reverse=True)
    adjusted = [0.0] * n
    smallest = 1.0
    for step, index in enumerate(order):
        smallest = min(smallest, p_values[index] * n / (n - step))
        adjusted[index] = smallest
    return tuple(adjusted)
