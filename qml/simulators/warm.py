"""Compile the kernels for this machine: ``python -m qml.simulators.warm``.

Numba compiles them at their first use anyway and keeps the result; an installer may want to do it before.
"""

import torch

from qml.circuits import LayeredCircuit
from qml.simulators.autograd import simulate
from qml.simulators.engine import Engine
from qml.simulators.trace import trace


def warm() -> None:
    """Run a small and a large circuit forward and backward in each dtype: that is every kernel."""
    for n_wires in (2, 13):
        circuit = LayeredCircuit("angle", "strongly-entangling", n_wires=n_wires, n_layers=1)
        program = trace(circuit, circuit.n_inputs, circuit.weight_shapes).program
        for dtype in (torch.float32, torch.float64):
            engine = Engine(program, str(dtype).removeprefix("torch."))
            inputs = torch.zeros(1, n_wires, dtype=dtype)
            weights = torch.zeros(program.n_weights, dtype=dtype, requires_grad=True)
            torch.autograd.grad(simulate(engine, inputs, weights, None, 1).sum(), weights)


if __name__ == "__main__":
    warm()
