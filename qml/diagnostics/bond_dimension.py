"""Matrix product states: how large a bond they need, and how that grows with the wires."""

from dataclasses import is_dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qml.circuits import DeclaredCircuit
from qml.diagnostics.bound import BoundCircuit, Complex, bind_circuit

FIDELITY = 0.99


def bond_dimension(state: Complex, fidelity: float = FIDELITY) -> int:
    """Return the smallest bond dimension of a matrix product state of that fidelity.

    The state is cut from wire 0 on, and every bond is truncated to the same dimension.

    Args:
        state: Amplitudes of norm one, shape (2**n_wires,).
        fidelity: |⟨MPS|state⟩|² wanted, of the normalised product state.

    Returns:
        From 1, for a product state, to 2**(n_wires // 2).

    Source: Vidal 2003 (arXiv:quant-ph/0301063); Schollwöck 2011, section 4.5 (arXiv:1008.3477).

    >>> ghz = np.zeros(16)
    >>> ghz[[0, -1]] = 1 / np.sqrt(2)
    >>> bond_dimension(ghz), bond_dimension(np.eye(16)[3])
    (2, 1)
    """
    amplitudes = np.asarray(state, dtype=np.complex128)
    largest = int(2 ** ((amplitudes.size.bit_length() - 1) // 2))
    for dimension in range(1, largest):
        if mps_fidelity(amplitudes, dimension) >= fidelity:
            return dimension
    return largest


def mps_fidelity(state: Complex, dimension: int) -> float:
    """Return the fidelity of a state with its truncation to a bond dimension.

    Each truncation projects what is left of the state, so the fidelity of the normalised outcome is its squared norm.

    Args:
        state: Amplitudes of norm one, shape (2**n_wires,).
        dimension: Of every bond, at least 1.
    """
    rest = np.asarray(state, dtype=np.complex128).reshape(1, -1)
    while rest.shape[1] > 1:
        rest = rest.reshape(2 * rest.shape[0], -1)
        _, singular, right = np.linalg.svd(rest, full_matrices=False)
        rest = singular[:dimension, None] * right[:dimension]
    return float((np.abs(rest) ** 2).sum())


def family_member(circuit: BoundCircuit, n_wires: int, seed: int = 0) -> BoundCircuit | None:
    """Return the same circuit on another number of wires, with inputs and weights like those of the given one.

    Inputs are drawn with replacement from the values of the bound rows, and each weight from the values of the weight
    of its name: bandwidths and angles keep their size.

    Args:
        circuit: Of a declared circuit with a field ``n_wires``, such as all of ``qml.circuits``.
        n_wires: Of the member.
        seed: Of the draws.

    Returns:
        The member with as many rows; None for a circuit that has no such family.
    """
    declared: Any = circuit.circuit
    if not (isinstance(declared, DeclaredCircuit) and is_dataclass(declared) and hasattr(declared, "n_wires")):
        return None
    if not getattr(declared, "comes_in_sizes", True):
        return None
    member = replace(declared, n_wires=n_wires)
    rng = np.random.default_rng((seed, n_wires))
    inputs = rng.choice(circuit.inputs.ravel(), size=(len(circuit.inputs), member.n_inputs))
    weights = {
        name: rng.choice(circuit.weights[name].ravel(), size=shape) for name, shape in member.weight_shapes.items()
    }
    return bind_circuit(member, inputs, weights)


def median_bond(circuit: BoundCircuit) -> float:
    """Return the median over the bound rows of the bond dimension of the final state."""
    return float(np.median([bond_dimension(state) for state in circuit.states()]))


def growth(sizes: NDArray[np.int64], bonds: NDArray[np.float64]) -> float:
    """Return how many bits of bond dimension a wire adds: the slope of log2(bond) by least squares.

    A random state adds half a bit a wire, a state of a fixed number of nearest-neighbour layers none.

    >>> round(growth(np.array([4, 6, 8]), np.array([4.0, 8.0, 16.0])), 6)
    0.5
    """
    return float(np.polyfit(sizes, np.log2(bonds), 1)[0])
