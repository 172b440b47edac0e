"""Mixed measurements, read from the state in torch, where the kernels know one kind at a time."""

import torch
from torch import Tensor

from qml.simulators.program import Measurement


def read(measurement: Measurement, raw: Tensor) -> Tensor:
    """Return the outputs of a measurement from what an engine gives: states for a mixture, else the outputs.

    Args:
        measurement: Of a program.
        raw: Amplitudes, complex, shape (n_samples, 2**n_wires); or outputs, shape (n_samples, n_outputs).

    Returns:
        Shape (n_samples, n_outputs).
    """
    if measurement.kind != "mixed":
        return raw
    return torch.cat([_read_part(part, raw) for part in measurement.parts], dim=-1)


def _read_part(measurement: Measurement, states: Tensor) -> Tensor:
    probabilities = states.real**2 + states.imag**2
    if measurement.kind == "probs":
        outcome = torch.as_tensor(measurement.outcome, device=states.device)
        zeros = probabilities.new_zeros(len(states), measurement.n_outputs)
        return zeros.index_add(1, outcome, probabilities)
    values = _expectations(measurement, states, probabilities)
    if measurement.kind == "expval":
        return values
    first, square = values.chunk(2, dim=-1)
    return square - first**2


def _expectations(measurement: Measurement, states: Tensor, probabilities: Tensor) -> Tensor:
    """Compute the expectation value of every row, shape (n_samples, n_rows)."""
    values = probabilities @ torch.as_tensor(measurement.diagonal, device=states.device).to(probabilities.dtype).T
    index = torch.arange(states.shape[-1], device=states.device)
    for (row, flip, signs, power), coefficient in zip(
        measurement.terms.tolist(), measurement.coefficients.tolist(), strict=True
    ):
        masked = index & signs
        odd = torch.zeros_like(index)
        for bit in range(signs.bit_length()):
            odd ^= masked >> bit & 1
        overlap = states[:, index ^ flip].conj() * states * (1 - 2 * odd)
        value = (overlap.sum(-1) * 1j**power).real * coefficient
        values = values.index_add(1, torch.tensor([row], device=states.device), value[:, None])
    return values
