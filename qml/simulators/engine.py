"""The CPU state-vector engine: a program and arrays in, outputs and gradients out.

Thread counts are chosen here, call by call: blocks of samples go to a small pool of Python threads, and the kernels
release the interpreter lock.  Idle threads sleep instead of spinning, so a busy machine slows the engine down by
what it takes and no more.
"""

import math
import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from qml.simulators import kernels, wide
from qml.simulators.memory import check_memory
from qml.simulators.permutations import Permutation
from qml.simulators.program import CONSTANT, ONE_WIRE, PARITY, Program

Array = NDArray[np.floating[Any]]
Spans = tuple[tuple[int, int], ...]

# Below about this many amplitude updates a call is over before a second thread has woken up; a judgement, not measured.
_UPDATES_WORTH_A_THREAD = 2_000_000


# By number of wires: how much dearer a sample is with lanes over amplitudes than a lane is with lanes over samples
# (benchmarks/engines.py).  Fewer wires never gain by it; more always do, since a block of sixteen states no longer
# fits the cache.
_WIDE_COST = {8: 8.0, 9: 4.5, 10: 2.6, 11: 2.0, 12: 1.7}


@dataclass(frozen=True)
class Gradients:
    """Gradients of one backward pass; None where they were not asked for.

    Attributes:
        inputs: Shape (n_samples, n_inputs + n_extra).
        weights: Shape (n_weights,).
        initial: dL/d(re, im) of the first states, shape (n_samples, 2, 2**n_wires).
    """

    inputs: Array | None
    weights: Array | None
    initial: Array | None


@dataclass(frozen=True)
class Tape:
    """What a forward pass keeps for the backward pass.

    Attributes:
        saved: Final states, shape (n_blocks, 2, 2**n_wires, LANES), or wide: (n_samples, 2, 2**n_wires / LANES, LANES).
        is_wide: Whether the lanes are amplitudes.
        inputs: The per-sample variables.
        weights: The weights.
        shared: Angles that depend on weights only.
        matrices: Fused matrices of the operations that are the same for all samples.
    """

    saved: Array
    is_wide: bool
    inputs: Array
    weights: Array
    shared: NDArray[np.float64]
    matrices: NDArray[np.float64]


class Engine:
    """Runs one program on the CPU.

    Args:
        program: The compiled circuit.
        dtype: float32 or float64, of states and outputs.
    """

    def __init__(self, program: Program, dtype: DTypeLike = np.float32) -> None:
        self.program = program
        self.dtype = np.dtype(dtype)
        constants = np.zeros((max(1, len(program.constants)), 8))
        for row, matrix in enumerate(program.constants):
            constants[row] = matrix.reshape(4).view(np.float64)
        self._constants = constants
        self._lane_operation = np.array([self._is_samplewise(row) for row in program.operations], dtype=np.bool_)
        self._dense = _stack_dense(program, self.dtype)
        measurement = program.measurement
        self._coefficients = measurement.coefficients.astype(self.dtype)
        self._has_lanes = program.n_wires <= max(_WIDE_COST)
        n_states = program.n_states if self._has_lanes else 0
        self._diagonal = measurement.diagonal(n_states).astype(self.dtype) if n_states else np.zeros((0, 0), self.dtype)
        inverses = [permutation.inverse() for permutation in program.permutations]
        self._tables = _stack_tables(program.permutations, n_states), _stack_tables(inverses, n_states)
        self._moves = _stack_moves(program.permutations, program), _stack_moves(inverses, program)
        angles = program.angles
        self._map = (angles.constant, angles.start, angles.coefficient, angles.first, angles.second, angles.lane)
        self._gates = (program.operations, program.elements, self._constants, self._lane_operation)
        self._n_lane = angles.n_lane
        self._wanted_for: dict[tuple[bool, bool, bool, Spans], tuple[NDArray[np.bool_], int]] = {}

    def _angles_of(self, operation: NDArray[np.int64]) -> list[int]:
        """List the angles that an operation uses."""
        if operation[0] == PARITY:
            return [int(operation[2])]
        if operation[0] == ONE_WIRE:
            rows = self.program.elements[operation[4] : operation[5]]
            return [int(index) for kind, index in rows if kind != CONSTANT]
        return []

    def _is_samplewise(self, operation: NDArray[np.int64]) -> bool:
        return any(self.program.angles.lane[p] >= 0 for p in self._angles_of(operation))

    def forward(
        self, inputs: Array, weights: Array, initial: Array | None = None, *, keep: bool, n_threads: int = 1
    ) -> tuple[Array, Tape | None]:
        """Run the circuit for a batch.

        Args:
            inputs: Shape (n_samples, n_inputs + n_extra), of the engine's dtype, C-contiguous.
            weights: Shape (n_weights,), of the engine's dtype.
            initial: First states (re, im), shape (n_samples, 2, 2**n_wires), or None for the all-zeros state.
            keep: Whether a backward pass will follow.
            n_threads: At most this many threads.

        Returns:
            Outputs, shape (n_samples, n_outputs), or (n_samples, 2, 2**n_wires) for states; and the tape.

        Raises:
            CircuitError: If the states would not fit the memory.
        """
        self._check_memory(len(inputs), keep, n_threads)
        if self._is_wide(len(inputs)):
            return self._forward_wide(inputs, weights, initial, keep, n_threads)
        program, angles = self.program, self.program.angles
        n_samples = len(inputs)
        n_blocks = -(-n_samples // kernels.LANES)
        shared = np.zeros(len(angles.constant))
        matrices = np.zeros((len(program.operations), 8))
        kernels.shared(*self._map, weights, inputs.shape[1], *self._gates, shared, matrices)
        as_state = program.measurement.needs_state
        saved = np.empty((n_blocks if keep else 0, 2, program.n_states, kernels.LANES), self.dtype)
        out = np.empty((n_samples, 0 if as_state else program.measurement.n_outputs), self.dtype)
        state_out = np.empty((n_samples if as_state else 0, 2, program.n_states), self.dtype)
        first = np.empty((0, 2, program.n_states), self.dtype) if initial is None else initial

        def run(start: int, stop: int) -> None:
            kernels.forward(
                start,
                stop,
                inputs,
                weights,
                first,
                *self._gates,
                matrices,
                *self._map,
                self._n_lane,
                shared,
                self._tables[0],
                *self._dense,
                self._diagonal,
                program.measurement.terms,
                self._coefficients,
                program.measurement.outcome,
                saved,
                out,
                state_out,
            )

        self._spread(run, n_blocks, n_threads)
        tape = Tape(saved, False, inputs, weights, shared, matrices) if keep else None
        return (state_out if as_state else out), tape

    def _check_memory(self, n_samples: int, keep: bool, n_threads: int) -> None:
        """Refuse what would not fit: a kept state a sample and, of each thread, three of the backward pass."""
        state = 2 * self.program.n_states * self.dtype.itemsize
        of_threads = (3 if keep else 2) * min(n_threads, n_samples)
        if not self._is_wide(n_samples):
            of_threads *= kernels.LANES
        needed = state * (n_samples * keep + of_threads)
        check_memory(needed, f"the states of a batch of {n_samples} on {self.program.n_wires} wires")

    def _is_wide(self, n_samples: int) -> bool:
        n_wires = self.program.n_wires
        lanes = -(-n_samples // kernels.LANES) * kernels.LANES
        return not self._has_lanes or n_samples * _WIDE_COST.get(n_wires, math.inf) < lanes

    def _forward_wide(
        self, inputs: Array, weights: Array, initial: Array | None, keep: bool, n_threads: int
    ) -> tuple[Array, Tape | None]:
        program = self.program
        n_samples, rows = len(inputs), program.n_states // kernels.LANES
        as_state = program.measurement.needs_state
        saved = np.empty((n_samples if keep else 0, 2, rows, kernels.LANES), self.dtype)
        out = np.empty((n_samples, 0 if as_state else program.measurement.n_outputs), self.dtype)
        state_out = np.empty((n_samples if as_state else 0, 2, program.n_states), self.dtype)
        first = np.empty((0, 2, program.n_states), self.dtype) if initial is None else initial

        def run(start: int, stop: int) -> None:
            wide.forward(
                start,
                stop,
                inputs,
                weights,
                first,
                program.operations,
                program.elements,
                self._constants,
                *self._map[:-1],
                *self._moves[0],
                *self._dense,
                program.measurement.z_words,
                program.measurement.z_coefficients,
                program.measurement.terms,
                self._coefficients,
                program.measurement.outcome,
                saved,
                out,
                state_out,
            )

        self._spread(run, n_samples, n_threads, samples_a_block=1)
        nothing = np.zeros(0)
        tape = Tape(saved, True, inputs, weights, nothing, nothing) if keep else None
        return (state_out if as_state else out), tape

    def _backward_wide(
        self,
        tape: Tape,
        gradient: Array,
        for_inputs: bool,
        for_weights: bool,
        for_initial: bool,
        frozen: Spans,
        n_threads: int,
    ) -> Gradients:
        program = self.program
        wanted, stop_at = self._wanted(for_inputs, for_weights, for_initial, frozen)
        as_state = program.measurement.needs_state
        n_samples, n_samplewise = tape.inputs.shape
        empty_states = np.empty((0, 2, program.n_states), self.dtype)
        input_gradient = np.zeros((n_samples, n_samplewise))
        weight_gradient = np.zeros((n_samples, program.n_weights))
        initial_gradient = np.empty((n_samples, 2, program.n_states), self.dtype) if for_initial else empty_states
        output_gradient = np.empty((n_samples, 0), self.dtype) if as_state else gradient
        state_gradient = gradient if as_state else empty_states

        def run(start: int, stop: int) -> None:
            wide.backward(
                start,
                stop,
                tape.inputs,
                tape.weights,
                program.operations,
                program.elements,
                self._constants,
                *self._map[:-1],
                *self._moves[1],
                *self._dense,
                program.measurement.z_words,
                program.measurement.z_coefficients,
                program.measurement.terms,
                self._coefficients,
                program.measurement.outcome,
                tape.saved,
                output_gradient,
                state_gradient,
                wanted,
                stop_at,
                input_gradient,
                weight_gradient,
                initial_gradient,
            )

        self._spread(run, n_samples, n_threads, samples_a_block=1)
        return Gradients(
            inputs=input_gradient.astype(self.dtype) if for_inputs else None,
            weights=weight_gradient.sum(axis=0).astype(self.dtype) if for_weights else None,
            initial=initial_gradient if for_initial else None,
        )

    def backward(
        self,
        tape: Tape,
        gradient: Array,
        *,
        for_inputs: bool = True,
        for_weights: bool = True,
        for_initial: bool = False,
        frozen: Spans = (),
        n_threads: int = 1,
    ) -> Gradients:
        """Run the adjoint pass.

        Args:
            tape: Of the forward pass; it is left as it is, so a second backward pass may follow.
            gradient: dL/d(output), shape of the forward pass's output.
            for_inputs: Whether gradients of the per-sample variables are wanted.
            for_weights: Whether gradients of the weights are wanted.
            for_initial: Whether gradients of the first states are wanted.
            frozen: Weights [start, stop) whose gradients are not wanted among the others; theirs are undefined.
            n_threads: At most this many threads.

        Returns:
            The gradients; what was not wanted costs nothing and is None.
        """
        if tape.is_wide:
            return self._backward_wide(tape, gradient, for_inputs, for_weights, for_initial, frozen, n_threads)
        program, angles = self.program, self.program.angles
        n_blocks, n_operations = len(tape.saved), len(program.operations)
        wanted, stop_at = self._wanted(for_inputs, for_weights, for_initial, frozen)
        as_state = program.measurement.needs_state
        n_samples, n_samplewise = tape.inputs.shape
        empty_states = np.empty((0, 2, program.n_states), self.dtype)
        cross = np.zeros((n_blocks, n_operations, 8))
        shared_gradient = np.zeros((n_blocks, len(angles.constant)))
        input_gradient = np.zeros((n_samples, n_samplewise))
        weight_gradient = np.zeros((n_blocks, program.n_weights))
        initial_gradient = np.empty((n_samples, 2, program.n_states), self.dtype) if for_initial else empty_states
        output_gradient = np.empty((n_samples, 0), self.dtype) if as_state else gradient
        state_gradient = gradient if as_state else empty_states

        def run(start: int, stop: int) -> None:
            kernels.backward(
                start,
                stop,
                tape.inputs,
                tape.weights,
                *self._gates,
                tape.matrices,
                *self._map,
                self._n_lane,
                tape.shared,
                self._tables[1],
                *self._dense,
                self._diagonal,
                program.measurement.terms,
                self._coefficients,
                program.measurement.outcome,
                tape.saved,
                output_gradient,
                state_gradient,
                wanted,
                stop_at,
                cross,
                shared_gradient,
                input_gradient,
                weight_gradient,
                initial_gradient,
            )

        self._spread(run, n_blocks, n_threads)
        weights = None
        if for_weights:
            weights = np.empty(program.n_weights, self.dtype)
            kernels.weight_gradients(
                *self._map,
                tape.weights,
                n_samplewise,
                *self._gates,
                tape.shared,
                cross,
                shared_gradient,
                weight_gradient,
                weights,
            )
        return Gradients(
            inputs=input_gradient.astype(self.dtype) if for_inputs else None,
            weights=weights,
            initial=initial_gradient if for_initial else None,
        )

    def _wanted(
        self, for_inputs: bool, for_weights: bool, for_initial: bool, frozen: Spans
    ) -> tuple[NDArray[np.bool_], int]:
        """Tell which operations need a gradient, and the first one that does."""
        key = (for_inputs, for_weights, for_initial, frozen)
        if key not in self._wanted_for:
            self._wanted_for[key] = self._find_wanted(*key)
        return self._wanted_for[key]

    def _find_wanted(
        self, for_inputs: bool, for_weights: bool, for_initial: bool, frozen: Spans
    ) -> tuple[NDArray[np.bool_], int]:
        program, angles = self.program, self.program.angles
        n_samplewise = program.n_inputs + program.n_extra
        of_variable = np.repeat([for_inputs, for_weights], [n_samplewise, program.n_weights])
        for start, stop in frozen:
            of_variable[n_samplewise + start : n_samplewise + stop] = False
        wanted = np.zeros(len(program.operations), dtype=np.bool_)
        for row, operation in enumerate(program.operations):
            for p in self._angles_of(operation):
                terms = slice(angles.start[p], angles.start[p + 1])
                variables = np.concatenate([angles.first[terms], angles.second[terms]])
                wanted[row] |= of_variable[variables[variables >= 0]].any()
        if for_initial:
            return wanted, 0
        return wanted, int(np.argmax(wanted)) if wanted.any() else len(wanted)

    def _spread(self, run: Any, n_blocks: int, n_threads: int, samples_a_block: int = kernels.LANES) -> None:
        """Run all blocks, in one thread unless the work is worth more."""
        updates = n_blocks * samples_a_block * self.program.n_states * max(1, len(self.program.operations))
        n_threads = min(n_threads, n_blocks, max(1, updates // _UPDATES_WORTH_A_THREAD))
        if n_threads <= 1:
            run(0, n_blocks)
            return
        edges = np.linspace(0, n_blocks, n_threads + 1).astype(int)
        pool = _pool(os.getpid(), n_threads - 1)
        waiting: list[Future[None]] = [pool.submit(run, int(start), int(stop)) for start, stop in pairwise(edges[1:])]
        run(0, int(edges[1]))
        for future in waiting:
            future.result()


@lru_cache(maxsize=8)
def _pool(process: int, n_threads: int) -> ThreadPoolExecutor:
    """Return this process's threads; a forked child has none of its parent's and makes its own."""
    return ThreadPoolExecutor(n_threads, thread_name_prefix="qml-engine")


def _stack_tables(permutations: Sequence[Permutation], n_states: int) -> NDArray[np.int64]:
    """Stack where each basis state comes from, shape (n_permutations, n_states); nothing for no states."""
    if not n_states or not permutations:
        return np.zeros((0, n_states), np.int64)
    return np.stack([permutation.table() for permutation in permutations])


def _stack_moves(permutations: Sequence[Permutation], program: Program) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
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


def _stack_dense(program: Program, dtype: np.dtype[Any]) -> tuple[NDArray[Any], ...]:
    """Stack dense unitaries into padded arrays; the operation's row holds their true sizes."""
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
