"""Three rotation angles a wire and no entangling gate: the ansatz of separable twins."""

from collections.abc import Sequence
from typing import Any

import pennylane as qp

from qml.circuits.circuit import CIRCUITS, Ansatz


def apply_layer(weights: Any, wires: Sequence[int], layer: int) -> None:
    """Apply one layer; weights have shape (n_wires, 3)."""
    for i, wire in enumerate(wires):
        qp.Rot(weights[..., i, 0], weights[..., i, 1], weights[..., i, 2], wires=wire)


CIRCUITS.add(
    Ansatz(
        name="product",
        summary="Rot on every wire, nothing between wires",
        source="separable models of Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059)",
        apply_layer=apply_layer,
        layer_shape=lambda n_wires: (n_wires, 3),
        entangling=False,
    )
)
