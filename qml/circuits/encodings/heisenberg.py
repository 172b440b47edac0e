"""Hamiltonian evolution: features as the couplings of a Heisenberg chain."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pennylane as qp

from qml.circuits.circuit import CIRCUITS, Encoding

N_STEPS = 10
STATES_SEED = 2021


@lru_cache
def first_angles(n_wires: int) -> tuple[tuple[float, float], ...]:
    """Return RY and RZ angles that make Haar-random one-wire states of |0⟩, the same ones at every call.

    They are part of the encoding, known to everybody; a wire's angles do not depend on how many wires follow.
    """
    drawn = np.random.default_rng(STATES_SEED).random((n_wires, 2))
    return tuple((math.acos(1 - 2 * float(u)), 2 * math.pi * float(v)) for u, v in drawn)


def step_angle(n_wires: int) -> float:
    """Return the rotation angle a unit of a feature of one Trotter step, 2 t / T in radians; t is one a feature."""
    return 2 * (n_wires - 1) / N_STEPS


def apply(features: Any, wires: Sequence[int]) -> None:
    """Prepare random one-wire states, then T times exp(−i (t/T) x_j (XX + YY + ZZ)) on wires j and j + 1."""
    for wire, (polar, azimuth) in zip(wires, first_angles(len(wires)), strict=True):
        qp.RY(polar, wires=wire)
        qp.RZ(azimuth, wires=wire)
    for _ in range(N_STEPS):
        for j in range(len(wires) - 1):
            angle = step_angle(len(wires)) * features[..., j]
            for gate in (qp.IsingXX, qp.IsingYY, qp.IsingZZ):
                gate(angle, wires=[wires[j], wires[j + 1]])


CIRCUITS.add(
    Encoding(
        name="heisenberg",
        summary="random one-wire states, then ten Trotter steps of a Heisenberg chain coupled by the features",
        source="Huang et al. 2021, supplement (doi:10.1038/s41467-021-22539-9, arXiv:2011.01938)",
        apply=apply,
        n_features=lambda n_wires: n_wires - 1,
    )
)
