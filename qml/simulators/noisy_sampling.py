"""Shots under noise: exact probabilities from the density-matrix engine, then samples of every measurement setting.

In a setting, the probability of an outcome is a sum of 2**n Pauli words: those that have the setting's letter, or
none, on each wire.  The engine reads them all from one run, readout errors included, and multinomial counts are drawn
from what they add up to.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.linalg
import torch
from torch import Tensor

from qml.errors import CircuitError
from qml.simulators.density import DensityEngine, pauli_coefficients, warn_where_nothing_is_noisy
from qml.simulators.moments import from_moments, moments_of
from qml.simulators.noise import NoiseModel
from qml.simulators.program import Measurement
from qml.simulators.sampling import draw_counts
from qml.simulators.settings import settings_of
from qml.simulators.trace import Traced


class NoisySampler:
    """Runs a traced circuit under noise with shots, forward only; see ``Runner``.

    It computes on the CPU in float64; inputs on another device are carried there and back.

    Args:
        traced: A circuit traced with ``after=gates_after(noise)``; it returns anything but its state.
        noise: The noise.
        shots: Samples a measurement setting, see ``qml.simulators.settings``.
        generator: Source of the samples, on the CPU.
        n_threads: At most this many threads a call; None for ``torch.get_num_threads()``.

    Raises:
        CircuitError: If the circuit returns its state, or has more than eight wires.

    >>> import pennylane as qp
    >>> from qml.simulators import gates_after, trace
    >>> def circuit(inputs):
    ...     qp.RX(inputs[0], wires=0)
    ...     return qp.expval(qp.Z(0))
    >>> noise = NoiseModel.depolarizing(0.75)  # nothing of the state is left
    >>> traced = trace(circuit, 1, {}, after=gates_after(noise))
    >>> runner = NoisySampler(traced, noise, 10_000, torch.Generator().manual_seed(0))
    >>> bool(runner(torch.zeros(1, 1), {}).abs() < 0.05)
    True
    """

    def __init__(
        self,
        traced: Traced,
        noise: NoiseModel,
        shots: int,
        generator: torch.Generator,
        n_threads: int | None = None,
    ) -> None:
        measurement, n_wires = traced.program.measurement, traced.program.n_wires
        if measurement.kind == "state":
            raise CircuitError(
                f"a noisy circuit has no state vector, and none could be sampled: the circuit returns qp.state() and "
                f"shots={shots} were asked for. Return expectation values or probs."
            )
        warn_where_nothing_is_noisy(noise, traced)
        self.traced = traced
        self.shots = shots
        self.generator = generator
        self.n_threads = n_threads
        self.settings = settings_of(moments_of(measurement), n_wires)
        words = _words_of([setting.letters for setting in self.settings.settings], n_wires)
        self._engine = DensityEngine(replace(traced, program=replace(traced.program, measurement=words)), noise, float)

    def __call__(self, inputs: Tensor, weights: Mapping[str, Tensor]) -> Tensor:
        """Run a batch, see ``Runner``; a backward pass through it raises `CircuitError`."""
        with torch.no_grad():
            out = self._sample(inputs.detach().cpu(), [value.detach().cpu() for value in weights.values()])
        out = out.to(device=inputs.device, dtype=inputs.dtype)
        out = out.reshape(len(inputs), *self.traced.program.measurement.shape)
        sources = [value for value in (inputs, *weights.values()) if value.requires_grad]
        if not (sources and torch.is_grad_enabled()):
            return out
        refusing: Tensor = _NoGradient.apply(out, *sources)  # type: ignore[no-untyped-call]  # torch leaves it untyped
        return refusing

    def _sample(self, inputs: Tensor, weights: list[Tensor]) -> Tensor:
        """Return the measured values, float64, shape (n_samples, n_outputs)."""
        total = torch.from_numpy(self.settings.offset).repeat(len(inputs), 1)
        if self.settings.settings and len(inputs):
            for setting, probabilities in zip(
                self.settings.settings, self._probabilities(inputs, weights), strict=True
            ):
                counts = draw_counts(probabilities, self.shots, self.generator)
                total = total + setting.read(counts / self.shots)
        return from_moments(self.traced.program.measurement, total)

    def _probabilities(self, inputs: Tensor, weights: list[Tensor]) -> list[Tensor]:
        """Return the outcomes' probabilities of each setting, shape (n_samples, 2**n_wires) each."""
        variables, initial = self.traced.variables(inputs.double(), weights)
        joined = torch.cat([value.double().reshape(-1) for value in weights]) if weights else variables.new_zeros(0)
        values, _ = self._engine.forward(
            variables.contiguous().numpy(),
            joined.numpy(),
            None if initial is None else pauli_coefficients(initial).double().contiguous().numpy(),
            n_threads=self.n_threads or torch.get_num_threads(),
        )
        n_states = self.traced.program.n_states
        signs = scipy.linalg.hadamard(n_states) / n_states
        by_setting = values.reshape(len(inputs), len(self.settings.settings), n_states) @ signs
        # Rounding may leave a probability a little below zero.
        return list(torch.from_numpy(by_setting).clamp_min(0.0).unbind(dim=1))


class _NoGradient(torch.autograd.Function):
    """Passes values on and refuses to be differentiated."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, *sources: Tensor) -> Tensor:
        return value.clone()

    @staticmethod
    def backward(ctx: Any, *_: Any) -> Any:
        raise CircuitError(
            "shots together with noise are for predictions, and have no gradient: train without shots (exact gradients "
            "under noise) or without noise (parameter shift)."
        )


def _words_of(settings: list[str], n_wires: int) -> Measurement:
    """Return the expectation values of all words of each setting: a row for each setting and subset of the wires."""
    n_states = 1 << n_wires
    subset = np.arange(n_states)
    z_words, terms = [np.zeros((0, 2), np.int64)], [np.zeros((0, 4), np.int64)]
    for place, letters in enumerate(settings):
        flips, is_y = (sum(1 << (n_wires - 1 - w) for w, a in enumerate(letters) if a in kind) for kind in ("XY", "Y"))
        x, y = subset & flips, subset & is_y
        z = subset & ~flips | y
        row = place * n_states + subset
        z_words.append(np.stack([row, z], axis=1)[x == 0])
        terms.append(np.stack([row, x, z, np.bitwise_count(y) % 4], axis=1)[x != 0].astype(np.int64))
    n_rows = len(settings) * n_states
    diagonal, rest = np.concatenate(z_words), np.concatenate(terms)
    return Measurement(
        "expval",
        n_rows,
        diagonal,
        np.ones(len(diagonal)),
        rest,
        np.ones(len(rest)),
        np.zeros(0, dtype=np.int64),
        n_rows,
        (n_rows,),
    )
