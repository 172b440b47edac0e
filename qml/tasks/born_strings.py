"""Strings measured on a random circuit of the Born machine's own family: made for a quantum model to win."""

import numpy as np
from numpy.typing import NDArray

from qml.tasks.generation import generation_task
from qml.tasks.task import TASKS

N_BITS = 6
N_LAYERS = 2


def measured(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of every string on ``qml.circuits.BornCircuit``.

    Args:
        weights: Angles in radians, shape (n_layers, n_bits, 3).

    >>> measured(np.zeros((1, 2, 3))).tolist()
    [1.0, 0.0, 0.0, 0.0]
    """
    import torch

    from qml.circuits import BornCircuit
    from qml.nn import QuantumLayer

    circuit = BornCircuit(weights.shape[1], len(weights))
    layer = QuantumLayer.from_circuit(circuit, init_method={"weights": torch.tensor(weights)}, dtype=torch.float64)
    with torch.inference_mode():
        probabilities: NDArray[np.float64] = layer(torch.zeros(1, 0, dtype=torch.float64)).numpy()[0].copy()
    probabilities /= probabilities.sum()
    return probabilities


def draw(rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw a circuit with two layers, its angles uniform."""
    return measured(rng.uniform(0, 2 * np.pi, size=(N_LAYERS, N_BITS, 3)))


TASKS.add(
    generation_task(
        name="born-strings",
        n_bits=N_BITS,
        draw=draw,
        n_train=100,
        summary="six bits measured on a hidden random circuit with two layers, another in every replicate",
        source="Boixo et al. 2018 (arXiv:1608.00263), in the Born machine's own family of circuits",
        engineered=True,
    )
)
