"""QAOA on MaxCut, with its angles optimised on exact expectation values."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize

from qml.circuits.qaoa import QAOACircuit
from qml.nn.quantum_layer import QuantumLayer


def optimise_qaoa(
    n_wires: int,
    edges: tuple[tuple[int, int], ...],
    cuts: NDArray[np.int64],
    *,
    n_layers: int,
    rng: np.random.Generator,
    n_random: int = 100,
    n_refined: int = 5,
) -> tuple[float, NDArray[np.float64]]:
    """Maximise the expected cut over the angles: random ones in one batch, then L-BFGS from the best of them.

    Args:
        n_wires: One a node.
        edges: Pairs of nodes.
        cuts: The cut of every assignment, shape (2**n_wires,).
        n_layers: p.
        rng: Source of the first angles.
        n_random: Random settings tried first.
        n_refined: Of these, the best that are refined.

    Returns:
        The expected cut, and the probability of every assignment, shape (2**n_wires,).

    Source: Farhi, Goldstone, Gutmann 2014 (arXiv:1411.4028).

    >>> edge = np.array([0, 1, 1, 0])
    >>> expected, _ = optimise_qaoa(2, ((0, 1),), edge, n_layers=1, rng=np.random.default_rng(0))
    >>> round(expected, 6)
    1.0
    """
    layer = QuantumLayer.from_circuit(QAOACircuit(n_wires, edges, n_layers))
    sizes = torch.tensor(cuts, dtype=torch.float64)

    def loss(angles: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        inputs = torch.tensor(angles, dtype=torch.float64).reshape(1, -1).requires_grad_()
        expected = -(layer(inputs) @ sizes)[0]
        (gradient,) = torch.autograd.grad(expected, inputs)
        return expected.item(), gradient.numpy()[0]

    first = rng.uniform(0, math.pi, size=(n_random, 2 * n_layers))
    with torch.no_grad():
        order = (-(layer(torch.tensor(first)) @ sizes)).numpy().argsort()[:n_refined]
    best = min((minimize(loss, first[k], jac=True, method="L-BFGS-B") for k in order), key=lambda found: found.fun)
    with torch.no_grad():
        probabilities = layer(torch.tensor(best.x).reshape(1, -1)).numpy()[0]
    return -float(best.fun), np.asarray(probabilities, dtype=np.float64)
