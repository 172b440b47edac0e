"""The separable twin of the Havlíček feature map: the same data, one wire at a time."""

import math
from collections.abc import Sequence
from typing import Any

import pennylane as qp

from qml.circuits.circuit import CIRCUITS, Encoding
from qml.circuits.encodings.havlicek import N_REPEATS


def apply(features: Any, wires: Sequence[int]) -> None:
    """Replace each phase (pi - x_i)(pi - x_j) Z_i Z_j by that phase on both of its wires alone."""
    for _ in range(N_REPEATS):
        for wire in wires:
            qp.Hadamard(wires=wire)
        for i, wire in enumerate(wires):
            qp.RZ(-2 * features[..., i], wires=wire)
            for j in range(len(wires)):
                if j != i:
                    qp.RZ(-2 * (math.pi - features[..., i]) * (math.pi - features[..., j]), wires=wire)


CIRCUITS.add(
    Encoding(
        name="havlicek-separable",
        summary="the Havlíček phases as one-wire rotations, no entangling gate",
        source="twin of havlicek; Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059) drop entanglement likewise",
        apply=apply,
        n_features=lambda n_wires: n_wires,
    )
)
