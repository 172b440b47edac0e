"""The CPU state-vector engine: a program and arrays in, outputs and gradients out.

Thread counts are chosen here, call by call: the threads of a small crew share the blocks of samples, and the kernels
release the interpreter lock.  Idle threads sleep, and nobody waits for one that did not wake up, so a busy machine
slows the engine down by what it takes and no more.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from qml.simulators import kernels, wide
from qml.simulators.crew import Call, crew
from qml.simulators.memory import NOT_WORTH_ASKING, check_memory
from qml.simulators.program import Program
from qml.simulators.sharing import ALONE
from qml.simulators.tables import angles_of, handle_of, stack_moves, stack_tables, tables_of

Array = NDArray[np.floating[Any]]
Share = NDArray[np.int64]
Spans = tuple[tuple[int, int], ...]

# Below about this many amplitude updates a call is over before a second thread has woken up (benchmarks/footprint.py).
_UPDATES_WORTH_A_THREAD = 300_000


# By number of wires: how much dearer a sample is with lanes over amplitudes than a lane is with lanes over samples
# (benchmarks/engines.py).  Fewer wires never gain by it; more always do, since a block of sixteen states no longer
# fits the cache.
_WIDE_COST = {8: 8.0, 9: 4.5, 10: 2.6, 11: 2.0, 12: 1.7}


class Gradients(NamedTuple):
    """Gradients of one backward pass; None where they were not asked for.

    Attributes:
        inputs: Shape (n_samples, n_inputs + n_extra).
        weights: Shape (n_weights,).
        initial: dL/d(re, im) of the first states, shape (n_samples, 2, 2**n_wires).
    """

    inputs: Array | None
    weights: Array | None
    initial: Array | None


class Tape(NamedTuple):
    """What a forward pass keeps for the backward pass.

    Attributes:
        saved: Final states, shape (n_blocks, 2, 2**n_wires, LANES), or wide: (n_samples, 2, 2**n_wires / LANES, LANES).
        is_wide: Whether the lanes are amplitudes.
        inputs: The per-sample variables.
        weights: The weights.
    """

    saved: Array
    is_wide: bool
    inputs: Array
    weights: Array


class Engine:
    """Runs one program on the CPU.

    Args:
        program: The compiled circuit.
        dtype: float32 or float64, of states and outputs.
    """

    def __init__(self, program: Program, dtype: DTypeLike = np.float32) -> None:
        self.program = program
        self.dtype = np.dtype(dtype)
        self._handle = handle_of(tables_of(program, self.dtype))
        measurement = program.measurement
        self._has_lanes = program.n_wires <= max(_WIDE_COST)
        n_states = program.n_states if self._has_lanes else 0
        self._diagonal = measurement.diagonal(n_states).astype(self.dtype) if n_states else np.zeros((0, 0), self.dtype)
        inverses = [permutation.inverse() for permutation in program.permutations]
        self._forth = stack_tables(program.permutations, n_states)
        self._back = stack_tables(inverses, n_states)
        self._moves = stack_moves(program.permutations, program), stack_moves(inverses, program)
        self._no_states = np.empty((0, 2, program.n_states), self.dtype)
        self._state_bytes = 2 * program.n_states * self.dtype.itemsize
        self._as_state = measurement.needs_state
        self._n_outputs = measurement.n_outputs
        self._n_angles = len(program.angles.constant)
        self._updates_a_sample = program.n_states * max(1, len(program.operations))
        self._wanted_for: dict[tuple[bool, bool, bool, Spans], tuple[NDArray[np.bool_], int]] = {}

    def __reduce__(self) -> tuple[type["Engine"], tuple[Program, np.dtype[Any]]]:
        """Copy and pickle by what it was made of: Numba's objects cannot be copied."""
        return Engine, (self.program, self.dtype)

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
        n_samples = len(inputs)
        n_blocks = -(-n_samples // kernels.LANES)
        saved = np.empty((n_blocks if keep else 0, 2, self.program.n_states, kernels.LANES), self.dtype)
        out, state_out = self._outputs(n_samples)
        first = self._no_states if initial is None else initial

        def call(work: Share, bell: Share, leads: bool) -> bool:
            return kernels.forward(  # type: ignore[no-any-return]
                n_blocks,
                work,
                bell,
                leads,
                self._handle,
                self._forth,
                self._diagonal,
                inputs,
                weights,
                first,
                saved,
                out,
                state_out,
            )

        self._spread(call, n_blocks, n_threads, kernels.LANES)
        tape = Tape(saved, False, inputs, weights) if keep else None
        return (state_out if self._as_state else out), tape

    def _outputs(self, n_samples: int) -> tuple[Array, Array]:
        """Return room for outputs and for states, of which one is empty."""
        if self._as_state:
            return np.empty((n_samples, 0), self.dtype), np.empty((n_samples, 2, self.program.n_states), self.dtype)
        return np.empty((n_samples, self._n_outputs), self.dtype), self._no_states

    def _check_memory(self, n_samples: int, keep: bool, n_threads: int) -> None:
        """Refuse what would not fit: a kept state a sample and, of each thread, three of the backward pass."""
        if self._state_bytes * (n_samples + 3 * kernels.LANES * n_threads) < NOT_WORTH_ASKING:
            return
        of_threads = (3 if keep else 2) * min(n_threads, n_samples)
        if not self._is_wide(n_samples):
            of_threads *= kernels.LANES
        needed = self._state_bytes * (n_samples * keep + of_threads)
        check_memory(needed, f"the states of a batch of {n_samples} on {self.program.n_wires} wires")

    def _is_wide(self, n_samples: int) -> bool:
        cost = _WIDE_COST.get(self.program.n_wires)
        if cost is None:
            return not self._has_lanes
        return n_samples * cost < -(-n_samples // kernels.LANES) * kernels.LANES

    def _forward_wide(
        self, inputs: Array, weights: Array, initial: Array | None, keep: bool, n_threads: int
    ) -> tuple[Array, Tape | None]:
        program = self.program
        n_samples, rows = len(inputs), program.n_states // kernels.LANES
        saved = np.empty((n_samples if keep else 0, 2, rows, kernels.LANES), self.dtype)
        out, state_out = self._outputs(n_samples)
        first = self._no_states if initial is None else initial

        def call(work: Share, bell: Share, leads: bool) -> bool:
            return wide.forward(  # type: ignore[no-any-return]
                n_samples,
                work,
                bell,
                leads,
                self._handle,
                *self._moves[0],
                program.measurement.z_words,
                program.measurement.z_coefficients,
                inputs,
                weights,
                first,
                saved,
                out,
                state_out,
            )

        self._spread(call, n_samples, n_threads, 1)
        tape = Tape(saved, True, inputs, weights) if keep else None
        return (state_out if self._as_state else out), tape

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
        n_samples, n_samplewise = tape.inputs.shape
        input_gradient = np.zeros((n_samples, n_samplewise))
        weight_gradient = np.zeros((n_samples, program.n_weights))
        initial_gradient = np.empty((n_samples if for_initial else 0, 2, program.n_states), self.dtype)
        output_gradient, state_gradient = self._gradients(gradient)

        def call(work: Share, bell: Share, leads: bool) -> bool:
            return wide.backward(  # type: ignore[no-any-return]
                n_samples,
                work,
                bell,
                leads,
                self._handle,
                *self._moves[1],
                program.measurement.z_words,
                program.measurement.z_coefficients,
                tape.inputs,
                tape.weights,
                tape.saved,
                output_gradient,
                state_gradient,
                wanted,
                stop_at,
                input_gradient,
                weight_gradient,
                initial_gradient,
            )

        self._spread(call, n_samples, n_threads, 1)
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
        n_blocks, (n_samples, n_samplewise) = len(tape.saved), tape.inputs.shape
        wanted, stop_at = self._wanted(for_inputs, for_weights, for_initial, frozen)
        overlaps = np.zeros((n_blocks, len(self.program.operations), 4, 1))
        angle_gradient = np.zeros((n_blocks, self._n_angles))
        weight_gradient = np.zeros((n_blocks, self.program.n_weights))
        input_gradient = np.empty((n_samples if for_inputs else 0, n_samplewise), self.dtype)
        initial_gradient = np.empty((n_samples if for_initial else 0, 2, self.program.n_states), self.dtype)
        total = np.empty(self.program.n_weights if for_weights else 0, self.dtype)
        output_gradient, state_gradient = self._gradients(gradient)

        def call(work: Share, bell: Share, leads: bool) -> bool:
            return kernels.backward(  # type: ignore[no-any-return]
                n_blocks,
                work,
                bell,
                leads,
                self._handle,
                self._back,
                self._diagonal,
                tape.inputs,
                tape.weights,
                tape.saved,
                output_gradient,
                state_gradient,
                wanted,
                stop_at,
                overlaps,
                angle_gradient,
                weight_gradient,
                input_gradient,
                initial_gradient,
                total,
            )

        if not self._spread(call, n_blocks, n_threads, kernels.LANES) and for_weights:
            kernels.sum_blocks(
                self._handle, tape.inputs, tape.weights, overlaps, angle_gradient, weight_gradient, total
            )
        return Gradients(
            inputs=input_gradient if for_inputs else None,
            weights=total if for_weights else None,
            initial=initial_gradient if for_initial else None,
        )

    def _gradients(self, gradient: Array) -> tuple[Array, Array]:
        """Return gradients of outputs and of states, of which one is empty."""
        if self._as_state:
            return np.empty((len(gradient), 0), self.dtype), gradient
        return gradient, self._no_states

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
            for p in angles_of(program, operation):
                terms = slice(angles.start[p], angles.start[p + 1])
                variables = np.concatenate([angles.first[terms], angles.second[terms]])
                wanted[row] |= of_variable[variables[variables >= 0]].any()
        if for_initial:
            return wanted, 0
        return wanted, int(np.argmax(wanted)) if wanted.any() else len(wanted)

    def _spread(self, call: Call, n_blocks: int, n_threads: int, samples_a_block: int) -> bool:
        """Run all blocks, in one thread unless the work is worth more; return what the call returned."""
        worth = n_blocks * samples_a_block * self._updates_a_sample // _UPDATES_WORTH_A_THREAD
        n_threads = min(n_threads, n_blocks, worth)
        if n_threads <= 1:
            return call(ALONE, ALONE, True)
        return crew(n_threads - 1).run(call, n_blocks)
