"""Strings of bits as rows and as numbers; the first bit is the most significant, as wire 0 is in PennyLane."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qml.errors import SpecError

MAX_BITS = 12  # 4096 strings, whose probabilities are known one by one


def all_strings(n_bits: int) -> NDArray[np.float64]:
    """Return every string of that many bits, in order, shape (2**n_bits, n_bits).

    Raises:
        SpecError: If there are too many to list.

    >>> all_strings(2).tolist()
    [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    """
    if not 1 <= n_bits <= MAX_BITS:
        raise SpecError(f"every string is listed, so there can be 1 to {MAX_BITS} bits; got {n_bits}.")
    codes = np.arange(2**n_bits)[:, None] >> np.arange(n_bits)[::-1]
    return (codes & 1).astype(np.float64)


def codes_of(bits: ArrayLike) -> NDArray[np.int64]:
    """Return the number of each string, shape (n, n_bits) to (n,).

    Raises:
        SpecError: If an entry is neither 0 nor 1; the message says where.

    >>> codes_of([[0, 1], [1, 1]]).tolist()
    [1, 3]
    """
    rows = np.asarray(bits)
    bad = np.argwhere((rows != 0) & (rows != 1))
    if len(bad):
        row, column = bad[0]
        raise SpecError(f"a bit is 0 or 1; column {column} has {rows[row, column]!s} at row {row}.")
    weights = 2 ** np.arange(rows.shape[1])[::-1]
    return rows.astype(np.int64) @ weights


def histogram_of(bits: ArrayLike) -> NDArray[np.float64]:
    """Return how often each string occurs, shape (n, n_bits) to (2**n_bits,).

    >>> histogram_of([[0, 1], [0, 1], [1, 1]]).tolist()
    [0.0, 2.0, 0.0, 1.0]
    """
    rows = np.asarray(bits)
    return np.bincount(codes_of(rows), minlength=2 ** rows.shape[1]).astype(np.float64)
