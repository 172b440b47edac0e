"""Instantaneous quantum polynomial encoding: Hadamards, then phases of features and of their products."""

from collections.abc import Sequence
from typing import Any

import pennylane as qp

from qml.circuits.circuit import CIRCUITS, Encoding


def apply(features: Any, wires: Sequence[int]) -> None:
    """Apply H, RZ(x_i) and IsingZZ-like phases x_i x_j once."""
    qp.IQPEmbedding(features, wires=wires, n_repeats=1)


CIRCUITS.add(
    Encoding(
        name="iqp",
        summary="H, then phases x_i and x_i x_j",
        source="Havlíček et al. 2019 (arXiv:1804.11326); pennylane.IQPEmbedding",
        apply=apply,
        n_features=lambda n_wires: n_wires,
    )
)
