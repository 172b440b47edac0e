"""One training step with shots and on Qiskit Aer, in one run, in turn: ``QuantumLayer`` and PennyLane's Qiskit plugin.

Forward and backward with gradients for weights and inputs, float32, AngleEmbedding(RY) and StronglyEntanglingLayers,
⟨Z⟩ on every wire, one thread each.  The peer, ``TorchLayer`` on the device ``qiskit.aer``, is measured where
pennylane-qiskit is installed; it takes older versions of Qiskit than this package, so it wants an environment of its
own.  Writes ``aer.json`` and ``aer.md`` beside this file.

    python benchmarks/aer.py
    python benchmarks/aer.py --alone    # without the peer, also in place of a run that has it
"""

import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pennylane as qp
import qiskit
import qiskit_aer
import torch
from qiskit_aer.noise import NoiseModel, depolarizing_error

from qml import QuantumLayer, __version__

HERE = Path(__file__).parent
N_WIRES, N_LAYERS, BATCH, SHOTS = 4, 3, 4, 1000
ROUNDS = 5
SECONDS_A_ROUND = 1.0
SHAPES = {"weights": (N_LAYERS, N_WIRES, 3)}


def circuit(inputs, weights):
    qp.AngleEmbedding(inputs, wires=range(N_WIRES), rotation="Y")
    qp.StronglyEntanglingLayers(weights, wires=range(N_WIRES))
    return [qp.expval(qp.Z(wire)) for wire in range(N_WIRES)]


def noise_model() -> NoiseModel:
    """Return depolarising noise after every gate."""
    model = NoiseModel()
    model.add_all_qubit_quantum_error(depolarizing_error(0.005, 1), ["rx", "ry", "rz"])
    model.add_all_qubit_quantum_error(depolarizing_error(0.02, 2), ["cx"])
    return model


class OneByOne(torch.nn.Module):
    """TorchLayer a sample: by parameter shift it takes no batches (PennyLane issue 6078)."""

    def __init__(self, layer: torch.nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Run every sample, shape (n_samples, n_inputs)."""
        return torch.stack([self.layer(row) for row in inputs])


def peer(**options) -> torch.nn.Module:
    """Build TorchLayer on Aer through PennyLane's plugin."""
    device = qp.device("qiskit.aer", wires=N_WIRES, max_parallel_threads=1, **options)
    qnode = qp.set_shots(qp.QNode(circuit, device, interface="torch", diff_method="parameter-shift"), SHOTS)
    return OneByOne(qp.qnn.TorchLayer(qnode, SHAPES))


def layers() -> dict[str, torch.nn.Module]:
    """Build everything that is measured."""
    noise = {"noise_model": noise_model()}
    common = {"n_inputs": N_WIRES, "n_threads": 1}
    built: dict[str, torch.nn.Module] = {
        "QuantumLayer, exact, adjoint": QuantumLayer(circuit, SHAPES, **common),
        f"QuantumLayer, shots={SHOTS}": QuantumLayer(circuit, SHAPES, shots=SHOTS, **common),
        "QuantumLayer, backend='aer', exact": QuantumLayer(circuit, SHAPES, backend="aer", **common),
        f"QuantumLayer, backend='aer', shots={SHOTS}": QuantumLayer(
            circuit, SHAPES, backend="aer", shots=SHOTS, **common
        ),
        "QuantumLayer, backend='aer', noise, exact": QuantumLayer(
            circuit, SHAPES, backend="aer", aer_options=noise, **common
        ),
        f"QuantumLayer, backend='aer', noise, shots={SHOTS}": QuantumLayer(
            circuit, SHAPES, backend="aer", shots=SHOTS, aer_options=noise, **common
        ),
    }
    if find_spec("pennylane_qiskit") is not None:
        built[f"TorchLayer, qiskit.aer, shots={SHOTS}"] = peer()
        built[f"TorchLayer, qiskit.aer, noise, shots={SHOTS}"] = peer(**noise)
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
            while True:
                start = time.perf_counter()
                run()
                times[name].append(time.perf_counter() - start)
                if time.perf_counter() >= until:
                    break
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    """Measure and write the files; without the peer, leave those alone that hold it."""
    page = HERE / "aer.md"
    if find_spec("pennylane_qiskit") is None and "--alone" not in sys.argv and "| TorchLayer" in page.read_text():
        print(
            f"{page.name} is left as it is: it holds TorchLayer on qiskit.aer, and pennylane-qiskit is not installed."
        )
        print("Install that in an environment of its own, or give --alone to measure without it.")
        return
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    inputs = torch.rand(BATCH, N_WIRES, generator=generator).requires_grad_()
    built = layers()
    first = next(iter(built.values()))
    for layer in built.values():
        getattr(layer, "layer", layer).load_state_dict(first.state_dict())
    with torch.no_grad():
        exact = first(inputs)
        differences = {name: float((layer(inputs) - exact).abs().max()) for name, layer in built.items()}
    seconds = measure({name: step(layer, inputs) for name, layer in built.items()})
    about = {
        "qml": __version__,
        "pennylane": qp.__version__,
        "qiskit": qiskit.__version__,
        "qiskit_aer": qiskit_aer.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "threads": 1,
    }
    results = {"wires": N_WIRES, "layers": N_LAYERS, "batch": BATCH, "seconds": seconds, "differences": differences}
    (HERE / "aer.json").write_text(json.dumps({"about": about, "results": results}, indent=2) + "\n")
    text = table(about, seconds, differences)
    page.write_text(text)
    print(text)


def table(about: dict, seconds: dict[str, float], differences: dict[str, float]) -> str:
    """Return the Markdown page."""
    slowest = max(seconds.values())
    lines = [
        "# Shots and Aer",
        "",
        "Written by `make bench`. Milliseconds for one forward and one backward pass with gradients for",
        f"weights and inputs at {N_WIRES} wires, {N_LAYERS} layers, batch {BATCH}, float32, ⟨Z⟩ on every wire;",
        "medians, one thread each, in one run.",
        f"PennyLane {about['pennylane']}, Qiskit {about['qiskit']}, Aer {about['qiskit_aer']}, torch {about['torch']}, "
        f"Python {about['python']}.",
        "",
        "| | ms | times faster than the slowest | largest difference from exact values |",
        "|---|---|---|---|",
    ]
    for name, value in seconds.items():
        lines.append(f"| {name} | {value * 1e3:.2f} | {slowest / value:.0f} | {differences[name]:.1e} |")
    if not any(name.startswith("TorchLayer") for name in seconds):
        lines += ["", "pennylane-qiskit was not installed: TorchLayer on `qiskit.aer` was left out."]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
