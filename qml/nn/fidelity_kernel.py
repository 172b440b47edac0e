"""A quantum kernel as a module: one state a row, then one matrix product."""

from torch import Tensor, nn

from qml.circuits import EmbeddingCircuit
from qml.nn.quantum_layer import QuantumLayer


class FidelityKernel(nn.Module):
    """K(x, z) = |⟨ψ(x)|ψ(z)⟩|² of an encoding.

    Each row's state is computed once, so a kernel of n by m entries costs n + m circuits.

    Args:
        encoding: A registered encoding, see ``qml.circuits.names("encoding")``.
        n_wires: Number of wires.
        scaling: The kernel's bandwidth: features are multiplied by it first, in radians a unit.

    Shape:
        Inputs (n, n_features) and (m, n_features); output (n, m), in [0, 1].

    Source: Havlíček et al. 2019 (arXiv:1804.11326).

    >>> import torch
    >>> kernel = FidelityKernel("havlicek", n_wires=2)
    >>> x = torch.tensor([[0.1, 0.2], [1.0, 2.0]], dtype=torch.float64)
    >>> kernel(x, x).diagonal().round(decimals=6).tolist()
    [1.0, 1.0]
    """

    def __init__(self, encoding: str, n_wires: int, scaling: float = 1.0) -> None:
        super().__init__()
        self.embedding = QuantumLayer.from_circuit(EmbeddingCircuit(encoding, n_wires))
        self.scaling = scaling

    def forward(self, x: Tensor, z: Tensor) -> Tensor:
        """Return the kernel of every row of ``x`` with every row of ``z``."""
        overlap = self.embedding(self.scaling * x) @ self.embedding(self.scaling * z).mH
        kernel: Tensor = overlap.real**2 + overlap.imag**2
        return kernel

    def extra_repr(self) -> str:
        """Say the bandwidth."""
        return f"scaling={self.scaling:g}"
