"""Three rotation angles a wire and a ring of CZ gates."""

from collections.abc import Sequence
from typing import Any

import pennylane as qp

from qml.circuits.circuit import CIRCUITS, Ansatz


def apply_layer(weights: Any, wires: Sequence[int], layer: int) -> None:
    """Apply one layer; weights have shape (n_wires, 3)."""
    for i, wire in enumerate(wires):
        qp.Rot(weights[..., i, 0], weights[..., i, 1], weights[..., i, 2], wires=wire)
    n_wires = len(wires)
    for i in range(n_wires if n_wires > 2 else n_wires - 1):
        qp.CZ(wires=[wires[i], wires[(i + 1) % n_wires]])


CIRCUITS.add(
    Ansatz(
        name="cz-ring",
        summary="Rot on every wire, then a ring of CZ",
        source="Pérez-Salinas et al. 2020 (arXiv:1907.02085), with the neighbours closed to a ring",
        apply_layer=apply_layer,
        layer_shape=lambda n_wires: (n_wires, 3),
    )
)
