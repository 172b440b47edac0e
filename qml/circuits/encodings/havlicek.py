"""The feature map of the quantum-enhanced feature space experiment."""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import pennylane as qp

from qml.circuits.circuit import CIRCUITS, Encoding

N_REPEATS = 2


def apply(features: Any, wires: Sequence[int]) -> None:
    """Apply (exp(i sum_S phi_S Z_S) H)^2 with phi_i = x_i and phi_ij = (pi - x_i)(pi - x_j)."""
    for _ in range(N_REPEATS):
        for wire in wires:
            qp.Hadamard(wires=wire)
        for i, wire in enumerate(wires):
            qp.RZ(-2 * features[..., i], wires=wire)
        for i, j in combinations(range(len(wires)), 2):
            phase = (math.pi - features[..., i]) * (math.pi - features[..., j])
            qp.IsingZZ(-2 * phase, wires=[wires[i], wires[j]])


CIRCUITS.add(
    Encoding(
        name="havlicek",
        summary="twice: H, then phases x_i and (pi - x_i)(pi - x_j)",
        source="Havlíček et al. 2019, eq. 4 and supplement (arXiv:1804.11326)",
        apply=apply,
        n_features=lambda n_wires: n_wires,
    )
)
