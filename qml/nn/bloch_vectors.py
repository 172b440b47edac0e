"""The features of a projected quantum kernel as a module: one Bloch vector a wire."""

from torch import Tensor, nn

from qml.circuits import BlochCircuit, encoding
from qml.errors import CircuitError
from qml.nn.quantum_layer import QuantumLayer


class BlochVectors(nn.Module):
    """⟨X⟩, ⟨Y⟩ and ⟨Z⟩ of every wire of an encoding.

    With ρ_k the state of wire k and r_k its Bloch vector, ‖ρ_k − ρ'_k‖²_F = ‖r_k − r'_k‖² / 2: the projected kernel
    exp(−γ Σ_k ‖ρ_k − ρ'_k‖²_F) is the Gaussian kernel of width γ / 2 on these features.

    Args:
        encoding: A registered encoding, see ``qml.circuits.names("encoding")``.
        n_features: Features of a row; the encoding takes that many on as many wires, or on one more.
        scaling: Features are multiplied by it first.

    Shape:
        Input (n, n_features); output (n, 3 * n_wires), in [-1, 1].

    Raises:
        CircuitError: If the encoding does not take that many features.

    Source: Huang et al. 2021 (doi:10.1038/s41467-021-22539-9, arXiv:2011.01938).

    >>> import torch
    >>> BlochVectors("angle", 2)(torch.zeros(1, 2)).tolist()
    [[0.0, 0.0, 1.0, 0.0, 0.0, 1.0]]
    """

    def __init__(self, encoding: str, n_features: int, scaling: float = 1.0) -> None:
        super().__init__()
        self.embedding = QuantumLayer.from_circuit(BlochCircuit(encoding, _wires_for(encoding, n_features)))
        self.scaling = scaling

    def forward(self, x: Tensor) -> Tensor:
        """Return the Bloch vectors of every row."""
        vectors: Tensor = self.embedding(self.scaling * x)
        return vectors

    def extra_repr(self) -> str:
        """Say the scaling."""
        return f"scaling={self.scaling:g}"


def _wires_for(name: str, n_features: int) -> int:
    for n_wires in (n_features, n_features + 1):
        if encoding(name).n_features(n_wires) == n_features:
            return n_wires
    raise CircuitError(
        f"the encoding {name!r} does not take {n_features} features on {n_features} or {n_features + 1} wires; "
        "choose another."
    )
