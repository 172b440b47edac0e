"""An encoding read one wire at a time: the Bloch vector of every wire."""

from dataclasses import dataclass
from typing import Any

import pennylane as qp

from qml.circuits.circuit import encoding as get_encoding
from qml.circuits.declared import DeclaredCircuit


@dataclass(frozen=True)
class BlochCircuit(DeclaredCircuit):
    """A registered encoding; ⟨X⟩, ⟨Y⟩ and ⟨Z⟩ of every wire, which are its one-wire density matrices.

    Attributes:
        encoding: A registered encoding.
        n_wires: Number of wires.

    Source: the projection of Huang et al. 2021 (arXiv:2011.01938).

    >>> BlochCircuit("heisenberg", 5).n_inputs
    4
    """

    encoding: str
    n_wires: int

    @property
    def n_inputs(self) -> int:
        """Features of one sample."""
        return get_encoding(self.encoding).n_features(self.n_wires)

    @property
    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """No weights."""
        return {}

    @property
    def name(self) -> str:
        """What the circuit is called."""
        return f"{self.encoding}, one-wire states"

    def __call__(self, inputs: Any) -> Any:  # type: ignore[override]  # it has no weights
        """Queue the circuit; inputs of shape (n_inputs,); 3 n_wires expectation values, wire by wire."""
        wires = range(self.n_wires)
        get_encoding(self.encoding).apply(inputs, wires)
        return [qp.expval(pauli(wire)) for wire in wires for pauli in (qp.X, qp.Y, qp.Z)]
