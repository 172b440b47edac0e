"""The separable twin of the Heisenberg chain: the same data, one wire at a time."""

from collections.abc import Sequence
from typing import Any

import pennylane as qp

from qml.circuits.circuit import CIRCUITS, Encoding
from qml.circuits.encodings.heisenberg import N_STEPS, first_angles, step_angle


def apply(features: Any, wires: Sequence[int]) -> None:
    """Replace each coupling of two wires by rotations about X, Y and Z of both by the same angle."""
    for wire, (polar, azimuth) in zip(wires, first_angles(len(wires)), strict=True):
        qp.RY(polar, wires=wire)
        qp.RZ(azimuth, wires=wire)
    for _ in range(N_STEPS):
        for j in range(len(wires) - 1):
            angle = step_angle(len(wires)) * features[..., j]
            for gate in (qp.RX, qp.RY, qp.RZ):
                for wire in (wires[j], wires[j + 1]):
                    gate(angle, wires=wire)


CIRCUITS.add(
    Encoding(
        name="heisenberg-separable",
        summary="the Heisenberg couplings as one-wire rotations, no entangling gate",
        source="twin of heisenberg; Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059) drop entanglement likewise",
        apply=apply,
        n_features=lambda n_wires: n_wires - 1,
    )
)
