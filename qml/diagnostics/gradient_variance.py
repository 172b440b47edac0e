"""Gradient variance over random weights: is there a barren plateau?"""

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from qml.diagnostics.bound import BoundCircuit
from qml.diagnostics.random_weights import draw_weights
from qml.errors import CircuitError
from qml.simulators import StatevectorRunner


def gradient_variance(circuit: BoundCircuit, *, n_draws: int = 200, seed: int = 0) -> NDArray[np.float64]:
    """Return the variance of the first output's derivative by each weight, over weights uniform on [0, 2 pi).

    The inputs are the bound rows, one after the other.

    Args:
        circuit: That measures expectation values or probabilities.
        n_draws: Draws of all weights, at least 2.
        seed: Of the draws.

    Returns:
        One variance a weight, flattened in the order of the circuit's weight shapes.

    Raises:
        CircuitError: If the circuit has no weights, or returns its state.

    Source: McClean et al. 2018 (arXiv:1803.11173).

    >>> from qml.diagnostics.bound import bind
    >>> from qml.nn import QuantumLayer
    >>> circuit = bind(QuantumLayer.from_names(n_wires=1, ansatz="basic-entangling"), [[0.0]])
    >>> bool(abs(gradient_variance(circuit)[0] - 0.5) < 0.1)  # of cos(theta)
    True
    """
    if circuit.measures_state or not circuit.traced.program.n_weights:
        raise CircuitError("gradient variance needs trained weights and measured values; this circuit lacks either.")
    runner, rows = StatevectorRunner(circuit.traced), torch.from_numpy(circuit.inputs)
    rng = np.random.default_rng(seed)
    found = []
    for draw in range(n_draws):
        row = draw % len(rows)
        weights: dict[str, Any] = {
            name: torch.from_numpy(value).requires_grad_() for name, value in draw_weights(circuit, rng).items()
        }
        first = runner(rows[row : row + 1], weights).reshape(-1)[0]
        parts = torch.autograd.grad(first, list(weights.values()), allow_unused=True, materialize_grads=True)
        found.append(torch.cat([part.reshape(-1) for part in parts]).numpy())
    variance: NDArray[np.float64] = np.var(found, axis=0)
    return variance


def two_design_gradient_variance(n_wires: int) -> float:
    """Return the variance of d⟨P⟩/dθ for a Pauli word P and a gate exp(-i θ Q / 2) between two random circuits.

    Both circuits being 2-designs, it is d² / (2 (d² - 1) (d + 1)) with d = 2**n_wires: it halves with every wire.

    Source: McClean et al. 2018, whose second-moment integrals are done here for Pauli words (arXiv:1803.11173).

    >>> round(two_design_gradient_variance(1), 4)
    0.2222
    """
    dimension = math.ldexp(1.0, n_wires)
    return dimension**2 / (2 * (dimension**2 - 1) * (dimension + 1))
