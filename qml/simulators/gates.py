"""The gate table: what each PennyLane operation becomes on the engine.

Data before code: a row names the elements of a gate, and tests check every row against PennyLane's own matrix.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qml.simulators.program import PHASE, RX, RY, RZ

# PennyLane name -> elements in order of action, as (kind, which of the gate's parameters).
ROTATIONS: dict[str, tuple[tuple[int, int], ...]] = {
    "RX": ((RX, 0),),
    "RY": ((RY, 0),),
    "RZ": ((RZ, 0),),
    "PhaseShift": ((PHASE, 0),),
    "U1": ((PHASE, 0),),
    "Rot": ((RZ, 0), (RY, 1), (RZ, 2)),
}

# exp(-i angle/2 Z...Z) on all of the gate's wires.
PARITIES = frozenset({"MultiRZ", "IsingZZ"})

# Gates that only move basis states.
PERMUTATIONS = frozenset({"CNOT", "SWAP", "Toffoli", "CSWAP", "MultiControlledX"})

IGNORED = frozenset({"Identity", "Barrier", "WireCut"})


@dataclass
class Gate:
    """One gate of a traced circuit, on wire positions 0 … n_wires-1.

    Attributes:
        kind: ``"one"`` (product of one-wire elements), ``"parity"``, ``"permute"`` or ``"dense"``; with noise also
            ``"channel"``.
        wires: The wires it acts on; for ``"one"`` the single target.
        elements: For ``"one"``: (kind, angle index) pairs, or (CONSTANT, index of a constant matrix).
        controls: Control wires of ``"one"``.
        values: Control values, as many.
        angle: Of ``"parity"``.
        matrix: Of ``"dense"`` and ``"permute"``, shape (2**k, 2**k), on ``wires`` in order.
        transfer: Of ``"channel"``: its Pauli transfer matrix, shape (4**k, 4**k), on ``wires`` in order.
    """

    kind: str
    wires: tuple[int, ...]
    elements: list[tuple[int, int]] = field(default_factory=list)
    controls: tuple[int, ...] = ()
    values: tuple[bool, ...] = ()
    angle: int = -1
    matrix: NDArray[np.complex128] | None = None
    transfer: NDArray[np.float64] | None = None
