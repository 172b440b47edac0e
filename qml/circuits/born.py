"""The quantum circuit Born machine: layers of an ansatz from |0…0⟩, and the probability of every string."""

from dataclasses import dataclass
from typing import Any

import pennylane as qp

from qml.circuits.circuit import ansatz as get_ansatz
from qml.circuits.declared import DeclaredCircuit


@dataclass(frozen=True)
class BornCircuit(DeclaredCircuit):
    """n_layers of an ansatz on |0…0⟩; a string's probability is that of measuring it.

    Attributes:
        n_wires: One a bit.
        n_layers: Layers of the ansatz.
        ansatz: A registered ansatz; ``"product"`` makes the separable twin.

    Source: Benedetti et al. 2019 (arXiv:1801.07686); Liu, Wang 2018 (arXiv:1804.04168).

    >>> BornCircuit(n_wires=4, n_layers=2).weight_shapes
    {'weights': (2, 4, 3)}
    """

    n_wires: int
    n_layers: int
    ansatz: str = "strongly-entangling"

    @property
    def n_inputs(self) -> int:
        """None: nothing is encoded."""
        return 0

    @property
    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of the weights by argument name."""
        return {"weights": (self.n_layers, *get_ansatz(self.ansatz).layer_shape(self.n_wires))}

    @property
    def name(self) -> str:
        """What the circuit is called."""
        return f"Born machine+{self.ansatz}"

    def __call__(self, inputs: Any, weights: Any) -> Any:  # type: ignore[override]  # its one weight by name
        """Queue the circuit; inputs of shape (..., 0) and weights (n_layers, n_wires, 3), in radians."""
        layers = get_ansatz(self.ansatz)
        for layer in range(self.n_layers):
            layers.apply_layer(weights[layer], range(self.n_wires), layer)
        return qp.probs(wires=range(self.n_wires))
