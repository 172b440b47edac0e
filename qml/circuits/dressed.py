"""The quantum part of a dressed circuit."""

from dataclasses import dataclass
from typing import Any

import pennylane as qp

from qml.circuits.declared import DeclaredCircuit


@dataclass(frozen=True)
class DressedCircuit(DeclaredCircuit):
    """H and RY(z_i) on every wire, then layers of RY and, unless it is separable, a ring of CNOTs; ⟨Z⟩ on every wire.

    Attributes:
        n_wires: Number of wires.
        n_layers: Layers.
        entangling: False for the separable twin, which keeps every rotation.

    Source: Mari et al. 2020, section III (arXiv:1912.08278).

    >>> DressedCircuit(n_wires=4, n_layers=2).weight_shapes
    {'weights': (2, 4)}
    """

    n_wires: int
    n_layers: int
    entangling: bool = True

    @property
    def n_inputs(self) -> int:
        """Features of one sample."""
        return self.n_wires

    @property
    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each weight by argument name."""
        return {"weights": (self.n_layers, self.n_wires)}

    @property
    def name(self) -> str:
        """What the circuit is called."""
        return "dressed" if self.entangling else "dressed, separable"

    def __call__(self, inputs: Any, weights: Any) -> Any:  # type: ignore[override]  # its one weight by name
        """Queue the circuit; inputs of shape (n_wires,) and weights (n_layers, n_wires), in radians."""
        wires = range(self.n_wires)
        for wire in wires:
            qp.Hadamard(wires=wire)
            qp.RY(inputs[..., wire], wires=wire)
        for layer in range(self.n_layers):
            for wire in wires:
                qp.RY(weights[layer, wire], wires=wire)
            if self.entangling and self.n_wires > 1:
                for wire in range(self.n_wires if self.n_wires > 2 else 1):
                    qp.CNOT(wires=[wire, (wire + 1) % self.n_wires])
        return [qp.expval(qp.Z(wire)) for wire in wires]
