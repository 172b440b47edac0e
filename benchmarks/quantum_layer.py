"""Speed of ``QuantumLayer`` against the layers it replaces: all in one run, in turn, as ratios of medians.

Forward and backward with gradients for weights and inputs, float32, AngleEmbedding(RY) and StronglyEntanglingLayers,
⟨Z⟩ on every wire, one thread each.  Writes ``quantum_layer.json`` and the table of ``README.md`` beside this file.

    python benchmarks/quantum_layer.py
"""

import json
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pennylane as qp
import torch

from qml import QuantumLayer, __version__

HERE = Path(__file__).parent
CONFIGURATIONS = [(4, 3, 32), (6, 3, 32), (8, 3, 32), (4, 3, 256), (8, 3, 256)]  # wires, layers, batch
ROUNDS = 7
SECONDS_A_ROUND = 0.4
PEERS = {"TorchLayer default.qubit backprop": "default.qubit", "TorchLayer lightning.qubit adjoint": "lightning.qubit"}


def circuit_on(n_wires: int) -> Callable:
    """Return the quantum function that all layers share."""

    def circuit(inputs, weights):
        qp.AngleEmbedding(inputs, wires=range(n_wires), rotation="Y")
        qp.StronglyEntanglingLayers(weights, wires=range(n_wires))
        return [qp.expval(qp.Z(wire)) for wire in range(n_wires)]

    return circuit


def layers(n_wires: int, n_layers: int) -> dict[str, torch.nn.Module]:
    """Build every layer with the same weights."""
    shapes = {"weights": (n_layers, n_wires, 3)}
    built: dict[str, torch.nn.Module] = {"QuantumLayer": QuantumLayer(circuit_on(n_wires), shapes, n_threads=1)}
    for name, device in PEERS.items():
        method = "backprop" if device == "default.qubit" else "adjoint"
        qnode = qp.QNode(circuit_on(n_wires), qp.device(device, wires=n_wires), interface="torch", diff_method=method)
        built[name] = qp.qnn.TorchLayer(qnode, shapes)
        built[name].load_state_dict(built["QuantumLayer"].state_dict())
    return built


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
            until = time.perf_counter() + SECONDS_A_ROUND
            while time.perf_counter() < until or not times[name]:
                start = time.perf_counter()
                run()
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    """Measure and write the files."""
    torch.set_num_threads(1)
    results = []
    for n_wires, n_layers, batch in CONFIGURATIONS:
        inputs = torch.rand(batch, n_wires, requires_grad=True)
        built = layers(n_wires, n_layers)
        with torch.no_grad():
            reference = built["QuantumLayer"](inputs)
            error = max(float((layer(inputs) - reference).abs().max()) for layer in built.values())
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
    (HERE / "quantum_layer.json").write_text(json.dumps({"about": about, "results": results}, indent=2) + "\n")
    (HERE / "README.md").write_text(table(about, results))


def table(about: dict, results: list[dict]) -> str:
    """Return the Markdown page."""
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Milliseconds for one forward and one backward pass with gradients for weights and",
        "inputs, float32, AngleEmbedding(RY) + StronglyEntanglingLayers, ⟨Z⟩ on every wire; medians, one thread each,",
        "in one run.",
        f"PennyLane {about['pennylane']}, torch {about['torch']}, Python {about['python']}.",
        "",
        "| wires, layers, batch | QuantumLayer | " + " | ".join(PEERS) + " |",
        "|---|---|" + "---|" * len(PEERS),
    ]
    for row in results:
        own = row["seconds"]["QuantumLayer"]
        peers = [f"{row['seconds'][name] * 1e3:.1f} ({row['seconds'][name] / own:.0f}×)" for name in PEERS]
        lines.append(
            f"| {row['wires']}, {row['layers']}, {row['batch']} | **{own * 1e3:.3f}** | " + " | ".join(peers) + " |"
        )
    lines += ["", "In brackets: how many times QuantumLayer is faster.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
