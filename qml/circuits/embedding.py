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


@dataclass(frozen=True)
class OverlapCircuit(DeclaredCircuit):
    """An encoding of one row, then the inverse of that of another: its first probability is the rows' fidelity.

    This is how a device measures a quantum kernel (compute and uncompute).

    Attributes:
        encoding: A registered encoding.
        n_wires: Number of wires.

    Source: Havlíček et al. 2019 (arXiv:1804.11326), supplementary material.

    >>> OverlapCircuit("havlicek", 2).n_inputs
    4
    """

    encoding: str
    n_wires: int

    @property
    def n_inputs(self) -> int:
        """Features of both rows, one after the other."""
        return 2 * get_encoding(self.encoding).n_features(self.n_wires)

    @property
    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """No weights."""
        return {}

    @property
    def name(self) -> str:
        """The encoding's name."""
        return f"{self.encoding} overlap"

    def __call__(self, inputs: Any) -> Any:  # type: ignore[override]  # it has no weights
        """Queue the circuit; inputs of shape (n_inputs,)."""
        half, wires, apply = self.n_inputs // 2, range(self.n_wires), get_encoding(self.encoding).apply
        apply(inputs[:half], wires)
        qp.adjoint(apply)(inputs[half:], wires)
        return qp.probs(wires=wires)
