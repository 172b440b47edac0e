"""Expressibility: how near the states of a circuit come to random ones."""

import numpy as np
from numpy.typing import NDArray

from qml.diagnostics.bound import BoundCircuit
from qml.diagnostics.random_weights import random_states


def expressibility(circuit: BoundCircuit, *, n_pairs: int = 500, n_bins: int = 75, seed: int = 0) -> float:
    """Return the divergence of the circuit's fidelities from those of Haar-random states.

    Args:
        circuit: Bound to data; its weights are drawn uniformly on [0, 2 pi).
        n_pairs: Pairs of states.
        n_bins: Bins of the histogram on [0, 1].
        seed: Of the draws.

    Returns:
        Nats, at least 0: small for an expressive circuit, (2**n_wires - 1) ln(n_bins) for one that does nothing.

    Source: Sim, Johnson, Aspuru-Guzik 2019 (arXiv:1905.10876).

    >>> from qml.diagnostics.bound import bind
    >>> from qml.nn import QuantumLayer
    >>> expressibility(bind(QuantumLayer.from_names(n_wires=2, n_layers=3), [[0.0, 0.0]])) < 0.3
    True
    """
    states = random_states(circuit, 2 * n_pairs, seed)
    fidelities = np.abs((states[::2].conj() * states[1::2]).sum(axis=1)) ** 2
    return divergence_from_haar(fidelities, circuit.n_wires, n_bins)


def divergence_from_haar(fidelities: NDArray[np.float64], n_wires: int, n_bins: int = 75) -> float:
    """Return KL(histogram || Haar) of fidelities, whose density for Haar-random states is (d - 1)(1 - F)**(d - 2).

    Args:
        fidelities: In [0, 1], shape (n_pairs,).
        n_wires: Of the states; d = 2**n_wires.
        n_bins: Bins of the histogram.

    Source: Życzkowski, Sommers 2005 (arXiv:quant-ph/0311117); Sim et al. 2019, eq. 8 (arXiv:1905.10876).

    >>> divergence_from_haar(np.ones(10), 1).__round__(3)  # ln 75
    4.317
    """
    counts, edges = np.histogram(np.clip(fidelities, 0, 1), bins=n_bins, range=(0, 1))
    share = counts / counts.sum()
    # ln((1 - left)**(d-1) - (1 - right)**(d-1)), without underflow for the last bins of many wires
    power = 2.0**n_wires - 1
    left, right = np.log1p(-edges[:-1]), np.append(np.log1p(-edges[1:-1]), -np.inf)
    log_haar = power * left + np.log1p(-np.exp(power * (right - left)))
    full = share > 0
    return float((share[full] * (np.log(share[full]) - log_haar[full])).sum())
