"""Measurements read from states in torch: all of them for the torch engine, mixtures for the kernels too."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from qml.simulators.on_device import OnDevice, Put
from qml.simulators.program import Int, Measurement

_REAL = {torch.complex64: torch.float32, torch.complex128: torch.float64}


class Reader:
    """Reads outputs from states.

    Args:
        measurement: Of a program.
        n_states: Dimension of its states.
    """

    def __init__(self, measurement: Measurement, n_states: int) -> None:
        parts = measurement.parts if measurement.kind == "mixed" else (measurement,)
        self._kinds = [part.kind for part in parts]
        self._tables = OnDevice(lambda put: [_Table(part, n_states, put) for part in parts])
        self.prepare = self._tables.prepare

    def __call__(self, states: Tensor) -> Tensor:
        """Read.

        Args:
            states: Amplitudes, complex, shape (n_samples, 2**n_wires).

        Returns:
            Outputs, shape (n_samples, n_outputs).
        """
        tables = self._tables.get(states.device, _REAL[states.dtype])
        probabilities = states.real**2 + states.imag**2
        outputs = [
            table.probabilities(probabilities) if kind == "probs" else table.observables(states, probabilities)
            for kind, table in zip(self._kinds, tables, strict=True)
        ]
        for i, kind in enumerate(self._kinds):
            if kind == "var":
                first, square = outputs[i].chunk(2, dim=-1)
                outputs[i] = square - first**2
        return outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=-1)


class _Table:
    """One kind of measurement as tensors."""

    def __init__(self, measurement: Measurement, n_states: int, put: Put) -> None:
        self.n_outputs = measurement.n_outputs
        if measurement.kind == "probs":
            self.outcome = put.index(measurement.outcome)
            return
        basis = np.arange(n_states)
        self.diagonal = put.real(measurement.diagonal(n_states).T)
        self.words = []
        for flip in np.unique(measurement.terms[:, 1]):
            # <P> = Re sum_k conj(psi[k ^ flip]) phase_k psi[k], summed over the words that flip the same bits.
            phases = np.zeros((n_states, measurement.n_rows), dtype=np.complex128)
            for (row, x, z, power), value in zip(measurement.terms, measurement.coefficients, strict=True):
                if x == flip:
                    phases[:, row] += value * 1j ** int(power) * signs(basis, z)
            self.words.append((put.index(basis ^ flip), put.real(phases.real), put.real(phases.imag)))

    def probabilities(self, probabilities: Tensor) -> Tensor:
        """Sum over the wires that are not read."""
        return probabilities.new_zeros(probabilities.shape[0], self.n_outputs).index_add(1, self.outcome, probabilities)

    def observables(self, states: Tensor, probabilities: Tensor) -> Tensor:
        """Return the expectation value of every row, shape (n_samples, n_rows)."""
        values: Tensor = probabilities @ self.diagonal
        for moved, re, im in self.words:
            product = states.index_select(1, moved).conj() * states
            values = values + product.real @ re - product.imag @ im
        return values


def signs(basis: Int, mask: int) -> NDArray[np.float64]:
    """Return the eigenvalues of Z on the bits of a mask."""
    values: NDArray[np.float64] = 1.0 - 2.0 * (np.bitwise_count(basis & int(mask)) % 2)
    return values
