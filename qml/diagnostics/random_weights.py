"""Random weights of a circuit: what expressibility, entanglement and gradient variance average over."""

import numpy as np
from numpy.typing import NDArray

from qml.diagnostics.bound import BoundCircuit


def draw_weights(circuit: BoundCircuit, rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    """Draw every weight uniformly on [0, 2 pi), by name."""
    return {name: np.asarray(rng.uniform(0, 2 * np.pi, value.shape)) for name, value in circuit.weights.items()}


def random_states(circuit: BoundCircuit, n_draws: int, seed: int) -> NDArray[np.complex128]:
    """Return final states at random weights, shape (n_draws, 2**n_wires); the inputs are the bound rows in turn.

    A circuit without weights is given its rows.
    """
    rng = np.random.default_rng(seed)
    found = []
    for draw in range(n_draws):
        row = draw % len(circuit.inputs)
        one = BoundCircuit(circuit.traced, circuit.inputs[row : row + 1], draw_weights(circuit, rng))
        found.append(one.states()[0])
    return np.array(found)
