"""Any mixture of measurements as expectation values, which are all that shots and parameter shift need to know.

A probability is the expectation value of a projector, and a variance is made of two expectation values.
"""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from qml.simulators.program import Float, Measurement


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
    rows, terms, offset = [], [], 0
    for part in measurement.parts:
        rows.append(_projectors(part) if part.kind == "probs" else part.diagonal)
        terms.append(part.terms + np.array([offset, 0, 0, 0]))
        offset += len(rows[-1])
    return replace(
        measurement,
        kind="expval",
        diagonal=np.concatenate(rows),
        terms=np.concatenate(terms).astype(np.int64),
        coefficients=np.concatenate([part.coefficients for part in measurement.parts]),
        n_outputs=offset,
        shape=(offset,),
        parts=(),
    )


def _projectors(measurement: Measurement) -> Float:
    """Return the diagonal of each outcome's projector, shape (n_outputs, 2**n_wires)."""
    found: Float = (np.arange(measurement.n_outputs)[:, None] == measurement.outcome).astype(np.float64)
    return found


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
