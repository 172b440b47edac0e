"""Compile the kernels for this machine: ``python -m qml.simulators.warm``.

Numba compiles them at their first use anyway and keeps the result; an installer may want to do it before.
"""

import sys

import torch

from qml.circuits import LayeredCircuit
from qml.simulators.autograd import simulate
from qml.simulators.density import DensityRunner, gates_after
from qml.simulators.engine import Engine
from qml.simulators.noise import NoiseModel
from qml.simulators.trace import trace


def warm() -> None:
    """Run a batch in two threads and a large circuit in each dtype, and a circuit with noise: that is every kernel.

    It says on standard error what it compiles, since all of it takes minutes.
    """
    for part, what, n_wires, n_samples in ((1, "small circuits", 12, 64), (2, "large circuits", 13, 1)):
        _say(part, what)
        circuit = LayeredCircuit("angle", "strongly-entangling", n_wires=n_wires, n_layers=1)
        program = trace(circuit, circuit.n_inputs, circuit.weight_shapes).program
        for dtype in (torch.float32, torch.float64):
            engine = Engine(program, str(dtype).removeprefix("torch."))
            inputs = torch.zeros(n_samples, n_wires, dtype=dtype)
            weights = torch.zeros(program.n_weights, dtype=dtype, requires_grad=True)
            torch.autograd.grad(simulate(engine, inputs, weights, None, 2).sum(), weights)
    _say(3, "circuits with noise")
    noise = NoiseModel.depolarizing(0.01, 0.01)
    circuit = LayeredCircuit("angle", "strongly-entangling", n_wires=2, n_layers=1)
    traced = trace(circuit, circuit.n_inputs, circuit.weight_shapes, after=gates_after(noise))
    runner = DensityRunner(traced, noise, 1)
    for dtype in (torch.float32, torch.float64):
        weights = torch.zeros(circuit.weight_shapes["weights"], dtype=dtype, requires_grad=True)
        torch.autograd.grad(runner(torch.zeros(1, 2, dtype=dtype), {"weights": weights}).sum(), weights)


def _say(part: int, what: str) -> None:
    print(f"compiling the kernels for this machine, {part} of 3: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    warm()
