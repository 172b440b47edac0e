"""The quantum approximate optimisation algorithm for MaxCut."""

from dataclasses import dataclass
from typing import Any, ClassVar

import pennylane as qp

from qml.circuits.declared import DeclaredCircuit


@dataclass(frozen=True)
class QAOACircuit(DeclaredCircuit):
    """H on every wire, then n_layers of exp(−i γ C) and exp(−i β Σ X); the probability of every assignment.

    Attributes:
        n_wires: One a node.
        edges: Pairs of wires; C counts the edges between the sides.
        n_layers: p.

    Source: Farhi, Goldstone, Gutmann 2014 (arXiv:1411.4028).

    >>> QAOACircuit(3, ((0, 1), (1, 2)), n_layers=2).n_inputs
    4
    """

    comes_in_sizes: ClassVar[bool] = False  # a graph belongs to one number of wires
    n_wires: int
    edges: tuple[tuple[int, int], ...]
    n_layers: int

    @property
    def n_inputs(self) -> int:
        """Angles: γ of every layer, then β of every layer."""
        return 2 * self.n_layers

    @property
    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """No weights: the angles are inputs, so that many settings are one batch."""
        return {}

    @property
    def name(self) -> str:
        """What the circuit is called."""
        return f"QAOA, p={self.n_layers}"

    def __call__(self, inputs: Any) -> Any:  # type: ignore[override]  # it has no weights
        """Queue the circuit; inputs of shape (2 n_layers,), in radians."""
        for wire in range(self.n_wires):
            qp.Hadamard(wires=wire)
        for layer in range(self.n_layers):
            for edge in self.edges:
                qp.IsingZZ(-inputs[..., layer], wires=edge)  # exp(−iγ (1 − ZZ) / 2) up to a phase
            for wire in range(self.n_wires):
                qp.RX(2 * inputs[..., self.n_layers + layer], wires=wire)
        return qp.probs(wires=range(self.n_wires))
