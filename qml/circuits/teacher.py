"""The circuit behind the teacher tasks: layers before, between and after the uploads, one wire read."""

from dataclasses import dataclass
from typing import Any

import pennylane as qp

from qml.circuits.circuit import ansatz as get_ansatz
from qml.circuits.declared import DeclaredCircuit


@dataclass(frozen=True)
class TeacherCircuit(DeclaredCircuit):
    """A layer of an ansatz, then n_layers of RX(x_i) on wire i and another layer of it; ⟨Z⟩ on wire 0.

    Attributes:
        n_wires: Number of wires, one a feature.
        n_layers: Uploads.
        ansatz: A registered ansatz; ``"product"`` makes the separable twin.

    Source: the family of Schuld, Sweke, Meyer 2021, eq. (4) (arXiv:2008.08605), with one feature a wire.

    >>> TeacherCircuit(n_wires=4, n_layers=3).weight_shapes
    {'weights': (4, 4, 3)}
    """

    n_wires: int
    n_layers: int
    ansatz: str = "cz-ring"

    @property
    def n_inputs(self) -> int:
        """Features of one sample."""
        return self.n_wires

    @property
    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each weight by argument name."""
        return {"weights": (self.n_layers + 1, *get_ansatz(self.ansatz).layer_shape(self.n_wires))}

    @property
    def name(self) -> str:
        """What the circuit is called."""
        return f"teacher+{self.ansatz}"

    def __call__(self, inputs: Any, weights: Any) -> Any:  # type: ignore[override]  # its one weight by name
        """Queue the circuit; inputs of shape (n_wires,) and weights (n_layers + 1, n_wires, 3), in radians."""
        layers = get_ansatz(self.ansatz)
        wires = range(self.n_wires)
        layers.apply_layer(weights[0], wires, 0)
        for layer in range(self.n_layers):
            for wire in wires:
                qp.RX(inputs[..., wire], wires=wire)
            layers.apply_layer(weights[layer + 1], wires, layer + 1)
        return [qp.expval(qp.Z(0))]
