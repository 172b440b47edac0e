"""One rotation angle a wire and a ring of CNOTs."""

from collections.abc import Sequence
from typing import Any

import pennylane as qp

from qml.circuits.circuit import CIRCUITS, Ansatz


def apply_layer(weights: Any, wires: Sequence[int], layer: int) -> None:
    """Apply one layer; weights have shape (n_wires,)."""
    qp.BasicEntanglerLayers(weights[None], wires=wires, rotation=qp.RY)


CIRCUITS.add(
    Ansatz(
        name="basic-entangling",
        summary="RY on every wire, then a ring of CNOTs",
        source="pennylane.BasicEntanglerLayers",
        apply_layer=apply_layer,
        layer_shape=lambda n_wires: (n_wires,),
    )
)
