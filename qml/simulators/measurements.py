"""From PennyLane measurements to the arrays that the kernels read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
import pennylane as qp

from qml.simulators.memory import check_memory
from qml.simulators.program import Measurement, no_observables

MAX_HERMITIAN_WIRES = 5
_KINDS = {"ExpectationMP": "expval", "VarianceMP": "var", "ProbabilityMP": "probs", "StateMP": "state"}


class UnsupportedMeasurementError(Exception):
    """The engine cannot read this measurement; the message names it."""


def lower_measurements(
    measurements: Sequence[Any], wire_index: Mapping[Any, int], *, as_list: bool = True
) -> Measurement:
    """Compile the measurements of one circuit.

    Args:
        measurements: PennyLane measurement processes: expectation values, variances and probabilities in any mixture,
            or one ``state``.
        wire_index: Position of each wire label.
        as_list: Whether the circuit returned a list; a bare expectation value has no output dimension.

    Returns:
        The compiled measurement.

    Raises:
        UnsupportedMeasurementError: If there is anything else.
    """
    kinds = [_KINDS.get(type(m).__name__) for m in measurements]
    if kinds == ["state"] and not measurements[0].wires:
        n_states = 1 << len(wire_index)
        return no_observables("state", n_states, (n_states,))
    if None in kinds or "state" in kinds or any(m.mv is not None for m in measurements):
        names = ", ".join(sorted({type(m).__name__.removesuffix("MP").lower() for m in measurements}))
        raise UnsupportedMeasurementError(
            f"the measurement is {names}, and the engine reads expectation values, variances, probabilities or one "
            "state"
        )
    parts: list[Measurement] = []
    for kind, group in groupby(zip(kinds, measurements, strict=True), key=lambda pair: pair[0]):
        members = [measurement for _, measurement in group]
        if kind == "probs":
            parts.extend(_probabilities(measurement, wire_index, alone=len(kinds) == 1) for measurement in members)
        else:
            parts.append(_observables(members, wire_index, as_list or len(kinds) > 1, squares=kind == "var"))
    if len(parts) == 1 and parts[0].kind != "var":
        return parts[0]
    n_outputs = sum(part.n_outputs for part in parts)
    shape = parts[0].shape if len(parts) == 1 else (n_outputs,)
    mixed = no_observables("mixed", n_outputs, shape)
    return replace(mixed, parts=tuple(parts))


def diagonalizing_gates(measurements: Sequence[Any]) -> list[Any]:
    """Return what turns the state into the eigenbasis of ``probs(op=...)``, where that is all that is measured."""
    if len(measurements) != 1 or type(measurements[0]).__name__ != "ProbabilityMP" or measurements[0].obs is None:
        return []
    with qp.queuing.QueuingManager.stop_recording():
        return list(measurements[0].diagonalizing_gates())


def _probabilities(measurement: Any, wire_index: Mapping[Any, int], *, alone: bool) -> Measurement:
    if measurement.obs is not None and not alone:
        raise UnsupportedMeasurementError(
            "the measurement is the probabilities of an observable beside others, and the engine reads those alone"
        )
    labels = list(measurement.wires) or list(wire_index)
    n_wires = len(wire_index)
    check_memory(3 * 8 << n_wires, f"the outcomes of qp.probs on a circuit of {n_wires} wires")
    index = np.arange(1 << n_wires)
    outcome = np.zeros_like(index)
    for label in labels:
        outcome = 2 * outcome + (index >> (n_wires - 1 - wire_index[label]) & 1)
    n_outputs = 1 << len(labels)
    return replace(no_observables("probs", n_outputs, (n_outputs,)), outcome=outcome.astype(np.int64))


def _observables(
    measurements: Sequence[Any], wire_index: Mapping[Any, int], as_list: bool, *, squares: bool
) -> Measurement:
    """Compile expectation values, or variances: then the squares of the observables follow them."""
    n_wires = len(wire_index)
    sentences = [_pauli_sentence(measurement.obs) for measurement in measurements]
    if squares:
        sentences += [sentence @ sentence for sentence in sentences]
    z_words: list[tuple[int, int]] = []
    z_coefficients: list[float] = []
    terms: list[tuple[int, int, int, int]] = []
    coefficients: list[float] = []
    for row, sentence in enumerate(sentences):
        for word, coefficient in _real(sentence).items():
            x_mask = z_mask = n_y = 0
            for label, letter in word.items():
                bit = 1 << (n_wires - 1 - wire_index[label])
                x_mask |= bit * (letter in "XY")
                z_mask |= bit * (letter in "ZY")
                n_y += letter == "Y"
            if x_mask == 0:
                z_words.append((row, z_mask))
                z_coefficients.append(coefficient)
            else:
                terms.append((row, x_mask, z_mask, n_y % 4))
                coefficients.append(coefficient)
    return Measurement(
        "var" if squares else "expval",
        len(sentences),
        np.array(z_words, dtype=np.int64).reshape(-1, 2),
        np.array(z_coefficients, dtype=np.float64),
        np.array(terms, dtype=np.int64).reshape(-1, 4),
        np.array(coefficients, dtype=np.float64),
        np.zeros(0, dtype=np.int64),
        len(measurements),
        (len(measurements),) if as_list else (),
    )


def _pauli_sentence(observable: Any) -> Any:
    """Write an observable as a sum of Pauli words."""
    sentence = observable.pauli_rep
    if sentence is None:
        if len(observable.wires) > MAX_HERMITIAN_WIRES or not observable.has_matrix:
            raise UnsupportedMeasurementError(
                f"the observable {observable.name} is on {len(observable.wires)} wires; the engine takes sums of Pauli "
                f"words on any wires and other Hermitian operators on up to {MAX_HERMITIAN_WIRES}"
            )
        matrix = np.asarray(qp.math.unwrap([qp.matrix(observable, wire_order=observable.wires)])[0])
        sentence = qp.pauli_decompose(matrix, wire_order=observable.wires, pauli=True)
    return sentence


def _real(sentence: Any) -> dict[Any, float]:
    """Return the real coefficients of Pauli words."""
    words: dict[Any, float] = {}
    for word, coefficient in sentence.items():
        if hasattr(coefficient, "detach"):
            raise UnsupportedMeasurementError(
                "an observable's coefficient is a torch tensor, and the engine takes numbers"
            )
        if abs(complex(coefficient).imag) > 1e-12:
            raise UnsupportedMeasurementError("an observable is not Hermitian")
        words[word] = complex(coefficient).real
    return words
