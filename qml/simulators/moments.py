"""Any mixture of measurements as expectation values, which are all that shots and parameter shift need to know.

A probability is the expectation value of a projector, and a variance is made of two expectation values.
"""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from qml.simulators.program import Measurement


def moments_of(measurement: Measurement) -> Measurement:
    """Return the expectation values that a measurement is made of.

    Args:
        measurement: Of any kind.

    Returns:
        The measurement itself, unless it is ``"mixed"``: then one of kind ``"expval"`` with a row for each observable,
        each square of one whose variance is wanted, and each outcome, in the order of the parts.
    """
    if measurement.kind != "mixed":
        return measurement
    parts = [_projectors(part) if part.kind == "probs" else part for part in measurement.parts]
    start = np.cumsum([0, *(part.n_rows for part in parts)])
    z_words = [part.z_words + np.array([offset, 0]) for part, offset in zip(parts, start[:-1], strict=True)]
    terms = [part.terms + np.array([offset, 0, 0, 0]) for part, offset in zip(parts, start[:-1], strict=True)]
    n_rows = int(start[-1])
    return replace(
        measurement,
        kind="expval",
        n_rows=n_rows,
        z_words=np.concatenate(z_words),
        z_coefficients=np.concatenate([part.z_coefficients for part in parts]),
        terms=np.concatenate(terms),
        coefficients=np.concatenate([part.coefficients for part in parts]),
        n_outputs=n_rows,
        shape=(n_rows,),
        parts=(),
    )


def _projectors(measurement: Measurement) -> Measurement:
    """Return probabilities as expectation values of projectors: products of (1 ± Z) / 2, so sums of Z words."""
    n_outputs = measurement.n_outputs
    bits = 1 << np.arange(len(measurement.outcome).bit_length() - 1)
    masks = np.zeros(1, dtype=np.int64)  # of the wires, by the subset of the outcome's bits
    for bit in 1 << np.arange(n_outputs.bit_length() - 1):
        masks = np.concatenate([masks, masks | bits[measurement.outcome[bits] == bit].sum()])
    index = np.arange(n_outputs)
    outcome, subset = (grid.reshape(-1) for grid in np.meshgrid(index, index, indexing="ij"))
    return replace(
        measurement,
        n_rows=n_outputs,
        z_words=np.stack([outcome, masks[subset]], axis=1),
        z_coefficients=(1.0 - 2.0 * (np.bitwise_count(outcome & subset) % 2)) / n_outputs,
    )


def from_moments(measurement: Measurement, values: Tensor) -> Tensor:
    """Turn expectation values into the outputs of a measurement.

    A sampled variance is that of the sample, mean of squares minus squared mean: on average it lacks (variance of the
    sampled mean), 1/shots of itself for one word.

    Args:
        measurement: Of any kind.
        values: Of ``moments_of(measurement)``, shape (n_samples, n_moments).

    Returns:
        Shape (n_samples, n_outputs).
    """
    if measurement.kind != "mixed":
        return values
    outputs: list[Tensor] = []
    start = 0
    for part in measurement.parts:
        own = values[:, start : start + part.n_outputs]
        start += part.n_outputs
        if part.kind == "var":
            own = values[:, start : start + part.n_outputs] - own**2
            start += part.n_outputs
        outputs.append(own)
    return torch.cat(outputs, dim=1)
