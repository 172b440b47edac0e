"""The swap test: how alike two copies are, read from one ancilla."""

from collections.abc import Sequence
from typing import Any

import pennylane as qp


def swap_test(ancilla: int, first: Sequence[int], second: Sequence[int]) -> Any:
    """Queue the swap test of two registers; the ancilla's ⟨Z⟩ is then tr(ρ σ), so two copies pass with (1 + tr ρ²) / 2.

    Args:
        ancilla: A wire in |0⟩.
        first: Wires of ρ.
        second: Wires of σ, as many.

    Source: Barenco et al. 1997, section 3 (arXiv:quant-ph/9604028).
    """
    qp.Hadamard(wires=ancilla)
    for one, other in zip(first, second, strict=True):
        qp.CSWAP(wires=[ancilla, one, other])
    qp.Hadamard(wires=ancilla)
    return qp.expval(qp.Z(ancilla))
