"""The data re-uploading circuit: features enter again before every layer, each time scaled by a weight."""

from dataclasses import dataclass
from typing import Any

import pennylane as qp

from qml.circuits.circuit import ansatz as get_ansatz
from qml.circuits.declared import DeclaredCircuit


@dataclass(frozen=True)
class ReuploadingCircuit(DeclaredCircuit):
    """n_layers of RX(scaling x_i) on wire i and one layer of an ansatz; ⟨Z⟩ on every wire.

    Attributes:
        n_wires: Number of wires, one a feature.
        n_layers: Uploads.
        ansatz: A registered ansatz; ``"product"`` makes the separable twin.

    Source: Pérez-Salinas et al. 2020 (arXiv:1907.02085), with one feature a wire.

    >>> ReuploadingCircuit(n_wires=2, n_layers=3).weight_shapes
    {'scalings': (3, 2), 'weights': (3, 2, 3)}
    """

    n_wires: int
    n_layers: int
    ansatz: str = "strongly-entangling"

    @property
    def n_inputs(self) -> int:
        """Features of one sample."""
        return self.n_wires

    @property
    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each weight by argument name."""
        layer = get_ansatz(self.ansatz).layer_shape(self.n_wires)
        return {"scalings": (self.n_layers, self.n_wires), "weights": (self.n_layers, *layer)}

    @property
    def name(self) -> str:
        """What the circuit is called."""
        return f"re-uploading+{self.ansatz}"

    def __call__(self, inputs: Any, scalings: Any, weights: Any) -> Any:  # type: ignore[override]  # weights by name
        """Queue the circuit; inputs of shape (n_wires,), scalings (n_layers, n_wires), weights in radians."""
        layers = get_ansatz(self.ansatz)
        wires = range(self.n_wires)
        for layer in range(self.n_layers):
            for wire in wires:
                qp.RX(scalings[layer, wire] * inputs[..., wire], wires=wire)
            layers.apply_layer(weights[layer], wires, layer)
        return [qp.expval(qp.Z(wire)) for wire in wires]
