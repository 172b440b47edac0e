"""Entanglement of states, on average over wires."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qml.diagnostics.bound import BoundCircuit
from qml.diagnostics.random_weights import random_states


def meyer_wallach(states: ArrayLike) -> NDArray[np.float64]:
    """Return Q = 2 (1 - mean over wires of tr ρ_k²), where ρ_k is the state of one wire.

    Args:
        states: Amplitudes of norm one, shape (..., 2**n_wires).

    Returns:
        In [0, 1], shape (...): 0 for product states, 1 where each wire alone is maximally mixed, such as in GHZ states.

    Source: Meyer, Wallach 2002 (arXiv:quant-ph/0108104), in the form of Brennen 2003 (arXiv:quant-ph/0305094).

    >>> meyer_wallach(np.array([1, 0, 0, 1]) / np.sqrt(2)).round(6)
    np.float64(1.0)
    """
    amplitudes = np.asarray(states, dtype=np.complex128)
    batch, n_wires = amplitudes.shape[:-1], amplitudes.shape[-1].bit_length() - 1
    purity = np.zeros(batch)
    for wire in range(n_wires):
        split = amplitudes.reshape(*batch, 2**wire, 2, -1)
        rho = np.einsum("...aib,...ajb->...ij", split, split.conj())
        purity = purity + (np.abs(rho) ** 2).sum(axis=(-2, -1))
    result: NDArray[np.float64] = 2 * (1 - purity / n_wires)
    return result


def entangling_capability(circuit: BoundCircuit, *, n_draws: int = 200, seed: int = 0) -> float:
    """Return the mean of `meyer_wallach` over random weights.

    Args:
        circuit: Bound to data.
        n_draws: Draws of all weights.
        seed: Of the draws.

    Source: Sim, Johnson, Aspuru-Guzik 2019, eq. 12 (arXiv:1905.10876).
    """
    return float(meyer_wallach(random_states(circuit, n_draws, seed)).mean())
