"""Clifford gates, and the others that a stabiliser simulation pays for."""

import numpy as np

from qml.diagnostics.bound import BoundCircuit, Complex, wires_of
from qml.simulators.gates import Gate
from qml.simulators.pauli import as_monomial, transfer_matrix

T_OF_TOFFOLI = 7  # Nielsen and Chuang, figure 4.9
_MAX_WIRES = 4
_TOLERANCE = 1e-6


def non_clifford_count(circuit: BoundCircuit, gates: frozenset[int] | None = None) -> int:
    """Count the gates that are not Clifford at the bound data and weights.

    Counted: one for each rotation whose angle is no multiple of pi/2, whether it comes from a weight or from data (at
    any of the rows); 2**c for one with c controls, seven for a Toffoli or a controlled swap, and 4**k - 1 for any
    other unitary on k wires, which is what its decomposition into Pauli rotations may take.

    Args:
        circuit: Bound to data.
        gates: Positions of the gates that are looked at; all of them by default.

    Returns:
        The count t.  The cost of a stabiliser simulation grows exponentially in t, and only polynomially in the wires.

    Source: Bravyi, Gosset 2016 (arXiv:1601.07601); Bravyi et al. 2019 (arXiv:1808.00128), which takes rotations by any
    angle.

    >>> import pennylane as qp
    >>> from qml.diagnostics.bound import bind
    >>> from qml.nn import QuantumLayer
    >>> def circuit(inputs):
    ...     qp.RX(np.pi / 2, wires=0)
    ...     qp.RY(inputs[..., 0], wires=1)
    ...     qp.CNOT(wires=[0, 1])
    ...     return qp.expval(qp.Z(1))
    >>> non_clifford_count(bind(QuantumLayer(circuit, {}), [[0.3]]))
    1
    """
    chosen = range(len(circuit.gates)) if gates is None else sorted(gates)
    return sum(_cost(circuit, circuit.gates[i]) for i in chosen)


def _cost(circuit: BoundCircuit, gate: Gate) -> int:
    matrices = circuit.matrices(gate)
    if gate.matrix is not None:
        matrices = matrices[:1]
    n_wires = len(wires_of(gate))
    if gate.kind == "parity":  # a Pauli rotation is one, on however many wires
        turned = circuit.angles[:, gate.angle] / (np.pi / 2)
        return int((np.abs(turned - np.round(turned)) > _TOLERANCE).any())
    if n_wires <= _MAX_WIRES and all(is_clifford(matrix) for matrix in matrices):
        return 0
    if gate.kind == "permute" and n_wires == 3:
        return T_OF_TOFFOLI
    if gate.kind == "one":
        return int(2 ** len(gate.controls))
    return int(4**n_wires) - 1


def is_clifford(matrix: Complex) -> bool:
    """Tell whether a unitary turns every Pauli word into a Pauli word, up to its sign; shape (2**k, 2**k).

    >>> is_clifford(np.diag([1, 1j])), is_clifford(np.diag([1, np.exp(0.25j * np.pi)]))
    (True, False)
    """
    transfer = transfer_matrix(np.asarray(matrix, dtype=np.complex128)[None])
    transfer = np.where(np.abs(transfer) < _TOLERANCE, 0.0, transfer)
    found = as_monomial(transfer)
    return found is not None and bool(np.allclose(np.abs(found[1]), 1, atol=_TOLERANCE))
