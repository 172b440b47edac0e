"""Lanes over samples against lanes over amplitudes: what sets the engine's choice between its two layouts.

Forward and backward of a strongly entangling circuit through ``QuantumLayer``, float32, one thread; medians.

    python benchmarks/engines.py
"""

import statistics
import time

import torch

from qml import QuantumLayer
from qml.simulators import engine

CONFIGURATIONS = [(8, 3, 1), (8, 3, 8), (8, 3, 32), (9, 3, 8), (10, 3, 1), (10, 3, 8), (10, 3, 32), (11, 3, 8)]
CONFIGURATIONS += [(12, 3, 1), (12, 3, 32), (13, 3, 32), (14, 3, 8), (16, 3, 8)]
LAYOUTS = {"samples": {99: 1.0}, "amplitudes": {1: 1.0}}


def milliseconds(n_wires: int, n_layers: int, batch: int, seconds: float = 0.5) -> float:
    """Return the median of one forward and one backward pass."""
    layer = QuantumLayer.from_names(n_wires=n_wires, n_layers=n_layers, n_threads=1)
    inputs = torch.rand(batch, n_wires, requires_grad=True)
    times: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(times) < 4:
        start = time.perf_counter()
        layer(inputs).sum().backward()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:]) * 1e3


def main() -> None:
    """Print a Markdown table."""
    torch.set_num_threads(1)
    print("| wires, layers, batch | lanes over samples, ms | lanes over amplitudes, ms |\n|---|---|---|")
    for configuration in CONFIGURATIONS:
        cells = []
        for costs in LAYOUTS.values():
            engine._WIDE_COST = costs
            cells.append(f"{milliseconds(*configuration):.3f}")
        print(f"| {', '.join(map(str, configuration))} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
