"""A program as the kernels of the CPU engine take it: one header in place of twenty arguments."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qml.simulators.addresses import array_at
from qml.simulators.jit import inlined
from qml.simulators.permutations import Permutation
from qml.simulators.program import CONSTANT, ONE_WIRE, PARITY, Float, Int, Program

_PAULIS = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


class Tables(NamedTuple):
    """What every pass over a circuit reads; see ``Program``, ``Angles`` and ``Measurement`` for what is not said here.

    Attributes:
        operations: Of the program.
        elements: Of the program.
        constants: Its constant matrices as (re, im) of their entries in row order, shape (n_constants, 8).
        turns: How they turn Pauli words: turns[c, q, p] = tr(Q U P U*) / 2, shape (n_constants, 3, 3).
        lane_operation: Whether an operation differs from sample to sample, shape (n_operations,).
        angle_constant: Of the parameter map, as the next five.
        angle_start: Of the parameter map.
        angle_coefficient: Of the parameter map.
        angle_first: Of the parameter map.
        angle_second: Of the parameter map.
        angle_lane: Of the parameter map.
        n_lane: Number of per-sample angles.
        dense_re: Real parts of dense unitaries, stacked and padded; the operation's row holds their true sizes.
        dense_im: Imaginary parts.
        dense_offsets: Their index offsets.
        dense_bases: Their bases.
        terms: Of the measurement.
        coefficients: Of the measurement, of the engine's dtype.
        outcome: Of the measurement.
        diagonal: Diagonal part of each observable, shape (n_rows, n_states); no columns for wide states.
        cycles: Of each permutation, see ``Permutation.cycles``; from its end on ~n_states, shape (n_permutations, n).
        inverse_cycles: Likewise, of the inverse permutations.
        n_states: 2**n_wires.
        n_samplewise: Per-sample variables.
        n_weights: Weights.
        n_outputs: Outputs of a sample; none where the states are handed out.
        hands_out_states: Whether they are.
    """

    operations: Int
    elements: Int
    constants: Float
    turns: Float
    lane_operation: NDArray[np.bool_]
    angle_constant: Float
    angle_start: Int
    angle_coefficient: Float
    angle_first: Int
    angle_second: Int
    angle_lane: Int
    n_lane: int
    dense_re: NDArray[Any]
    dense_im: NDArray[Any]
    dense_offsets: Int
    dense_bases: Int
    terms: Int
    coefficients: NDArray[Any]
    outcome: Int
    diagonal: NDArray[Any]
    cycles: Int
    inverse_cycles: Int
    n_states: int
    n_samplewise: int
    n_weights: int
    n_outputs: int
    hands_out_states: bool


def header_of(tables: Tables) -> Int:
    """Return where the tables lie, rows (address, dimensions...) or (number, ...), in the order of ``Tables``.

    A call hands this one array to a kernel; twenty arrays would cost as much as a few gates.  Whoever holds the header
    holds the tables, too.
    """
    header = np.zeros((len(tables), 4), np.int64)
    for row, entry in enumerate(tables):
        if isinstance(entry, int):  # True and False, too
            header[row, 0] = entry
            continue
        if not isinstance(entry, np.ndarray):
            raise AssertionError(f"{Tables._fields[row]} is no array and no number")
        if not entry.flags.c_contiguous or (entry.dtype.kind == "i" and entry.dtype != np.int64):
            raise AssertionError(f"the kernels would misread {Tables._fields[row]}: {entry.dtype}, {entry.flags}")
        header[row, 0] = entry.ctypes.data
        header[row, 1 : 1 + entry.ndim] = entry.shape
    return header


@inlined
def tables_at(h, dtype):  # type: ignore[no-untyped-def]
    """Return the tables that a header tells of, in compiled code; ``dtype`` is that of states."""
    return Tables(
        array_at(h[0, 0], (h[0, 1], h[0, 2]), np.int64),
        array_at(h[1, 0], (h[1, 1], h[1, 2]), np.int64),
        array_at(h[2, 0], (h[2, 1], h[2, 2]), np.float64),
        array_at(h[3, 0], (h[3, 1], h[3, 2], h[3, 3]), np.float64),
        array_at(h[4, 0], (h[4, 1],), np.bool_),
        array_at(h[5, 0], (h[5, 1],), np.float64),
        array_at(h[6, 0], (h[6, 1],), np.int64),
        array_at(h[7, 0], (h[7, 1],), np.float64),
        array_at(h[8, 0], (h[8, 1],), np.int64),
        array_at(h[9, 0], (h[9, 1],), np.int64),
        array_at(h[10, 0], (h[10, 1],), np.int64),
        h[11, 0],
        array_at(h[12, 0], (h[12, 1], h[12, 2], h[12, 3]), dtype),
        array_at(h[13, 0], (h[13, 1], h[13, 2], h[13, 3]), dtype),
        array_at(h[14, 0], (h[14, 1], h[14, 2]), np.int64),
        array_at(h[15, 0], (h[15, 1], h[15, 2]), np.int64),
        array_at(h[16, 0], (h[16, 1], h[16, 2]), np.int64),
        array_at(h[17, 0], (h[17, 1],), dtype),
        array_at(h[18, 0], (h[18, 1],), np.int64),
        array_at(h[19, 0], (h[19, 1], h[19, 2]), dtype),
        array_at(h[20, 0], (h[20, 1], h[20, 2]), np.int64),
        array_at(h[21, 0], (h[21, 1], h[21, 2]), np.int64),
        h[22, 0],
        h[23, 0],
        h[24, 0],
        h[25, 0],
        h[26, 0] != 0,
    )


def tables_of(program: Program, dtype: np.dtype[Any], n_listed: int) -> Tables:
    """Return the tables of a program for an engine of a dtype.

    Args:
        program: The compiled circuit.
        dtype: Of states.
        n_listed: Basis states to list in tables: all of them, or none where states are too many.
    """
    constants = np.zeros((max(1, len(program.constants)), 8))
    turns = np.zeros((len(constants), 3, 3))
    for row, matrix in enumerate(program.constants):
        constants[row] = matrix.reshape(4).view(np.float64)
        turns[row] = np.einsum("qab,bc,pcd,ad->qp", _PAULIS, matrix, _PAULIS, matrix.conj()).real / 2
    angles, measurement = program.angles, program.measurement
    lane_operation = [any(angles.lane[p] >= 0 for p in angles_of(program, row)) for row in program.operations]
    return Tables(
        program.operations,
        program.elements,
        constants,
        turns,
        np.array(lane_operation, dtype=np.bool_),
        angles.constant,
        angles.start,
        angles.coefficient,
        angles.first,
        angles.second,
        angles.lane,
        angles.n_lane,
        *_stack_dense(program, dtype),
        measurement.terms,
        measurement.coefficients.astype(dtype),
        measurement.outcome,
        measurement.diagonal(n_listed).astype(dtype) if n_listed else np.zeros((0, 0), dtype),
        _stack_cycles(program.permutations, n_listed),
        _stack_cycles([permutation.inverse() for permutation in program.permutations], n_listed),
        program.n_states,
        program.n_inputs + program.n_extra,
        program.n_weights,
        0 if measurement.needs_state else measurement.n_outputs,
        measurement.needs_state,
    )


def angles_of(program: Program, operation: NDArray[np.int64]) -> list[int]:
    """List the angles that an operation of the program uses."""
    if operation[0] == PARITY:
        return [int(operation[2])]
    if operation[0] == ONE_WIRE:
        rows = program.elements[operation[4] : operation[5]]
        return [int(index) for kind, index in rows if kind != CONSTANT]
    return []


def _stack_cycles(permutations: Sequence[Permutation], n_states: int) -> NDArray[np.int64]:
    """Stack the cycles of permutations, each with an end; nothing for no states."""
    found = [permutation.cycles() for permutation in permutations] if n_states else []
    stacked = np.full((len(found), max(map(len, found), default=0) + 1), ~n_states, np.int64)
    for row, cycles in zip(stacked, found, strict=True):
        row[: len(cycles)] = cycles
    return stacked


def stack_moves(permutations: Sequence[Permutation], program: Program) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Stack rows (listed, offset, columns...), where ``listed`` is a row of the second array, or -1; and the lists."""
    moves = np.full((len(permutations), program.n_wires + 2), -1, np.int64)
    listed: list[NDArray[np.int32]] = []
    for row, permutation in enumerate(permutations):
        if permutation.listed is not None:
            moves[row, 0] = len(listed)
            listed.append(permutation.listed)
        else:
            moves[row, 1:] = [permutation.offset, *permutation.columns]
    return moves, np.stack(listed) if listed else np.zeros((0, 0), np.int32)


def _stack_dense(program: Program, dtype: np.dtype[Any]) -> tuple[NDArray[Any], NDArray[Any], Int, Int]:
    count = max(1, len(program.dense))
    size = max((len(d.offsets) for d in program.dense), default=1)
    rest = max((len(d.bases) for d in program.dense), default=1)
    re = np.zeros((count, size, size), dtype)
    im = np.zeros((count, size, size), dtype)
    offsets = np.zeros((count, size), np.int64)
    bases = np.zeros((count, rest), np.int64)
    for row, dense in enumerate(program.dense):
        k = len(dense.offsets)
        re[row, :k, :k] = dense.matrix.real
        im[row, :k, :k] = dense.matrix.imag
        offsets[row, :k] = dense.offsets
        bases[row, : len(dense.bases)] = dense.bases
    return re, im, offsets, bases
