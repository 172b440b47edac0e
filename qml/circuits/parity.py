"""The parity circuit: bits on wires, and an ancilla that a trained selection of them flips."""

import math
from dataclasses import dataclass
from typing import Any

import pennylane as qp

from qml.circuits.declared import DeclaredCircuit


@dataclass(frozen=True)
class ParityCircuit(DeclaredCircuit):
    """RX(π x_i) on wire i, RX(φ) on an ancilla, then RX(θ_i) on it controlled by wire i; ⟨Z⟩ of the ancilla.

    On bits this is cos(φ + Σ θ_i x_i): with θ_i = π for the chosen wires and 0 for the others, every controlled
    rotation is a CNOT up to a phase, or nothing, and the ancilla holds the parity of the chosen bits.

    Attributes:
        n_data: Wires with a bit each; the ancilla comes after them.
        entangling: False drops the controls, and keeps every rotation: the separable twin.

    Source: the textbook circuit of Bernstein and Vazirani 1997 (doi:10.1137/S0097539796300921).

    >>> ParityCircuit(n_data=8).weight_shapes
    {'weights': (9,)}
    """

    n_data: int
    entangling: bool = True

    @property
    def n_inputs(self) -> int:
        """Features of one sample."""
        return self.n_data

    @property
    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each weight by argument name."""
        return {"weights": (self.n_data + 1,)}

    @property
    def name(self) -> str:
        """What the circuit is called."""
        return "parity" if self.entangling else "parity, separable"

    def __call__(self, inputs: Any, weights: Any) -> Any:  # type: ignore[override]  # its one weight by name
        """Queue the circuit; inputs of shape (n_data,) and weights (n_data + 1,), in radians, φ last."""
        for wire in range(self.n_data):
            qp.RX(math.pi * inputs[..., wire], wires=wire)
        qp.RX(weights[self.n_data], wires=self.n_data)
        for wire in range(self.n_data):
            if self.entangling:
                qp.CRX(weights[wire], wires=[wire, self.n_data])
            else:
                qp.RX(weights[wire], wires=self.n_data)
        return [qp.expval(qp.Z(self.n_data))]
