"""How close a generator comes: exact total variation, maximum mean discrepancy, likelihood; validity and novelty."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qml.errors import SpecError

MAX_BITS = 12


def total_variation(p: ArrayLike, q: ArrayLike) -> float:
    """Return the exact total variation distance of two distributions over at most 2**12 outcomes, in [0, 1].

    Args:
        p: Probabilities, shape (k,).
        q: Probabilities, shape (k,).

    >>> total_variation([0.5, 0.5, 0.0], [0.5, 0.0, 0.5])
    0.5
    """
    first, second = _distribution(p), _distribution(q)
    if first.shape != second.shape or len(first) > 2**MAX_BITS:
        raise SpecError(
            f"total variation compares two distributions over the same outcomes, at most 2**{MAX_BITS}; got "
            f"{first.shape} and {second.shape}."
        )
    return float(np.abs(first - second).sum() / 2)


def mmd_squared(X: ArrayLike, Y: ArrayLike, bandwidth: float) -> float:
    """Return the unbiased estimate of the squared maximum mean discrepancy; below zero where samples agree well.

    Args:
        X: Samples, shape (n, d), n >= 2.
        Y: Samples, shape (m, d), m >= 2.
        bandwidth: Of the Gaussian kernel exp(-|x - y|² / (2 bandwidth²)), positive.

    Source: Gretton et al. 2012, JMLR 13, 723, eq. 3.

    >>> round(mmd_squared([[0.0], [0.0]], [[1.0], [1.0]], bandwidth=1.0), 4)
    0.7869
    """
    first, second = (np.atleast_2d(np.asarray(part, dtype=np.float64)) for part in (X, Y))
    if first.ndim != 2 or first.shape[1:] != second.shape[1:] or min(len(first), len(second)) < 2:
        raise SpecError(f"samples must have shapes (n, d) and (m, d), n, m >= 2; got {first.shape}, {second.shape}.")
    if not bandwidth > 0:
        raise SpecError(f"the bandwidth must be positive; got {bandwidth}.")
    n, m = len(first), len(second)
    within_first = (_gaussian(first, first, bandwidth).sum() - n) / (n * (n - 1))
    within_second = (_gaussian(second, second, bandwidth).sum() - m) / (m * (m - 1))
    return float(within_first + within_second - 2 * _gaussian(first, second, bandwidth).mean())


def exact_mmd_squared(p: ArrayLike, q: ArrayLike, bandwidth: float) -> float:
    """Return the exact squared maximum mean discrepancy of two distributions over bit strings, never below zero.

    Args:
        p: Probabilities of all strings, shape (2**n,), n at most 12; the first bit is the most significant.
        q: The same.
        bandwidth: Of the Gaussian kernel exp(-d / (2 bandwidth²)), d the number of bits that differ; positive.

    Source: Gretton et al. 2012, JMLR 13, 723, eq. 1; the kernel is a product over bits, so that no 2**n by 2**n matrix
        is needed.

    >>> round(exact_mmd_squared([1.0, 0.0], [0.0, 1.0], bandwidth=1.0), 4)
    0.7869
    """
    if not bandwidth > 0:
        raise SpecError(f"the bandwidth must be positive; got {bandwidth}.")
    first, second = _distribution(p), _distribution(q)
    n_bits = len(first).bit_length() - 1
    if first.shape != second.shape or len(first) != 2**n_bits or n_bits > MAX_BITS:
        raise SpecError(
            f"both distributions are over the strings of n bits, n at most {MAX_BITS}: 2**n numbers; got "
            f"{first.shape} and {second.shape}."
        )
    difference = first - second
    return max(0.0, float(difference @ smoothed(difference, np.exp(-1 / (2 * bandwidth**2)))))


def smoothed(values: NDArray[np.float64], ratio: float) -> NDArray[np.float64]:
    """Return, for each string, the sum of the values of all strings, each times ratio**(bits that differ).

    Args:
        values: One a string, shape (2**n,).
        ratio: Weight of a string one bit away.

    >>> smoothed(np.array([1.0, 0.0, 0.0, 0.0]), 0.5).tolist()
    [1.0, 0.5, 0.5, 0.25]
    """
    n_bits = len(values).bit_length() - 1
    cube = values.reshape((2,) * n_bits)
    for axis in range(n_bits):
        cube = cube + ratio * np.flip(cube, axis)
    return cube.reshape(-1)


def negative_log_likelihood(probabilities: ArrayLike, samples: ArrayLike) -> float:
    """Return the mean of -ln p over held-out samples; infinite if one has probability zero.

    Args:
        probabilities: Of every outcome, shape (k,).
        samples: Indices of held-out outcomes, shape (n,).

    >>> round(negative_log_likelihood([0.5, 0.25, 0.25], [0, 1]), 4)
    1.0397
    """
    p, held_out = _distribution(probabilities), np.asarray(samples)
    if not held_out.size or not np.issubdtype(held_out.dtype, np.integer):
        raise SpecError("samples must be indices of outcomes, at least one.")
    with np.errstate(divide="ignore"):
        return float(-np.log(p[held_out]).mean())


def validity(samples: ArrayLike, valid: ArrayLike) -> float:
    """Return the share of samples that are valid.

    Args:
        samples: Indices of outcomes, shape (n,).
        valid: Whether each outcome is valid, shape (k,).

    >>> validity([0, 0, 1, 2], [True, True, False])
    0.75
    """
    return float(np.asarray(valid, dtype=bool)[np.asarray(samples)].mean())


def novelty(samples: ArrayLike, valid: ArrayLike, seen: ArrayLike) -> float:
    """Return the share of the *valid* samples that the training data did not hold; 0 if none is valid.

    Args:
        samples: Indices of outcomes, shape (n,).
        valid: Whether each outcome is valid, shape (k,).
        seen: Indices of the training outcomes.

    >>> novelty([0, 0, 1, 2], [True, True, False], seen=[0])
    0.3333333333333333
    """
    drawn = np.asarray(samples)
    good = drawn[np.asarray(valid, dtype=bool)[drawn]]
    return float((~np.isin(good, np.asarray(seen))).mean()) if len(good) else 0.0


def _gaussian(X: NDArray[np.float64], Y: NDArray[np.float64], bandwidth: float) -> NDArray[np.float64]:
    distances = ((X[:, None, :] - Y[None, :, :]) ** 2).sum(axis=2)
    kernel: NDArray[np.float64] = np.exp(-distances / (2 * bandwidth**2))
    return kernel


def _distribution(p: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(p, dtype=np.float64)
    if values.ndim != 1 or (values < 0).any() or abs(values.sum() - 1) > 1e-6:
        raise SpecError(f"probabilities must not be negative and must sum to one; got a sum of {values.sum():g}.")
    return values
