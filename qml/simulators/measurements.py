"""From PennyLane measurements to the arrays that the kernels read."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pennylane as qp

from qml.simulators.program import Measurement

MAX_HERMITIAN_WIRES = 5


class UnsupportedMeasurementError(Exception):
    """The engine cannot read this measurement; the message names it."""


def lower_measurements(
    measurements: Sequence[Any], wire_index: Mapping[Any, int], *, as_list: bool = True
) -> Measurement:
    """Compile the measurements of one circuit.

    Args:
        measurements: PennyLane measurement processes: expectation values, or one ``probs``, or one ``state``.
        wire_index: Position of each wire label.
        as_list: Whether the circuit returned a list; a bare expectation value has no output dimension.

    Returns:
        The compiled measurement.

    Raises:
        UnsupportedMeasurementError: If there is anything else.
    """
    kinds = {type(m).__name__ for m in measurements}
    if kinds == {"ExpectationMP"}:
        return _expectations(measurements, wire_index, as_list)
    if kinds == {"ProbabilityMP"} and len(measurements) == 1 and measurements[0].obs is None:
        return _probabilities(measurements[0], wire_index)
    if kinds == {"StateMP"} and len(measurements) == 1:
        n_states = 1 << len(wire_index)
        return _empty("state", n_states, (n_states,))
    names = ", ".join(sorted(kind.removesuffix("MP").lower() for kind in kinds))
    raise UnsupportedMeasurementError(
        f"the measurement is {names}, and the engine reads expectation values, one probs or one state"
    )


def _empty(kind: Any, n_outputs: int, shape: tuple[int, ...]) -> Measurement:
    none = np.zeros(0, dtype=np.int64)
    return Measurement(kind, np.zeros((0, 0)), np.zeros((0, 4), dtype=np.int64), np.zeros(0), none, n_outputs, shape)


def _probabilities(measurement: Any, wire_index: Mapping[Any, int]) -> Measurement:
    labels = list(measurement.wires) or list(wire_index)
    n_wires = len(wire_index)
    index = np.arange(1 << n_wires)
    outcome = np.zeros_like(index)
    for label in labels:
        outcome = 2 * outcome + (index >> (n_wires - 1 - wire_index[label]) & 1)
    n_outputs = 1 << len(labels)
    empty = _empty("probs", n_outputs, (n_outputs,))
    return Measurement(
        "probs", empty.diagonal, empty.terms, empty.coefficients, outcome.astype(np.int64), n_outputs, (n_outputs,)
    )


def _expectations(measurements: Sequence[Any], wire_index: Mapping[Any, int], as_list: bool) -> Measurement:
    n_wires = len(wire_index)
    index = np.arange(1 << n_wires)
    diagonal = np.zeros((len(measurements), len(index)))
    terms: list[tuple[int, int, int, int]] = []
    coefficients: list[float] = []
    for row, measurement in enumerate(measurements):
        for word, coefficient in _pauli_words(measurement.obs).items():
            x_mask = z_mask = n_y = 0
            for label, letter in word.items():
                bit = 1 << (n_wires - 1 - wire_index[label])
                x_mask |= bit * (letter in "XY")
                z_mask |= bit * (letter in "ZY")
                n_y += letter == "Y"
            if x_mask == 0:
                diagonal[row] += coefficient * (1 - 2 * (np.bitwise_count(index & z_mask) % 2).astype(float))
            else:
                terms.append((row, x_mask, z_mask, n_y % 4))
                coefficients.append(coefficient)
    shape = (len(measurements),) if as_list else ()
    return Measurement(
        "expval",
        diagonal,
        np.array(terms, dtype=np.int64).reshape(-1, 4),
        np.array(coefficients, dtype=np.float64),
        np.zeros(0, dtype=np.int64),
        len(measurements),
        shape,
    )


def _pauli_words(observable: Any) -> dict[Any, float]:
    """Write an observable as real coefficients of Pauli words."""
    sentence = observable.pauli_rep
    if sentence is None:
        if len(observable.wires) > MAX_HERMITIAN_WIRES or not observable.has_matrix:
            raise UnsupportedMeasurementError(
                f"the observable {observable.name} is on {len(observable.wires)} wires; the engine takes sums of Pauli "
                f"words on any wires and other Hermitian operators on up to {MAX_HERMITIAN_WIRES}"
            )
        matrix = np.asarray(qp.math.unwrap([qp.matrix(observable)])[0])
        sentence = qp.pauli_decompose(matrix, wire_order=observable.wires, pauli=True)
    words: dict[Any, float] = {}
    for word, coefficient in sentence.items():
        if getattr(coefficient, "requires_grad", False) or hasattr(coefficient, "detach"):
            raise UnsupportedMeasurementError(
                "an observable's coefficient is a torch tensor, and the engine takes numbers"
            )
        if abs(complex(coefficient).imag) > 1e-12:
            raise UnsupportedMeasurementError(f"the observable {observable} is not Hermitian")
        words[word] = complex(coefficient).real
    return words
