"""Fourier coefficients of what a model computes."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qml.errors import CircuitError

MAX_POINTS = 2_000_000


def fourier_coefficients(
    function: Callable[[NDArray[np.float64]], ArrayLike], n_inputs: int, max_frequency: int
) -> NDArray[np.complex128]:
    """Return c_k of f(x) = Σ_k c_k exp(i k·x), for all whole k up to a frequency, from f on a grid.

    Exact if f has no other frequencies; others are folded into these.

    Args:
        function: From inputs, shape (n, n_inputs), in radians, to values, shape (n,) or (n, 1).
        n_inputs: Number of inputs; the grid has (2 max_frequency + 1)**n_inputs points.
        max_frequency: At least 0.

    Returns:
        Shape (2 max_frequency + 1,) * n_inputs; the frequency 0 is in the middle of each dimension.

    Raises:
        CircuitError: If the grid would have more than two million points.

    Source: Schuld, Sweke, Meyer 2021 (arXiv:2008.08605).

    >>> fourier_coefficients(lambda x: np.cos(x[:, 0]), 1, 2).real.round(6) + 0.0
    array([0. , 0.5, 0. , 0.5, 0. ])
    """
    size = 2 * max_frequency + 1
    if size**n_inputs > MAX_POINTS:
        raise CircuitError(
            f"{n_inputs} inputs up to frequency {max_frequency} take {size}**{n_inputs} points, more than "
            f"{MAX_POINTS:,}; hold some inputs fixed."
        )
    axis = 2 * np.pi * np.arange(size) / size
    grid = np.stack(np.meshgrid(*[axis] * n_inputs, indexing="ij"), axis=-1).reshape(-1, n_inputs)
    values = np.asarray(function(grid), dtype=np.float64).reshape((size,) * n_inputs)
    coefficients: NDArray[np.complex128] = np.fft.fftshift(np.fft.fftn(values)) / values.size
    return coefficients
