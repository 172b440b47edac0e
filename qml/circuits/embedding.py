"""An encoding alone, read as a state: the feature map of a quantum kernel."""

from dataclasses import dataclass
from typing import Any

import pennylane as qp

from qml.circuits.circuit import encoding as get_encoding
from qml.circuits.declared import DeclaredCircuit


@dataclass(frozen=True)
class EmbeddingCircuit(DeclaredCircuit):
    """A registered encoding on ``n_wires`` wires that returns its state.

    Attributes:
        encoding: A registered encoding.
        n_wires: Number of wires.

    >>> EmbeddingCircuit("havlicek", 2).n_inputs
    2
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
        """The encoding's name."""
        return self.encoding

    def __call__(self, inputs: Any) -> Any:  # type: ignore[override]  # it has no weights
        """Queue the circuit; inputs of shape (n_inputs,)."""
        get_encoding(self.encoding).apply(inputs, range(self.n_wires))
        return qp.state()
