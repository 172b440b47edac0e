"""What the quantum layer asks of a machine: memory at 20 wires, the first call of a new circuit, a second thread.

Forward and backward with gradients for weights and inputs, float32, AngleEmbedding(RY) and StronglyEntanglingLayers,
⟨Z⟩ on every wire.  Each part runs in a process of its own.  The one about threads needs two cores and an idle machine;
it says how loaded the machine was, and how much more two threads did that had nothing to do with one another.  Writes
``footprint.json`` and ``footprint.md`` beside this file.

    python benchmarks/footprint.py
"""

import ctypes
import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pennylane as qp
import psutil
import torch

from qml import QuantumLayer, __version__

HERE = Path(__file__).parent
MEMORY_WIRES, MEMORY_LAYERS = 20, (1, 10, 100)
THREADS_WIRES, THREADS_LAYERS, THREADS_BATCH = 10, 3, 32
FIRST_CALL_WIRES, FIRST_CALL_LAYERS = 8, range(2, 9)
ROUNDS, SECONDS_A_ROUND = 9, 0.4


def layer_on(n_wires: int, n_layers: int, n_threads: int, **options: Any) -> QuantumLayer:
    """Build the layer that is measured."""

    def circuit(inputs, weights):
        qp.AngleEmbedding(inputs, wires=range(n_wires), rotation="Y")
        qp.StronglyEntanglingLayers(weights, wires=range(n_wires), **options)
        return [qp.expval(qp.Z(wire)) for wire in range(n_wires)]

    return QuantumLayer(circuit, {"weights": (n_layers, n_wires, 3)}, n_inputs=n_wires, n_threads=n_threads)


def step(layer: QuantumLayer, inputs: torch.Tensor) -> None:
    """Run one forward and one backward pass."""
    layer.zero_grad()
    inputs.grad = None
    layer(inputs).sum().backward()


def memory(n_layers: int) -> dict[str, Any]:
    """Return how far the memory of this process rises above its rest during a training step."""
    small = layer_on(13, 1, 1)  # brings the kernels that 20 wires use
    step(small, torch.rand(1, 13, requires_grad=True))
    layer = layer_on(MEMORY_WIRES, n_layers, 1)
    inputs = torch.rand(1, MEMORY_WIRES, requires_grad=True)
    release()
    process = psutil.Process()
    rest = process.memory_info().rss
    peak, done = [rest], threading.Event()

    def watch() -> None:
        while not done.wait(0.001):
            peak[0] = max(peak[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    step(layer, inputs)
    done.set()
    watcher.join()
    return {"layers": n_layers, "megabytes": (peak[0] - rest) / 1e6}


def release() -> None:
    """Give freed memory back to the system, so that using it again counts."""
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)


def first_call() -> dict[str, Any]:
    """Return seconds of building the layers of new circuits, and of their first forward and first backward pass."""
    step(layer_on(FIRST_CALL_WIRES, 1, 1), torch.rand(32, FIRST_CALL_WIRES, requires_grad=True))
    build, forward, backward = [], [], []
    for n_layers in FIRST_CALL_LAYERS:  # each is another circuit
        start = time.perf_counter()
        layer = layer_on(FIRST_CALL_WIRES, n_layers, 1)
        build.append(time.perf_counter() - start)
        inputs = torch.rand(32, FIRST_CALL_WIRES, requires_grad=True)
        start = time.perf_counter()
        total = layer(inputs).sum()
        middle = time.perf_counter()
        total.backward()
        forward.append(middle - start)
        backward.append(time.perf_counter() - middle)
    return {"build": max(build), "forward": max(forward), "backward": max(backward), "circuits": len(forward)}


def threads() -> dict[str, Any]:
    """Return median seconds of a step with one thread and with two, on a free machine and beside a busy process."""
    steps: dict[str, Callable[[], None]] = {}
    for n_threads in (1, 2):
        layer = layer_on(THREADS_WIRES, THREADS_LAYERS, n_threads)
        inputs = torch.rand(THREADS_BATCH, THREADS_WIRES, requires_grad=True)
        steps[str(n_threads)] = lambda layer=layer, inputs=inputs: step(layer, inputs)
    load = psutil.cpu_percent(interval=2.0)
    before = two_cores()
    free = in_turn(steps)
    cores = statistics.mean([before, two_cores()])
    with busy_core():
        busy = in_turn(steps)
    about = {"cores": len(os.sched_getaffinity(0)), "load_before_percent": load, "two_cores": cores}
    return {**about, "free": free, "busy": busy}


@numba.njit(nogil=True)
def _multiply_add(x, repeats):
    for _ in range(repeats):
        for i in range(x.shape[0]):
            x[i] = x[i] * np.float32(0.999) + np.float32(0.001)


def two_cores(repeats: int = 20_000) -> float:
    """Return how much more two threads do than one, of work in the first cache that they share nothing of."""
    arrays = [np.ones(2048, np.float32) for _ in range(2)]
    _multiply_add(arrays[0], 1)
    ratios = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        _multiply_add(arrays[0], repeats)
        alone = time.perf_counter() - start
        helper = threading.Thread(target=_multiply_add, args=(arrays[1], repeats))
        start = time.perf_counter()
        helper.start()
        _multiply_add(arrays[0], repeats)
        helper.join()
        ratios.append(2 * alone / (time.perf_counter() - start))
    return statistics.median(ratios)


@contextmanager
def busy_core() -> Iterator[None]:
    """Keep one core busy with another process."""
    core = max(os.sched_getaffinity(0))
    spin = f"import os\nos.sched_setaffinity(0, {{{core}}})\nwhile True: pass"
    process = subprocess.Popen([sys.executable, "-c", spin])
    try:
        time.sleep(1.0)
        yield
    finally:
        process.kill()
        process.wait()


def in_turn(steps: dict[str, Callable[[], None]]) -> dict[str, float]:
    """Return median seconds of each step; they take turns, so that a busy moment hits both."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    for run in steps.values():
        run()
    for _ in range(ROUNDS):
        for name, run in steps.items():
            until = time.perf_counter() + SECONDS_A_ROUND
            while time.perf_counter() < until:
                start = time.perf_counter()
                run()
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def apart(*arguments: str) -> dict[str, Any]:
    """Run one part of this file in a process of its own."""
    command = [sys.executable, str(Path(__file__).resolve()), *arguments]
    found = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    result: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
    print(" ".join(arguments), result, flush=True)
    return result


PARTS: dict[str, Callable[..., dict[str, Any]]] = {
    "memory": lambda n_layers: memory(int(n_layers)),
    "first-call": first_call,
    "threads": threads,
}


def main() -> None:
    """Measure and write the files; with arguments, run one part and print it."""
    torch.set_num_threads(1)
    if len(sys.argv) > 1:
        print(json.dumps(PARTS[sys.argv[1]](*sys.argv[2:])))
        return
    found = {
        "about": {"qml": __version__, "torch": torch.__version__, "python": platform.python_version()},
        "threads": apart("threads"),
        "first_call": apart("first-call"),
        "memory": [apart("memory", str(n_layers)) for n_layers in MEMORY_LAYERS],
    }
    (HERE / "footprint.json").write_text(json.dumps(found, indent=2) + "\n")
    (HERE / "footprint.md").write_text(page(found))


def page(found: dict[str, Any]) -> str:
    """Return the Markdown page."""
    two, first = found["threads"], found["first_call"]
    rows = [(name, two[key]["1"], two[key]["2"]) for key, name in (("free", "no other"), ("busy", "one busy process"))]
    lines = [
        "# Memory, first call, threads",
        "",
        "Written by `make bench`. AngleEmbedding(RY) + StronglyEntanglingLayers, ⟨Z⟩ on every wire, forward and",
        "backward with gradients for weights and inputs, float32.",
        "",
        f"**Memory.** What one training step adds to the process, at {MEMORY_WIRES} wires and batch 1 (one state is "
        f"{8 * 2**MEMORY_WIRES / 1e6:.1f} MB):",
        "",
        "| layers | MB |",
        "|---|---|",
        *(f"| {row['layers']} | {row['megabytes']:.0f} |" for row in found["memory"]),
        "",
        f"**First call.** {first['circuits']} new circuits on {FIRST_CALL_WIRES} wires, with {FIRST_CALL_LAYERS[0]} to "
        f"{FIRST_CALL_LAYERS[-1]} layers, batch 32: to build the layer, which traces",
        f"the circuit, took at most {first['build'] * 1e3:.0f} ms, the first forward pass at most "
        f"{first['forward'] * 1e3:.1f} ms, the first backward pass at most {first['backward'] * 1e3:.1f} ms.",
        "",
        f"**Threads.** Medians in ms at {THREADS_WIRES} wires, {THREADS_LAYERS} layers, batch {THREADS_BATCH}, on "
        f"{two['cores']} cores; before the run they were {two['load_before_percent']:.0f} % busy with other work.",
        f"Two threads that share nothing did {two['two_cores']:.2f} times what one did.",
        "",
        "| beside | one thread | two threads | ratio |",
        "|---|---|---|---|",
        *(f"| {name} | {one * 1e3:.2f} | {both * 1e3:.2f} | {one / both:.2f}× |" for name, one, both in rows),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
