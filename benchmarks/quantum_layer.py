"""Speed of ``QuantumLayer`` against what it replaces: all in one run, in turn, as ratios of medians.

Forward and backward with gradients for weights and inputs, float32, AngleEmbedding(RY) and StronglyEntanglingLayers,
⟨Z⟩ on every wire.  The process is bound to one core, so that every peer has one thread.  Writes
``quantum_layer.json`` and ``README.md`` beside this file.

    python benchmarks/quantum_layer.py
    python benchmarks/quantum_layer.py --page    # write the page again, measure nothing

A run on another machine that should be shown beside this one goes into ``other_machines``, named for its commit.
"""

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

if hasattr(os, "sched_setaffinity"):  # before any library counts the cores
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import numba
import numpy as np
import pennylane as qp
import torch

from qml import QuantumLayer, __version__

HERE = Path(__file__).parent
CONFIGURATIONS = [(4, 3, 32), (8, 3, 32), (8, 3, 256), (12, 3, 32), (16, 3, 8), (20, 2, 1)]  # wires, layers, batch
ROUNDS = 5
SECONDS_A_ROUND = 0.5
OWN = "QuantumLayer"
BACKPROP = "TorchLayer default.qubit"
ADJOINT = "TorchLayer lightning.qubit"
JAX = "PennyLane + JAX jit"
PEERS = (BACKPROP, ADJOINT, JAX)
MAX_BACKPROP_WIRES = 12  # beyond, its memory and time are out of proportion
# What the project asks of itself: how many times faster, at least.
FLOORS = {
    (4, 3, 32): {BACKPROP: 120, JAX: 1.3},
    (8, 3, 32): {BACKPROP: 60, JAX: 5},
    (8, 3, 256): {BACKPROP: 25, JAX: 6},
    (12, 3, 32): {BACKPROP: 20, JAX: 10},
    (16, 3, 8): {ADJOINT: 10, JAX: 6},
    (20, 2, 1): {ADJOINT: 15, JAX: 2},
}

# Operations of a one-wire gate on a pair of amplitudes: forward, then backward on both states, then the cross matrix.
_FLOPS_A_PAIR = 28 + 2 * 28 + 32

_STEPS = 16  # multiply-adds between a load and a store, to measure the arithmetic and not the cache

Step = Callable[[], None]


def circuit_on(n_wires: int) -> Callable[..., Any]:
    """Return the quantum function that all peers share."""

    def circuit(inputs, weights):
        qp.AngleEmbedding(inputs, wires=range(n_wires), rotation="Y")
        qp.StronglyEntanglingLayers(weights, wires=range(n_wires))
        return [qp.expval(qp.Z(wire)) for wire in range(n_wires)]

    return circuit


def torch_step(layer: torch.nn.Module, inputs: torch.Tensor) -> Step:
    """Return one forward and backward pass of a torch layer."""

    def run() -> None:
        layer.zero_grad()
        inputs.grad = None
        layer(inputs).sum().backward()

    return run


def torch_layer(device: str, method: str, n_wires: int, weights: torch.Tensor) -> torch.nn.Module:
    """Return a TorchLayer with these weights."""
    qnode = qp.QNode(circuit_on(n_wires), qp.device(device, wires=n_wires), interface="torch", diff_method=method)
    layer = qp.qnn.TorchLayer(qnode, {"weights": tuple(weights.shape)})
    layer.load_state_dict({"weights": weights})
    return layer


def jax_step(n_wires: int, inputs: torch.Tensor, weights: torch.Tensor) -> tuple[Step, float]:
    """Return one jitted value-and-gradient call, and the seconds of its compilation."""
    import jax
    import jax.numpy as jnp

    qnode = qp.QNode(circuit_on(n_wires), qp.device("default.qubit", wires=n_wires), interface="jax")

    def loss(x, w):
        return jnp.sum(jnp.stack(jax.vmap(lambda row: jnp.stack(qnode(row, w)))(x)))

    gradient = jax.jit(jax.value_and_grad(loss, argnums=(0, 1)))
    x, w = jnp.asarray(inputs.detach().numpy()), jnp.asarray(weights.numpy())
    start = time.perf_counter()
    jax.block_until_ready(gradient(x, w))
    return lambda: jax.block_until_ready(gradient(x, w)), time.perf_counter() - start


def measure(steps: dict[str, Step]) -> dict[str, float]:
    """Return median seconds; the peers take turns, so that a busy moment hits all of them."""
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
                if time.perf_counter() > until:
                    break
    return {name: statistics.median(values) for name, values in times.items()}


def first_call_seconds(n_wires: int = 8, n_layers: int = 5, batch: int = 32) -> float:
    """Return the seconds of a new circuit's first training step, once it is traced and others have run before."""
    for layers in (n_layers - 1, n_layers):
        own = QuantumLayer(circuit_on(n_wires), {"weights": (layers, n_wires, 3)}, n_inputs=n_wires, n_threads=1)
        run = torch_step(own, torch.rand(batch, n_wires, requires_grad=True))
        start = time.perf_counter()
        run()
    return time.perf_counter() - start


@numba.njit(fastmath={"contract"})
def _multiply_add(x, repeats, slope, shift):
    # Neither numbers that the compiler knows nor leave to reorder: it would do several steps in one and seem faster.
    for _ in range(repeats):
        for i in range(x.shape[0]):
            value = x[i]
            for _ in range(_STEPS):
                value = value * slope + shift
            x[i] = value


def multiply_add_limit() -> float:
    """Return the GF/s of multiply-adds on 8 KB of float32, the most that this core does from its first cache."""
    x, slope, shift = np.ones(2048, np.float32), np.float32(0.999), np.float32(0.001)
    _multiply_add(x, 1, slope, shift)
    best = 0.0
    for _ in range(20):
        start = time.perf_counter()
        _multiply_add(x, 2000, slope, shift)
        best = max(best, 2000 * len(x) * 2 * _STEPS / (time.perf_counter() - start) / 1e9)
    return best


def gigaflops(n_wires: int, n_layers: int, batch: int, seconds: float) -> float:
    """Return the GF/s of the one-wire gates alone; permutations and measurements count nothing."""
    gates = n_wires * (n_layers + 1)
    return gates * batch * 2 ** (n_wires - 1) * _FLOPS_A_PAIR / seconds / 1e9


def run_configuration(n_wires: int, n_layers: int, batch: int) -> dict[str, Any]:
    """Measure every peer on one circuit."""
    inputs = torch.rand(batch, n_wires, requires_grad=True)
    own = QuantumLayer(circuit_on(n_wires), {"weights": (n_layers, n_wires, 3)}, n_threads=1)
    weights = own.state_dict()["weights"]
    steps = {OWN: torch_step(own, inputs)}
    layers = {}
    if n_wires <= MAX_BACKPROP_WIRES:
        layers[BACKPROP] = torch_layer("default.qubit", "backprop", n_wires, weights)
    layers[ADJOINT] = torch_layer("lightning.qubit", "adjoint", n_wires, weights)
    steps |= {name: torch_step(layer, inputs) for name, layer in layers.items()}
    compile_seconds = None
    try:
        steps[JAX], compile_seconds = jax_step(n_wires, inputs, weights)
    except ImportError:
        print("JAX is not installed: pip install 'qml-sandbox[bench]'")
    with torch.no_grad():
        difference = max(float((layer(inputs) - own(inputs)).abs().max()) for layer in layers.values())
    seconds = measure(steps)
    return {
        "wires": n_wires,
        "layers": n_layers,
        "batch": batch,
        "seconds": seconds,
        "jax_compile_seconds": compile_seconds,
        "largest_difference": difference,
        "gigaflops": gigaflops(n_wires, n_layers, batch, seconds[OWN]),
        "asked": FLOORS.get((n_wires, n_layers, batch), {}),
    }


def main() -> None:
    """Measure and write the files."""
    if "--page" in sys.argv:
        write_page()
        return
    torch.set_num_threads(1)
    results = []
    for configuration in CONFIGURATIONS:
        results.append(run_configuration(*configuration))
        print(json.dumps(results[-1]), flush=True)
    about = {
        "qml": __version__,
        "pennylane": qp.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "threads": 1,
        "multiply_add_gigaflops": multiply_add_limit(),
        "first_call_seconds": first_call_seconds(),
    }
    (HERE / "quantum_layer.json").write_text(json.dumps({"about": about, "results": results}, indent=2) + "\n")
    write_page()


def write_page() -> None:
    """Write the Markdown page from the files that hold the measurements."""
    found = json.loads((HERE / "quantum_layer.json").read_text())
    others = {path.stem: json.loads(path.read_text()) for path in sorted((HERE / "other_machines").glob("*.json"))}
    (HERE / "README.md").write_text(page(found["about"], found["results"], others))


def page(about: dict[str, Any], results: list[dict[str, Any]], others: dict[str, Any]) -> str:
    """Return the Markdown page; ``others`` are runs on other machines, by the commit that they measured."""
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Milliseconds for one forward and one backward pass with gradients for weights and",
        "inputs, float32, AngleEmbedding(RY) + StronglyEntanglingLayers, ⟨Z⟩ on every wire; medians, one core for all,",
        f"in one run. PennyLane {about['pennylane']}, torch {about['torch']}, Python {about['python']}. In brackets:",
        "how many times `QuantumLayer` is faster. The last column counts the one-wire gates alone; multiply-adds in",
        f"the first cache reached {about['multiply_add_gigaflops']:.0f} GF/s on the same core. Nothing is compiled",
        f"for a circuit: the first step of a new one on 8 wires took {about['first_call_seconds'] * 1e3:.1f} ms after",
        "it was traced.",
        "",
        *table(results),
        "",
        floors(results),
        "",
    ]
    for commit, found in others.items():
        lines += [
            f"## Another machine, at commit {commit}",
            "",
            *table(found["results"]),
            "",
            floors(found["results"]),
            "",
        ]
    lines.append(
        "[Memory, first call, threads](footprint.md) · [training under noise](noise.md) · [shots and Aer](aer.md)"
    )
    return "\n".join([*lines, ""])


def table(results: list[dict[str, Any]]) -> list[str]:
    """Return a table of milliseconds and ratios."""
    lines = [
        f"| wires, layers, batch | {OWN} | " + " | ".join(PEERS) + " | GF/s |",
        "|---|---|" + "---|" * (len(PEERS) + 1),
    ]
    for row in results:
        own = row["seconds"][OWN]
        peers = []
        for name in PEERS:
            seconds = row["seconds"].get(name)
            text = "–" if seconds is None else f"{seconds * 1e3:.3g} ({seconds / own:.3g}×)"
            if name == JAX and row["jax_compile_seconds"] is not None:
                text += f", after {row['jax_compile_seconds']:.0f} s of compiling"
            peers.append(text)
        size = f"{row['wires']}, {row['layers']}, {row['batch']}"
        lines.append(f"| {size} | **{own * 1e3:.3g}** | " + " | ".join(peers) + f" | {row['gigaflops']:.0f} |")
    return lines


def floors(results: list[dict[str, Any]]) -> str:
    """Return which of the ratios that the project asks of itself are missed."""
    missed, count = [], 0
    for row in results:
        size = row["wires"], row["layers"], row["batch"]
        for name, least in FLOORS.get(size, {}).items():
            if name not in row["seconds"]:
                continue
            count += 1
            ratio = row["seconds"][name] / row["seconds"][OWN]
            if ratio < least:
                missed.append(f"{', '.join(map(str, size))} beside {name} is {ratio:.3g}×, and should be {least:g}×")
    met = f"{count - len(missed)} of the {count} ratios that the project asks of itself are met"
    return f"{met}; {'; '.join(missed)}." if missed else f"{met}."


if __name__ == "__main__":
    main()
