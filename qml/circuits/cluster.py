"""The circuit that reads every stabilizer of the cluster state at once."""

from collections.abc import Sequence
from typing import Any

import pennylane as qp


def read_stabilizers(wires: Sequence[int], *, entangling: bool = True) -> Any:
    """Queue H, CZ on the ring and H; ⟨Z⟩ of wire j is then X_{j−1} Z_j X_{j+1} of the state that came in.

    Args:
        wires: Of the ring, at least three.
        entangling: False drops every CZ, and leaves a measurement of each wire by itself.

    Source: Cong, Choi, Lukin 2019 (arXiv:1810.03787), the first layer of their circuit.
    """
    for wire in wires:
        qp.Hadamard(wires=wire)
    if entangling:
        for i, wire in enumerate(wires):
            qp.CZ(wires=[wire, wires[(i + 1) % len(wires)]])
    for wire in wires:
        qp.Hadamard(wires=wire)
    return [qp.expval(qp.Z(wire)) for wire in wires]
