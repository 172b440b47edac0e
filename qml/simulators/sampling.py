"""Shots on the CPU engine: the final state is computed once, and every measurement setting is sampled from it."""

import math
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from qml.errors import CircuitError
from qml.simulators.engine import Engine
from qml.simulators.moments import moments_of
from qml.simulators.program import Program, no_observables
from qml.simulators.settings import settings_of
from qml.simulators.shifts import open_program

_NUMBERS_A_CHUNK = 1 << 24  # rows are cut so that their states hold at most this many amplitudes (256 MB)


class Sampler:
    """Runs a program's circuits with shots: rows of angles in, sampled outputs out.

    Every measurement setting (see ``settings``) is sampled with all the shots, each independently: an observable
    whose words need two settings costs twice the shots of one, and its variance is the sum of the settings' variances.

    Args:
        program: The circuit; its measurement is anything but a state.
        shots: Samples a setting.
        generator: Source of all randomness.
        n_threads: At most this many threads a call; None for ``torch.get_num_threads()``.

    Raises:
        CircuitError: If the circuit returns its state.
    """

    def __init__(self, program: Program, shots: int, generator: torch.Generator, n_threads: int | None = None) -> None:
        if program.measurement.kind == "state":
            raise CircuitError(
                f"a state cannot be sampled: the circuit returns qp.state() and shots={shots} were asked for. "
                "Return expectation values or probs, or leave shots out."
            )
        self.shots = shots
        self.generator = generator
        self.n_threads = n_threads
        self.n_wires = program.n_wires
        self.settings = settings_of(moments_of(program.measurement), program.n_wires)
        self._diagonal = all(set(setting.letters) == {"Z"} for setting in self.settings.settings)
        n_states = program.n_states
        measurement = no_observables("probs" if self._diagonal else "state", n_states, (n_states,))
        if self._diagonal:
            measurement = replace(measurement, outcome=np.arange(n_states, dtype=np.int64))
        self._engine = Engine(replace(open_program(program), measurement=measurement), np.float64)

    def __call__(self, angles: Tensor, initial: Tensor | None) -> Tensor:
        """Sample circuits.

        Args:
            angles: Radians, float64, shape (n_rows, n_angles).
            initial: First states of norm one, complex, shape (n_rows, 2**n_wires), or None for all zeros.

        Returns:
            Float64, shape (n_rows, n_outputs).
        """
        rows = max(1, _NUMBERS_A_CHUNK // self._engine.program.n_states)
        parts = [
            self._sample(angles[start : start + rows], None if initial is None else initial[start : start + rows])
            for start in range(0, max(1, len(angles)), rows)
        ]
        return torch.cat(parts)

    def _sample(self, angles: Tensor, initial: Tensor | None) -> Tensor:
        total = torch.from_numpy(self.settings.offset).repeat(len(angles), 1)
        if not self.settings.settings or not len(angles):
            return total
        planes = None if initial is None else torch.view_as_real(initial).movedim(-1, 1)
        n_threads = self.n_threads or torch.get_num_threads()
        out, _ = self._engine.forward(angles, angles.new_empty(0), planes, keep=False, n_threads=n_threads)
        for setting in self.settings.settings:
            probabilities = out if self._diagonal else _turn(out, setting.letters).square().sum(dim=1)
            counts = draw_counts(probabilities, self.shots, self.generator)
            total = total + setting.read(counts / self.shots)
        return total


def draw_counts(probabilities: Tensor, shots: int, generator: torch.Generator) -> Tensor:
    """Draw multinomial counts, many rows at once.

    The shots are shared out along a binary tree: each node's shots go left with the conditional probability, drawn
    from a binomial distribution.  So the cost does not grow with the number of shots.

    Args:
        probabilities: Not negative, float64, shape (n_rows, 2**n); each row is divided by its sum.
        shots: Total count of each row.
        generator: Source of randomness, on the CPU.

    Returns:
        Float64 whole numbers, shape (n_rows, 2**n).

    >>> generator = torch.Generator().manual_seed(1)
    >>> draw_counts(torch.tensor([[0.0, 1.0, 0.0, 0.0]], dtype=torch.float64), 100, generator)
    tensor([[  0., 100.,   0.,   0.]], dtype=torch.float64)
    """
    levels = [probabilities]
    while levels[-1].shape[1] > 1:
        levels.append(levels[-1].reshape(len(probabilities), -1, 2).sum(dim=2))
    counts = torch.full_like(levels.pop(), shots)
    while levels:
        pairs = levels.pop().reshape(len(probabilities), -1, 2)
        total = pairs.sum(dim=2)
        share = torch.where(total > 0, pairs[:, :, 0] / total, torch.zeros_like(total))
        left = torch.binomial(counts, share, generator=generator)
        counts = torch.stack([left, counts - left], dim=2).reshape(len(probabilities), -1)
    return counts


def _turn(planes: Tensor, letters: str) -> Tensor:
    """Turn states (re, im), shape (n_rows, 2, 2**n_wires), so that each wire's letter is read as Z."""
    rows = len(planes)
    for wire, letter in enumerate(letters):
        if letter == "Z":
            continue
        split = planes.reshape(rows, 2, 1 << wire, 2, -1)
        zero, one = split[:, :, :, 0], split[:, :, :, 1]
        if letter == "Y":  # the eigenvectors are |0⟩ ± i|1⟩, whose overlap takes -i times the second amplitude
            one = torch.stack([one[:, 1], -one[:, 0]], dim=1)
        planes = torch.stack([zero + one, zero - one], dim=3).reshape(rows, 2, -1) / math.sqrt(2)
    return planes
