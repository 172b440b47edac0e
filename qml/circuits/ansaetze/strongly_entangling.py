"""Three rotation angles a wire and a ring of CNOTs whose range grows with the layer."""

from collections.abc import Sequence
from typing import Any

import pennylane as qp

from qml.circuits.circuit import CIRCUITS, Ansatz


def apply_layer(weights: Any, wires: Sequence[int], layer: int) -> None:
    """Apply one layer; weights have shape (n_wires, 3)."""
    n_wires = len(wires)
    ranges = [layer % (n_wires - 1) + 1] if n_wires > 1 else None
    qp.StronglyEntanglingLayers(weights[None], wires=wires, ranges=ranges)


CIRCUITS.add(
    Ansatz(
        name="strongly-entangling",
        summary="Rot on every wire, then CNOTs at a range that grows with the layer",
        source="Schuld et al. 2020 (arXiv:1804.00633); pennylane.StronglyEntanglingLayers",
        apply_layer=apply_layer,
        layer_shape=lambda n_wires: (n_wires, 3),
    )
)
