"""Quality of an optimiser's answers, between the exact extremes that brute force finds."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qml.errors import SpecError

MAX_BITS = 16


def all_values(cost: Callable[[NDArray[np.int64]], ArrayLike], n_bits: int) -> NDArray[np.float64]:
    """Return the cost of every bit string, wire 0 first (most significant).

    Args:
        cost: Takes bit strings, shape (2**n_bits, n_bits), and returns their costs, shape (2**n_bits,).
        n_bits: At most 16.

    >>> all_values(lambda bits: bits.sum(axis=1), 2).tolist()
    [0.0, 1.0, 1.0, 2.0]
    """
    if not 1 <= n_bits <= MAX_BITS:
        raise SpecError(f"brute force looks at 2**n strings, for n from 1 to {MAX_BITS}; got n={n_bits}.")
    bits = np.arange(2**n_bits)[:, None] >> np.arange(n_bits - 1, -1, -1) & 1
    values = np.asarray(cost(bits), dtype=np.float64)
    if values.shape != (2**n_bits,):
        raise SpecError(f"cost must return one number a bit string, shape ({2**n_bits},); got {values.shape}.")
    return values


def quality(values: ArrayLike, cost: ArrayLike) -> NDArray[np.float64]:
    """Return r = (C - C_min) / (C_max - C_min): 1 is the optimum of a maximisation, 0 the worst string.

    Args:
        values: Costs of every string, shape (2**n,), see `all_values`.
        cost: Costs that were found, any shape.

    Raises:
        SpecError: If all strings cost the same, or a cost lies outside the extremes.

    >>> quality([0, 1, 1, 2], [1.0, 2.0]).tolist()
    [0.5, 1.0]
    """
    every, found = np.asarray(values, dtype=np.float64), np.asarray(cost, dtype=np.float64)
    low, high = float(every.min()), float(every.max())
    if low == high:
        raise SpecError("every string costs the same; there is nothing to optimise.")
    if (found < low - 1e-9).any() or (found > high + 1e-9).any():
        raise SpecError(f"a cost lies outside the exact extremes {low:g} and {high:g}: it belongs to another problem.")
    ratio: NDArray[np.float64] = (found - low) / (high - low)
    return ratio


def expected_quality(values: ArrayLike, probabilities: ArrayLike) -> float:
    """Return the expected r of one sample.

    Args:
        values: Costs of every string, shape (2**n,).
        probabilities: Of every string, shape (2**n,); they sum to one.

    >>> expected_quality([0, 1, 1, 2], [0.25, 0.25, 0.25, 0.25])
    0.5
    """
    return float(_distribution(values, probabilities) @ quality(values, values))


def expected_best_of(values: ArrayLike, probabilities: ArrayLike, n_samples: int) -> float:
    """Return the expected best r of that many independent samples, exactly.

    Args:
        values: Costs of every string, shape (2**n,).
        probabilities: Of every string, shape (2**n,); they sum to one.
        n_samples: At least 1; equal on both sides of a comparison.

    >>> expected_best_of([0, 1], [0.5, 0.5], n_samples=3)
    0.875
    """
    if n_samples < 1:
        raise SpecError(f"n_samples must be at least 1; got {n_samples}.")
    ratio = quality(values, values)
    order = np.argsort(ratio, kind="stable")
    below = np.minimum(np.cumsum(_distribution(values, probabilities)[order]), 1.0)
    chance = np.diff(below**n_samples, prepend=0.0)  # that the best of all is this one, in the order of quality
    return float(chance @ ratio[order])


def _distribution(values: ArrayLike, probabilities: ArrayLike) -> NDArray[np.float64]:
    p = np.asarray(probabilities, dtype=np.float64)
    if p.shape != np.shape(values) or (p < 0).any() or abs(p.sum() - 1) > 1e-6:
        raise SpecError(
            f"probabilities must be one a string, shape {np.shape(values)}, not negative, and sum to one; got shape "
            f"{p.shape}, sum {p.sum():g}."
        )
    normalised: NDArray[np.float64] = p / p.sum()
    return normalised
