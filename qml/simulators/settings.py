"""Measurement settings: which words of the observables are read from the same shots.

A setting turns each wire to the basis of one Pauli letter; then a shot gives every word of the setting a value.  All
diagonal parts of all observables share the setting Z...Z; any other word joins the first setting with which it
agrees on every wire that both use (qubit-wise commuting words; Kandala et al. 2017, arXiv:1704.05018).
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from qml.simulators.program import Float, Int, Measurement


@dataclass(frozen=True)
class Setting:
    """One basis, and what its outcomes are worth.

    Attributes:
        letters: ``"X"``, ``"Y"`` or ``"Z"`` of each wire.
        values: Value of each outcome for each output, shape (n_outputs, 2**n_wires); empty for probabilities.
        outcome: Output that each outcome counts for, shape (2**n_wires,); empty unless for probabilities.
        n_outputs: Number of outputs.
    """

    letters: str
    values: Float
    outcome: Int
    n_outputs: int

    def read(self, frequencies: Tensor) -> Tensor:
        """Turn frequencies, or probabilities, of the outcomes into the outputs' share of this setting.

        Args:
            frequencies: Of the basis states after the change of basis, float64, shape (n_rows, 2**n_wires).

        Returns:
            Shape (n_rows, n_outputs).
        """
        if len(self.outcome):
            out = frequencies.new_zeros(len(frequencies), self.n_outputs)
            return out.index_add(1, torch.from_numpy(self.outcome), frequencies)
        return frequencies @ torch.from_numpy(self.values).T

    def read_sparse(self, rows: Tensor, outcomes: Tensor, frequencies: Tensor, n_rows: int) -> Tensor:
        """Do as ``read`` with a list of the outcomes that came.

        Args:
            rows: Row of each entry, shape (n_entries,).
            outcomes: Outcome of each entry, shape (n_entries,).
            frequencies: Of each entry, float64, shape (n_entries,).
            n_rows: Number of rows.

        Returns:
            Shape (n_rows, n_outputs).
        """
        out = frequencies.new_zeros(n_rows, self.n_outputs)
        if len(self.outcome):
            return out.index_put((rows, torch.from_numpy(self.outcome)[outcomes]), frequencies, accumulate=True)
        return out.index_add(0, rows, torch.from_numpy(self.values).T[outcomes] * frequencies[:, None])


@dataclass(frozen=True)
class Settings:
    """How a measurement is sampled.

    Attributes:
        settings: The bases; each is sampled with all shots.
        offset: What every output has without sampling (multiples of the identity), shape (n_outputs,).
    """

    settings: tuple[Setting, ...]
    offset: Float


def settings_of(measurement: Measurement, n_wires: int) -> Settings:
    """Group the words of expectation values into settings.

    Args:
        measurement: Of kind ``"expval"`` or ``"probs"``.
        n_wires: Number of wires.

    Returns:
        At least one setting for probabilities; none for multiples of the identity.

    >>> import pennylane as qp
    >>> from qml.simulators.measurements import lower_measurements
    >>> observables = [qp.Z(0), qp.X(0) @ qp.Z(1), qp.Z(1)]
    >>> measurement = lower_measurements([qp.expval(o) for o in observables], {0: 0, 1: 1})
    >>> [setting.letters for setting in settings_of(measurement, 2).settings]
    ['ZZ', 'XZ']
    """
    n_states = 1 << n_wires
    index = np.arange(n_states)
    if measurement.kind == "probs":
        setting = Setting("Z" * n_wires, np.zeros((0, 0)), measurement.outcome, measurement.n_outputs)
        return Settings((setting,), np.zeros(measurement.n_outputs))
    diagonal = measurement.diagonal(n_states)
    offset = diagonal.mean(axis=1)
    diagonal -= offset[:, None]
    found: list[tuple[dict[int, str], Float]] = []
    if np.any(diagonal != 0):
        found.append((dict.fromkeys(range(n_wires), "Z"), diagonal))
    for (row, x_mask, z_mask, _), coefficient in zip(
        measurement.terms.tolist(), measurement.coefficients.tolist(), strict=True
    ):
        word = _letters(x_mask, z_mask, n_wires)
        joined = next((s for s in found if all(s[0].get(w, letter) == letter for w, letter in word.items())), None)
        if joined is None:
            joined = (word, np.zeros((measurement.n_outputs, n_states)))
            found.append(joined)
        joined[0].update(word)
        joined[1][row] += coefficient * (1 - 2 * (np.bitwise_count(index & (x_mask | z_mask)) % 2).astype(float))
    none = np.zeros(0, dtype=np.int64)
    settings = tuple(
        Setting("".join(letters.get(w, "Z") for w in range(n_wires)), values, none, measurement.n_outputs)
        for letters, values in found
    )
    return Settings(settings, offset)


def _letters(x_mask: int, z_mask: int, n_wires: int) -> dict[int, str]:
    """Return the letter of each wire that a word acts on."""
    letters = {}
    for wire in range(n_wires):
        bit = 1 << (n_wires - 1 - wire)
        if (x_mask | z_mask) & bit:
            letters[wire] = "Y" if x_mask & z_mask & bit else "X" if x_mask & bit else "Z"
    return letters
