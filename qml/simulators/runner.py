"""One way to run a circuit on a batch: what a layer holds, whichever engine it is."""

import copy
from collections.abc import Mapping
from typing import Protocol

import torch
from torch import Tensor

from qml.simulators import operators
from qml.simulators.autograd import join, simulate
from qml.simulators.compiled import compiled
from qml.simulators.trace import Traced


class Runner(Protocol):
    """Runs one circuit."""

    def __call__(self, inputs: Tensor, weights: Mapping[str, Tensor]) -> Tensor:
        """Run a batch.

        Args:
            inputs: Features, shape (n_samples, n_inputs).
            weights: By argument name, in the order of the circuit's weight shapes.

        Returns:
            Shape (n_samples, *output of one sample).
        """


class StatevectorRunner:
    """Runs a traced circuit on the CPU engine, in the dtype of its inputs.

    Args:
        traced: The circuit.
        n_threads: At most this many threads a call; None for ``torch.get_num_threads()``.
    """

    def __init__(self, traced: Traced, n_threads: int | None = None) -> None:
        self.traced = traced
        self.n_threads = n_threads
        self._scalar = traced.program.measurement.shape == ()
        self._compiled = compiled(traced.program)
        self._compiled.prepare()
        self._key = self._compiled.key

    def __call__(self, inputs: Tensor, weights: Mapping[str, Tensor]) -> Tensor:
        """Run a batch, see ``Runner``."""
        dtype = inputs.dtype
        values = [value if value.dtype == dtype else value.to(dtype) for value in weights.values()]
        variables, initial = (inputs, None) if self.traced.extra is None else self.traced.variables(inputs, values)
        if torch.compiler.is_compiling():
            raw = operators.simulate(self._key, self.n_threads or 0, variables, join(values, inputs), initial)
            out = self._compiled.read(raw)
        else:
            n_threads = self.n_threads or torch.get_num_threads()
            out = simulate(self._compiled.engine(dtype), variables, values, initial, n_threads)
        return out[:, 0] if self._scalar else out


class TorchRunner:
    """Runs a traced circuit in torch operations, on the device and in the dtype of its inputs.

    Args:
        traced: The circuit.
    """

    def __init__(self, traced: Traced) -> None:
        self.traced = traced
        self._scalar = traced.program.measurement.shape == ()
        self._compiled = compiled(traced.program)
        self._compiled.prepare()
        for dtype in (torch.float32, torch.float64):
            self._compiled.torch.prepare(torch.device("cpu"), dtype)
        self._traced_on: dict[torch.device, Traced] = {torch.device("cpu"): traced}

    def __call__(self, inputs: Tensor, weights: Mapping[str, Tensor]) -> Tensor:
        """Run a batch, see ``Runner``."""
        values = [value.to(inputs.dtype) for value in weights.values()]
        variables, initial = self._on(inputs.device).variables(inputs, values)
        out = self._compiled.read(self._compiled.torch(variables, join(values, inputs), initial))
        return out[:, 0] if self._scalar else out

    def _on(self, device: torch.device) -> Traced:
        """Return the traced circuit with its constants on a device."""
        if device not in self._traced_on:
            self._traced_on[device] = _move(self.traced, device)
        return self._traced_on[device]


def _move(traced: Traced, device: torch.device) -> Traced:
    """Move what a tracer wrote down on the CPU to another device."""
    if traced.extra is None:
        return traced
    module = copy.deepcopy(traced.extra).to(device)
    for node in module.graph.nodes:
        if "device" in node.kwargs:
            node.kwargs = {**node.kwargs, "device": device}
    module.recompile()
    return Traced(traced.program, module, traced.n_inputs)
