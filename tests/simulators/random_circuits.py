"""Random circuits as data: run on the engine through PennyLane, and on the oracle without it."""

from dataclasses import dataclass

import numpy as np
import pennylane as qp
from hypothesis import strategies as st

ONE = ("Hadamard", "PauliX", "PauliY", "PauliZ", "S", "T", "SX", "RX", "RY", "RZ", "PhaseShift", "Rot")
TWO = (
    *("CNOT", "CZ", "CY", "SWAP", "ISWAP", "CRX", "CRY", "CRZ", "CRot", "ControlledPhaseShift"),
    *("IsingXX", "IsingYY", "IsingZZ"),
)
THREE = ("Toffoli", "CSWAP")
N_INPUTS, N_WEIGHTS = 3, 4

# How an angle is made of inputs x and weights w.
EXPRESSIONS = {
    "constant": lambda x, w, i, j: 0.7 + i,
    "input": lambda x, w, i, j: x[i],
    "weight": lambda x, w, i, j: w[j],
    "scaled": lambda x, w, i, j: 2.5 * x[i] - 1,
    "product": lambda x, w, i, j: (np.pi - x[i]) * (np.pi - x[(i + 1) % N_INPUTS]),
    "mixed": lambda x, w, i, j: w[j] * x[i] + w[(j + 1) % N_WEIGHTS],
    "cubic": lambda x, w, i, j: x[i] * x[i] * w[j],
}


@dataclass(frozen=True)
class RandomCircuit:
    """Gates as (name, wires, angle expressions) and Pauli words to measure."""

    n_wires: int
    gates: tuple
    words: tuple

    def operations(self, x, w):
        """Return the oracle's operations for one sample."""
        return [
            (name, wires, tuple(float(EXPRESSIONS[k](x, w, i, j)) for k, i, j in angles))
            for name, wires, angles in self.gates
        ]

    def __call__(self, inputs, weights):
        x = [inputs[..., i] for i in range(N_INPUTS)]
        w = [weights[j] for j in range(N_WEIGHTS)]
        for wire in range(self.n_wires):
            qp.Identity(wires=wire)
        for name, wires, angles in self.gates:
            getattr(qp, name)(*(EXPRESSIONS[k](x, w, i, j) for k, i, j in angles), wires=wires)
        return [qp.expval(qp.prod(*(getattr(qp, f"Pauli{p}")(wire) for wire, p in word))) for word in self.words]


@st.composite
def circuits(draw, min_wires=1, max_wires=4, max_gates=12):
    n_wires = draw(st.integers(min_wires, max_wires))
    names = ONE + (TWO if n_wires > 1 else ()) + (THREE if n_wires > 2 else ())
    gates = []
    for _ in range(draw(st.integers(1, max_gates))):
        name = draw(st.sampled_from(names))
        width = 1 if name in ONE else 2 if name in TWO else 3
        wires = tuple(draw(st.permutations(range(n_wires)))[:width])
        count = getattr(qp, name).num_params
        angles = tuple(
            (
                draw(st.sampled_from(sorted(EXPRESSIONS))),
                draw(st.integers(0, N_INPUTS - 1)),
                draw(st.integers(0, N_WEIGHTS - 1)),
            )
            for _ in range(count)
        )
        gates.append((name, wires, angles))
    words = []
    for _ in range(draw(st.integers(1, 3))):
        wires = draw(st.lists(st.integers(0, n_wires - 1), min_size=1, unique=True))
        words.append(tuple((wire, draw(st.sampled_from("XYZ"))) for wire in wires))
    return RandomCircuit(n_wires, tuple(gates), tuple(words))
