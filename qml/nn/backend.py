"""A trained module under other conditions: every quantum layer in it with shots, with noise, or with neither."""

import copy

import torch
from torch import nn

from qml.errors import CircuitError
from qml.nn.quantum_layer import QuantumLayer
from qml.simulators import NoiseModel


def with_backend(
    module: nn.Module,
    *,
    shots: int | None = None,
    noise: NoiseModel | None = None,
    shot_generator: torch.Generator | None = None,
) -> nn.Module:
    """Return a copy of a module whose quantum layers run under these shots and this noise; nothing is trained anew.

    Args:
        module: With at least one `QuantumLayer` in it.
        shots: Samples a measurement setting; None for exact values.
        noise: Channels after the gates and errors of the readout; None for none.
        shot_generator: Source of the samples of all layers; by default each layer's own, seeded from entropy.

    Raises:
        CircuitError: If there is no quantum layer, or one that cannot run so.

    >>> model = nn.Sequential(nn.Linear(3, 2), QuantumLayer.from_names(n_wires=2), nn.Linear(2, 1))
    >>> with_backend(model, shots=100)(torch.zeros(5, 3)).shape
    torch.Size([5, 1])
    """
    copied = copy.deepcopy(module)
    layers = [layer for layer in copied.modules() if isinstance(layer, QuantumLayer)]
    if not layers:
        raise CircuitError(f"{type(module).__name__} holds no quantum layer, so shots and noise change nothing in it.")
    for layer in layers:
        layer.set_backend(shots=shots, noise=noise, shot_generator=shot_generator)
    return copied
