"""QAOA on MaxCut, with its angles optimised on exact expectation values."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from torch import Tensor

from qml.circuits.qaoa import QAOACircuit
from qml.nn.quantum_layer import QuantumLayer
from qml.nn.twins import separable


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
    layer = qaoa_layer(n_wires, edges, n_layers)
    expected, angles = optimise_angles([layer], [cuts], rng=rng, n_random=n_random, n_refined=n_refined)
    return expected, probabilities_at(layer, angles)


def qaoa_layer(
    n_wires: int, edges: tuple[tuple[int, int], ...], n_layers: int, *, entangled: bool = True
) -> QuantumLayer:
    """Return the circuit as a layer from angles, shape (n, 2 n_layers), to probabilities, (n, 2**n_wires).

    Args:
        n_wires: One a node.
        edges: Pairs of nodes.
        n_layers: p.
        entangled: Whether gates between wires stay; without them it is the separable twin.
    """
    layer = QuantumLayer.from_circuit(QAOACircuit(n_wires, edges, n_layers))
    return layer if entangled else separable(layer)


def optimise_angles(
    layers: Sequence[QuantumLayer],
    values: Sequence[ArrayLike],
    *,
    rng: np.random.Generator,
    n_random: int = 100,
    n_refined: int = 5,
    max_iterations: int | None = None,
) -> tuple[float, NDArray[np.float64]]:
    """Maximise the mean expected value over graphs that share their angles, as `optimise_qaoa` does for one.

    Args:
        layers: One a graph, of the same number of angles.
        values: Of every assignment of each graph, shape (2**n_wires,).
        rng: Source of the first angles.
        n_random: Random settings tried first.
        n_refined: Of these, the best that are refined.
        max_iterations: Iterations of L-BFGS at most; None for SciPy's own limit.

    Returns:
        The mean expected value, and the angles, shape (2 n_layers,).

    >>> layer = qaoa_layer(2, ((0, 1),), n_layers=1)
    >>> expected, _ = optimise_angles([layer, layer], [[0, 1, 1, 0]] * 2, rng=np.random.default_rng(0))
    >>> round(expected, 6)
    1.0
    """
    sizes = [torch.tensor(np.asarray(of_graph), dtype=torch.float64) for of_graph in values]

    def expected_of(inputs: Tensor) -> Tensor:
        return torch.stack([layer(inputs) @ of_graph for layer, of_graph in zip(layers, sizes, strict=True)]).mean(0)

    def loss(angles: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        inputs = torch.tensor(angles, dtype=torch.float64).reshape(1, -1).requires_grad_()
        found = -expected_of(inputs)[0]
        (gradient,) = torch.autograd.grad(found, inputs)
        return found.item(), gradient.numpy()[0]

    n_angles = layers[0].n_inputs
    assert n_angles is not None  # a declared circuit knows
    first = rng.uniform(0, math.pi, size=(n_random, n_angles))
    with torch.no_grad():
        order = (-expected_of(torch.tensor(first))).numpy().argsort()[:n_refined]
    options = {} if max_iterations is None else {"maxiter": max_iterations}
    refined = (minimize(loss, first[k], jac=True, method="L-BFGS-B", options=options) for k in order)
    best = min(refined, key=lambda found: found.fun)
    return -float(best.fun), np.asarray(best.x, dtype=np.float64)


def probabilities_at(layer: QuantumLayer, angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of every assignment at some angles, shape (2**n_wires,)."""
    with torch.no_grad():
        probabilities = layer(torch.tensor(angles).reshape(1, -1)).numpy()[0]
    return np.asarray(probabilities, dtype=np.float64)
