"""The oracle: dense matrices from textbook definitions, slow and obvious.

It shares no code with the rest of the package and with PennyLane; every fast path is compared with it.
"""

import cmath
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.complex128]
Operation = tuple[str, tuple[int, ...], tuple[float, ...]]

I2 = np.eye(2, dtype=np.complex128)
X = np.array([[0, 1], [1, 0]], dtype=np.complex128)
Y = np.array([[0, -1j], [1j, 0]])
Z = np.array([[1, 0], [0, -1]], dtype=np.complex128)
PAULIS = {"I": I2, "X": X, "Y": Y, "Z": Z}


def rotation(word: str, angle: float) -> Matrix:
    """Return exp(-i angle/2 P) of a Pauli word, such as ``"ZZ"``."""
    generator = np.eye(1, dtype=np.complex128)
    for letter in word:
        generator = np.kron(generator, PAULIS[letter])
    identity = np.eye(len(generator))
    result: Matrix = math.cos(angle / 2) * identity - 1j * math.sin(angle / 2) * generator
    return result


def controlled(matrix: Matrix) -> Matrix:
    """Return a gate that acts where the first of its wires is one."""
    size = len(matrix)
    result: Matrix = np.block([[np.eye(size), np.zeros((size, size))], [np.zeros((size, size)), matrix]])
    return result


def gate(name: str, parameters: Sequence[float] = ()) -> Matrix:
    """Return the matrix of a gate by its PennyLane name.

    Source: Nielsen and Chuang, chapter 4; Barenco et al. 1995 (arXiv:quant-ph/9503016).
    """
    if name in _FIXED:
        return np.asarray(_FIXED[name], dtype=np.complex128)
    if name == "PhaseShift":
        return np.diag([1, cmath.exp(1j * parameters[0])])
    if name == "ControlledPhaseShift":
        return controlled(gate("PhaseShift", parameters))
    if name == "Rot":
        phi, theta, omega = parameters
        result: Matrix = rotation("Z", omega) @ rotation("Y", theta) @ rotation("Z", phi)
        return result
    if name == "CRot":
        return controlled(gate("Rot", parameters))
    if name.startswith("CR"):
        return controlled(rotation(name[2:], parameters[0]))
    if name.startswith("Ising"):
        return rotation(name.removeprefix("Ising"), parameters[0])
    if name.startswith("R") and len(name) == 2:
        return rotation(name[1:], parameters[0])
    raise KeyError(name)


_FIXED: Mapping[str, Any] = {
    "Hadamard": (X + Z) / math.sqrt(2),
    "PauliX": X,
    "PauliY": Y,
    "PauliZ": Z,
    "S": np.diag([1, 1j]),
    "T": np.diag([1, cmath.exp(1j * math.pi / 4)]),
    "SX": np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]]) / 2,
    "CNOT": controlled(X),
    "CZ": controlled(Z),
    "CY": controlled(Y),
    "SWAP": np.eye(4)[[0, 2, 1, 3]].astype(np.complex128),
    "ISWAP": np.array([[1, 0, 0, 0], [0, 0, 1j, 0], [0, 1j, 0, 0], [0, 0, 0, 1]], dtype=np.complex128),
    "Toffoli": controlled(controlled(X)),
    "CSWAP": controlled(np.eye(4)[[0, 2, 1, 3]].astype(np.complex128)),
}


def expand(matrix: Matrix, wires: Sequence[int], n_wires: int) -> Matrix:
    """Return a gate on all wires, shape (2**n_wires, 2**n_wires); wire 0 is the most significant bit."""
    full = np.zeros((2**n_wires, 2**n_wires), dtype=np.complex128)
    for column in range(2**n_wires):
        bits = [(column >> (n_wires - 1 - w)) & 1 for w in range(n_wires)]
        inner = sum(bits[w] << (len(wires) - 1 - i) for i, w in enumerate(wires))
        for row in range(len(matrix)):
            changed = list(bits)
            for i, w in enumerate(wires):
                changed[w] = (row >> (len(wires) - 1 - i)) & 1
            full[sum(b << (n_wires - 1 - w) for w, b in enumerate(changed)), column] += matrix[row, inner]
    return full


def run(operations: Sequence[Operation], n_wires: int, initial: Matrix | None = None) -> Matrix:
    """Apply operations (name, wires, parameters in radians) to a state, by default all zeros.

    Returns:
        Amplitudes, shape (2**n_wires,).

    >>> run([("Hadamard", (0,), ()), ("CNOT", (0, 1), ())], 2).real.round(3)
    array([0.707, 0.   , 0.   , 0.707])
    """
    state = np.zeros(2**n_wires, dtype=np.complex128)
    state[0] = 1
    if initial is not None:
        state = np.asarray(initial, dtype=np.complex128)
    for name, wires, parameters in operations:
        state = expand(gate(name, parameters), wires, n_wires) @ state
    return state


def expval(state: Matrix, word: Mapping[int, str]) -> float:
    """Return ⟨P⟩ of a Pauli word, such as ``{0: "Z", 2: "X"}``."""
    n_wires = int(math.log2(len(state)))
    observable = np.eye(1, dtype=np.complex128)
    for wire in range(n_wires):
        observable = np.kron(observable, PAULIS[word.get(wire, "I")])
    return float((state.conj() @ observable @ state).real)


def probabilities(state: Matrix) -> NDArray[np.float64]:
    """Return the probability of every basis state."""
    result: NDArray[np.float64] = np.abs(state) ** 2
    return result


def kraus(name: str, parameters: Sequence[float]) -> list[Matrix]:
    """Return the Kraus operators of a noise channel.

    ``depolarizing`` (p), ``two-wire depolarizing`` (p), ``bit flip`` (p), ``phase flip`` (p), ``amplitude damping``
    (gamma), ``phase damping`` (gamma) and ``pauli`` (p_x, p_y, p_z).

    Source: Nielsen and Chuang, section 8.3.
    """
    if name == "pauli":
        p_x, p_y, p_z = parameters
        weights = {"I": 1 - p_x - p_y - p_z, "X": p_x, "Y": p_y, "Z": p_z}
        return [PAULIS[letter] * complex(math.sqrt(weight)) for letter, weight in weights.items()]
    (p,) = parameters
    if name == "depolarizing":
        return kraus("pauli", (p / 3, p / 3, p / 3))
    if name == "bit flip":
        return kraus("pauli", (p, 0, 0))
    if name == "phase flip":
        return kraus("pauli", (0, 0, p))
    if name == "two-wire depolarizing":
        words = [np.kron(PAULIS[a], PAULIS[b]) for a in "IXYZ" for b in "IXYZ"]
        return [word * complex(math.sqrt(1 - p if i == 0 else p / 15)) for i, word in enumerate(words)]
    stay = np.diag([1, math.sqrt(1 - p)]).astype(np.complex128)
    lost = np.zeros((2, 2), dtype=np.complex128)
    if name == "amplitude damping":
        lost[0, 1] = math.sqrt(p)
    elif name == "phase damping":
        lost[1, 1] = math.sqrt(p)
    else:
        raise KeyError(name)
    return [stay, lost]


def run_density(
    operations: Sequence[tuple[Sequence[Matrix], tuple[int, ...]]], n_wires: int, initial: Matrix | None = None
) -> Matrix:
    """Apply maps (Kraus operators, wires) to a density matrix, by default that of all zeros.

    Args:
        operations: A gate is a map of one Kraus operator.
        n_wires: Number of wires.
        initial: Amplitudes, shape (2**n_wires,).

    Returns:
        Shape (2**n_wires, 2**n_wires).

    >>> run_density([([gate("Hadamard")], (0,)), (kraus("phase flip", (0.5,)), (0,))], 1).real.round(3)
    array([[0.5, 0. ],
           [0. , 0.5]])
    """
    state = np.zeros(2**n_wires, dtype=np.complex128)
    state[0] = 1
    if initial is not None:
        state = np.asarray(initial, dtype=np.complex128)
    density = np.outer(state, state.conj())
    for matrices, wires in operations:
        wide = [expand(matrix, wires, n_wires) for matrix in matrices]
        density = np.sum([matrix @ density @ matrix.conj().T for matrix in wide], axis=0)
    return density


def expval_density(density: Matrix, word: Mapping[int, str]) -> float:
    """Return tr(P rho) of a Pauli word, such as ``{0: "Z", 2: "X"}``."""
    observable = np.eye(1, dtype=np.complex128)
    for wire in range(int(math.log2(len(density)))):
        observable = np.kron(observable, PAULIS[word.get(wire, "I")])
    return float(np.trace(observable @ density).real)


def misread(probabilities: NDArray[np.float64], errors: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    """Return the probabilities that a readout gives which errs on each wire.

    Args:
        probabilities: True ones, shape (2**n_wires,).
        errors: Probabilities (of reading 1 for 0, of reading 0 for 1) of each wire.
    """
    confusion: NDArray[np.float64] = np.eye(1)
    for one_for_zero, zero_for_one in errors:
        single = np.array([[1 - one_for_zero, zero_for_one], [one_for_zero, 1 - zero_for_one]])
        confusion = np.kron(confusion, single)
    result: NDArray[np.float64] = confusion @ probabilities
    return result
