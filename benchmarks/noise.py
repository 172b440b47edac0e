"""Speed of a noisy ``QuantumLayer`` against PennyLane's: all in one run, in turn, as ratios of medians.

One training step (forward, backward, gradients for weights and inputs), AngleEmbedding(RY) and
StronglyEntanglingLayers, ⟨Z⟩ on every wire, a depolarising channel on each wire of each gate, one thread each.  Peers:
``TorchLayer`` on default.mixed with backprop, and ``TorchLayer`` on qiskit.aer with parameter shift and Aer's noise
model of the same gates, where the package pennylane-qiskit is installed.  Writes ``noise.json`` and ``noise.md``
beside this file.

    python benchmarks/noise.py
    python benchmarks/noise.py --alone    # without Aer, also in place of a run that has it
"""

import importlib.util
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pennylane as qp
import torch

from qml import QuantumLayer, __version__
from qml.simulators import NoiseModel

HERE = Path(__file__).parent
CONFIGURATIONS = [(4, 3, 4), (4, 3, 32), (4, 3, 256), (6, 3, 32), (8, 1, 4)]  # wires, layers, batch
ONE_WIRE, TWO_WIRE = 0.005, 0.02
ROUNDS = 5
SECONDS_A_ROUND = 0.5
MIXED, AER = "TorchLayer default.mixed backprop", "TorchLayer qiskit.aer parameter-shift"


def circuit_on(n_wires: int) -> Callable:
    """Return the quantum function without noise."""

    def circuit(inputs, weights):
        qp.AngleEmbedding(inputs, wires=range(n_wires), rotation="Y")
        qp.StronglyEntanglingLayers(weights, wires=range(n_wires))
        return [qp.expval(qp.Z(wire)) for wire in range(n_wires)]

    return circuit


def noisy_circuit_on(n_wires: int, n_layers: int) -> Callable:
    """Return the same quantum function with a channel after every gate, by hand."""

    def circuit(inputs, weights):
        for wire in range(n_wires):
            qp.RY(inputs[..., wire], wires=wire)
            qp.DepolarizingChannel(ONE_WIRE, wires=wire)
        for layer in range(n_layers):
            for wire in range(n_wires):
                qp.Rot(*weights[layer, wire], wires=wire)
                qp.DepolarizingChannel(ONE_WIRE, wires=wire)
            for wire in range(n_wires):
                other = (wire + layer % (n_wires - 1) + 1) % n_wires
                qp.CNOT(wires=[wire, other])
                qp.DepolarizingChannel(TWO_WIRE, wires=wire)
                qp.DepolarizingChannel(TWO_WIRE, wires=other)
        return [qp.expval(qp.Z(wire)) for wire in range(n_wires)]

    return circuit


def layers(n_wires: int, n_layers: int, batch: int) -> dict[str, torch.nn.Module]:
    """Build every layer with the same weights."""
    shapes = {"weights": (n_layers, n_wires, 3)}
    noise = NoiseModel.depolarizing(ONE_WIRE, TWO_WIRE)
    own = QuantumLayer(circuit_on(n_wires), shapes, noise=noise, n_threads=1)
    device = qp.device("default.mixed", wires=n_wires)
    noisy = noisy_circuit_on(n_wires, n_layers)
    qnode = qp.QNode(noisy, device, interface="torch", diff_method="backprop")
    built = {"QuantumLayer": own, MIXED: qp.qnn.TorchLayer(qnode, shapes)}
    if batch <= 4 and n_wires <= 4 and importlib.util.find_spec("pennylane_qiskit"):
        built[AER] = qp.qnn.TorchLayer(aer_qnode(n_wires), shapes)
    for layer in built.values():
        layer.load_state_dict(own.state_dict())
    if AER in built:
        built[AER] = SampleBySample(built[AER])
    return built


class SampleBySample(torch.nn.Module):
    """A layer called on one sample after the other: parameter shift takes no batch of inputs with gradients."""

    def __init__(self, layer: torch.nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Run a batch."""
        return torch.stack([self.layer(row) for row in inputs])


def aer_qnode(n_wires: int) -> qp.QNode:
    """Return the circuit on Aer, with Aer's noise model."""
    from qiskit_aer.noise import NoiseModel as AerNoiseModel
    from qiskit_aer.noise import depolarizing_error

    model = AerNoiseModel()
    single = depolarizing_error(TWO_WIRE * 4 / 3, 1)
    model.add_all_qubit_quantum_error(depolarizing_error(ONE_WIRE * 4 / 3, 1), ["rx", "ry", "rz", "u3", "u"])
    model.add_all_qubit_quantum_error(single.tensor(single), ["cx"])
    device = qp.device("qiskit.aer", wires=n_wires, noise_model=model, max_parallel_threads=1)
    qnode = qp.QNode(circuit_on(n_wires), device, interface="torch", diff_method="parameter-shift")
    return qp.set_shots(qnode, 1000)


def step(layer: torch.nn.Module, inputs: torch.Tensor) -> Callable[[], None]:
    """Return one forward and backward pass."""

    def run() -> None:
        layer.zero_grad()
        inputs.grad = None
        layer(inputs).sum().backward()

    return run


def measure(steps: dict[str, Callable[[], None]]) -> dict[str, float]:
    """Return median seconds; the layers take turns, so that a busy moment hits all of them."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    for run in steps.values():
        run()
    for _ in range(ROUNDS):
        for name, run in steps.items():
            if name == AER and times[name]:
                continue  # one step takes seconds
            until = time.perf_counter() + SECONDS_A_ROUND
            first = True
            while first or time.perf_counter() < until:
                first = False
                start = time.perf_counter()
                run()
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    """Measure and write the files; without Aer, leave those alone that hold it."""
    page, has_aer = HERE / "noise.md", importlib.util.find_spec("pennylane_qiskit") is not None
    if not has_aer and "--alone" not in sys.argv and AER in page.read_text():
        print(f"{page.name} is left as it is: it holds {AER}, and pennylane-qiskit is not installed.")
        print("Install that in an environment of its own, or give --alone to measure without it.")
        return
    torch.set_num_threads(1)
    results = []
    for n_wires, n_layers, batch in CONFIGURATIONS:
        inputs = torch.rand(batch, n_wires, requires_grad=True)
        built = layers(n_wires, n_layers, batch)
        with torch.no_grad():
            error = float((built["QuantumLayer"](inputs) - built[MIXED](inputs)).abs().max())
        seconds = measure({name: step(layer, inputs) for name, layer in built.items()})
        results.append(
            {"wires": n_wires, "layers": n_layers, "batch": batch, "seconds": seconds, "largest_difference": error}
        )
        print(n_wires, n_layers, batch, {name: f"{value * 1e3:.3f} ms" for name, value in seconds.items()}, flush=True)
    about = {
        "qml": __version__,
        "pennylane": qp.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "threads": 1,
    }
    (HERE / "noise.json").write_text(json.dumps({"about": about, "results": results}, indent=2) + "\n")
    page.write_text(table(about, results))


def table(about: dict, results: list[dict]) -> str:
    """Return the Markdown page."""
    peers = [name for name in (MIXED, AER) if any(name in row["seconds"] for row in results)]
    lines = [
        "# Training under noise",
        "",
        "Written by `make bench`. Milliseconds for one training step (forward and backward, gradients",
        "for weights and inputs) with a depolarising channel on each wire of each gate; AngleEmbedding(RY) +",
        "StronglyEntanglingLayers, ⟨Z⟩ on every wire; medians, one thread each, in one run. QuantumLayer in float32.",
        f"PennyLane {about['pennylane']}, torch {about['torch']}, Python {about['python']}.",
        "",
        "| wires, layers, batch | QuantumLayer | " + " | ".join(peers) + " |",
        "|---|---|" + "---|" * len(peers),
    ]
    for row in results:
        own = row["seconds"]["QuantumLayer"]
        cells = [
            f"{row['seconds'][name] * 1e3:.1f} ({row['seconds'][name] / own:.0f}×)" if name in row["seconds"] else "–"
            for name in peers
        ]
        lines.append(
            f"| {row['wires']}, {row['layers']}, {row['batch']} | **{own * 1e3:.3f}** | " + " | ".join(cells) + " |"
        )
    lines += ["", "In brackets: how many times QuantumLayer is faster.", ""]
    if AER in peers:
        lines[-1:] = ["Aer samples 1000 shots a circuit, one sample of the batch after the other.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
