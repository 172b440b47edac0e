"""A quantum kernel as a module: one state a row, then one matrix product; or, under noise, one circuit an entry."""

import torch
from torch import Tensor, nn

from qml.circuits import EmbeddingCircuit, OverlapCircuit
from qml.errors import CircuitError
from qml.nn.quantum_layer import QuantumLayer, check_shots
from qml.simulators import NoiseModel

_ROWS_A_CALL = 1 << 14  # under noise an entry is a circuit, whose 2**n_wires probabilities are handed out


class FidelityKernel(nn.Module):
    """K(x, z) = |⟨ψ(x)|ψ(z)⟩|² of an encoding.

    Each row's state is computed once, so a kernel of n by m entries costs n + m circuits.  Under noise every entry is
    the probability of reading all zeros after the noisy circuit of x and the noisy inverse of that of z (compute and
    uncompute), so it costs n m circuits; that of a row with itself is then below one.  With shots each entry is
    estimated by itself, as the frequency of all zeros.

    Args:
        encoding: A registered encoding, see ``qml.circuits.names("encoding")``.
        n_wires: Number of wires.
        scaling: The kernel's bandwidth: features are multiplied by it first, in radians a unit.
        shots: Samples an entry; None for exact values.  Estimates have no gradient.
        noise: Channels after the gates, and errors of the readout; up to eight wires.
        shot_generator: Source of the samples, on the CPU; by default the kernel's own, seeded from entropy.

    Shape:
        Inputs (n, n_features) and (m, n_features); output (n, m), in [0, 1].

    Source: Havlíček et al. 2019 (arXiv:1804.11326).

    >>> import torch
    >>> kernel = FidelityKernel("havlicek", n_wires=2)
    >>> x = torch.tensor([[0.1, 0.2], [1.0, 2.0]], dtype=torch.float64)
    >>> kernel(x, x).diagonal().round(decimals=6).tolist()
    [1.0, 1.0]
    """

    def __init__(
        self,
        encoding: str,
        n_wires: int,
        scaling: float = 1.0,
        *,
        shots: int | None = None,
        noise: NoiseModel | None = None,
        shot_generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        check_shots(shots, shot_generator, "auto")
        if noise is None:
            self.embedding = QuantumLayer.from_circuit(EmbeddingCircuit(encoding, n_wires))
        else:
            self.overlap = QuantumLayer.from_circuit(OverlapCircuit(encoding, n_wires), noise=noise)
        self.scaling = scaling
        self.shots = shots
        self.noise = noise
        self._generator = shot_generator or torch.Generator()
        if shot_generator is None:
            self._generator.seed()

    def forward(self, x: Tensor, z: Tensor) -> Tensor:
        """Return the kernel of every row of ``x`` with every row of ``z``.

        Raises:
            CircuitError: If there are shots, and an input wants a gradient.
        """
        kernel = self._exact(self.scaling * x, self.scaling * z)
        if self.shots is None:
            return kernel
        if kernel.requires_grad:
            raise CircuitError(
                f"a kernel that is estimated from shots={self.shots} has no gradient; leave shots out, or call it "
                "under torch.no_grad()."
            )
        chances = kernel.double().cpu().clamp(0.0, 1.0)
        counts = torch.binomial(torch.full_like(chances, self.shots), chances, generator=self._generator)
        return (counts / self.shots).to(kernel)

    def _exact(self, x: Tensor, z: Tensor) -> Tensor:
        if self.noise is not None:
            pairs = torch.cat([x.repeat_interleave(len(z), dim=0), z.repeat(len(x), 1)], dim=1)
            parts = torch.split(pairs, _ROWS_A_CALL)
            chances: list[Tensor] = [self.overlap(part)[:, 0] for part in parts]
            return torch.cat(chances).reshape(len(x), len(z))
        overlap = self.embedding(x) @ self.embedding(z).mH
        kernel: Tensor = overlap.real**2 + overlap.imag**2
        return kernel

    def extra_repr(self) -> str:
        """Say the bandwidth, shots and noise."""
        extras = "" if self.shots is None else f", shots={self.shots}"
        return f"scaling={self.scaling:g}{extras}{'' if self.noise is None else ', noise=True'}"
