"""One rotation a wire, by the feature's value in radians."""

from collections.abc import Sequence
from typing import Any

import pennylane as qp

from qml.circuits.circuit import CIRCUITS, Encoding


def apply(features: Any, wires: Sequence[int]) -> None:
    """Rotate each wire about Y by its feature."""
    qp.AngleEmbedding(features, wires=wires, rotation="Y")


CIRCUITS.add(
    Encoding(
        name="angle",
        summary="RY(x_i) on wire i",
        source="pennylane.AngleEmbedding",
        apply=apply,
        n_features=lambda n_wires: n_wires,
    )
)
