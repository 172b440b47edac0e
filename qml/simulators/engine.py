"""The CPU state-vector engine: a program and tensors in, outputs and gradients out.

Thread counts are chosen here, call by call: the threads of a small crew share the blocks of samples, and the kernels
release the interpreter lock.  Idle threads sleep, and nobody waits for one that did not wake up, so a busy machine
slows the engine down by what it takes and no more.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray
from torch import Tensor

from qml.errors import CircuitError
from qml.simulators import kernels, wide
from qml.simulators.addresses import NOWHERE, located
from qml.simulators.crew import crew
from qml.simulators.matrices import shared_size
from qml.simulators.memory import NOT_WORTH_ASKING, check_memory
from qml.simulators.program import Program
from qml.simulators.sharing import ALONE
from qml.simulators.simd import LANES
from qml.simulators.tables import angles_of, header_of, stack_moves, tables_of

Array = NDArray[np.floating[Any]]
Share = NDArray[np.int64]
Spans = tuple[tuple[int, int], ...]

# Below about this many amplitude updates a call is over before a second thread has woken up (benchmarks/footprint.py).
_UPDATES_WORTH_A_THREAD = 300_000


_NOTHING = np.empty(0)

# By number of wires: how much dearer a sample is with lanes over amplitudes than a lane is with lanes over samples
# (benchmarks/engines.py).  Fewer wires never gain by it; more always do, since a block of sixteen states no longer
# fits the cache.
_WIDE_COST = {8: 8.0, 9: 4.5, 10: 2.6, 11: 2.0, 12: 1.7}


class Gradients(NamedTuple):
    """Gradients of one backward pass; None where they were not asked for.

    Attributes:
        inputs: Shape (n_samples, n_inputs + n_extra).
        weights: Of the shape of the weights.
        initial: dL/d(re, im) of the first states, shape (n_samples, 2, 2**n_wires).
    """

    inputs: Tensor | None
    weights: Tensor | None
    initial: Tensor | None


class Tape(NamedTuple):
    """What a forward pass keeps for the backward pass.

    Attributes:
        saved: Final states, shape (n_blocks, 2, 2**n_wires, LANES), or wide: (n_samples, 2, 2**n_wires / LANES, LANES).
        kept: What is the same for all samples, see ``kernels.forward``; empty if the lanes are amplitudes.
        is_wide: Whether they are.
        inputs: Those of the forward pass.
        weights: Likewise.
        call: What the passes are told first: header, n_samples, and the addresses of inputs and weights.
    """

    saved: Array
    kept: Array
    is_wide: bool
    inputs: Tensor
    weights: Tensor
    call: tuple[Any, ...]


class Engine:
    """Runs one program on the CPU; autograd does not look on, see ``qml.simulators.simulate``.

    Args:
        program: The compiled circuit.
        dtype: float32 or float64, of states, outputs and all tensors that it takes.

    Attributes:
        hands_out_states: Whether the outputs are states.
    """

    def __init__(self, program: Program, dtype: DTypeLike = np.float32) -> None:
        self.program = program
        self.dtype = np.dtype(dtype)
        self._has_lanes = program.n_wires <= max(_WIDE_COST)
        self._wide_cost = _WIDE_COST.get(program.n_wires)
        self._never_wide = self._has_lanes and self._wide_cost is None
        self._tables = tables_of(program, self.dtype, program.n_states if self._has_lanes else 0)
        self._header = header_of(self._tables)
        if self._has_lanes:
            self._run_forward, self._run_backward = kernels.passes(self.dtype)
        n_angles, n_operations = len(program.angles.constant), len(program.operations)
        self._n_samplewise = program.n_inputs + program.n_extra
        self._torch_dtype = torch.float32 if self.dtype == np.float32 else torch.float64
        self._n_kept = shared_size(n_angles, n_operations)
        self._n_left_a_block = 4 * n_operations + n_angles + program.n_weights
        inverses = [permutation.inverse() for permutation in program.permutations]
        self._moves = stack_moves(program.permutations, program), stack_moves(inverses, program)
        self._no_states = np.empty((0, 2, program.n_states), self.dtype)
        self._state_bytes = 2 * program.n_states * self.dtype.itemsize
        self._few_states = NOT_WORTH_ASKING // self._state_bytes
        self._updates_a_sample = program.n_states * max(1, len(program.operations))
        self._wanted_for: dict[tuple[bool, bool, bool, Spans], tuple[NDArray[np.bool_], int]] = {}
        self.hands_out_states = program.measurement.needs_state
        if self.hands_out_states:
            self._shape_a_sample: tuple[int, ...] = (2, program.n_states)
        else:
            self._shape_a_sample = (program.measurement.n_outputs,)

    def __reduce__(self) -> tuple[type["Engine"], tuple[Program, np.dtype[Any]]]:
        """Copy and pickle by what it was made of: Numba's objects cannot be copied."""
        return Engine, (self.program, self.dtype)

    def forward(
        self, inputs: Tensor, weights: Tensor, initial: Tensor | None, keep: bool, n_threads: int = 1
    ) -> tuple[Tensor, Tape | None]:
        """Run the circuit for a batch.

        Args:
            inputs: Shape (n_samples, n_inputs + n_extra).
            weights: n_weights in all, of any shape.
            initial: First states (re, im), shape (n_samples, 2, 2**n_wires), or None for the all-zeros state.
            keep: Whether a backward pass will follow.
            n_threads: At most this many threads.

        Returns:
            Outputs, shape (n_samples, n_outputs), or (n_samples, 2, 2**n_wires) for states; and the tape.

        Raises:
            CircuitError: If the tensors are not those of the circuit, or the states would not fit the memory.
        """
        n_samples, n_samplewise = inputs.shape
        if (
            n_samplewise != self._n_samplewise
            or weights.numel() != self.program.n_weights
            or inputs.dtype != self._torch_dtype
            or weights.dtype != self._torch_dtype
            or (initial is not None and initial.shape != (n_samples, 2, self.program.n_states))
        ):
            raise self._misfit(inputs, weights, initial)
        inputs, inputs_at = located(inputs)
        weights, weights_at = located(weights)
        initial_at = NOWHERE
        if initial is not None:
            initial, initial_at = located(initial)
        if n_samples + 3 * LANES * n_threads > self._few_states:
            self._check_memory(n_samples, keep, n_threads)
        if not self._never_wide and self._is_wide(n_samples):
            return self._forward_wide(inputs, weights, initial, keep, n_threads)
        n_blocks = -(-n_samples // LANES)
        saved = np.empty((n_blocks if keep else 0, 2, self.program.n_states, LANES), self.dtype)
        kept = np.empty(self._n_kept) if keep else _NOTHING
        out = torch.from_numpy(np.empty((n_samples, *self._shape_a_sample), self.dtype))
        call = self._header, n_samples, inputs_at, weights_at
        arguments = (*call, initial_at, out.data_ptr(), saved, kept)
        self._spread(self._run_forward, arguments, (inputs, weights, initial, out), n_blocks, n_threads, LANES)
        return out, Tape(saved, kept, False, inputs, weights, call) if keep else None

    def _misfit(self, inputs: Tensor, weights: Tensor, initial: Tensor | None) -> CircuitError:
        """Return the error that says which tensor the kernels would misread."""
        states = "" if initial is None else f", first states of shape {tuple(initial.shape)}"
        return CircuitError(
            f"this circuit takes {self._n_samplewise} per-sample variables and {self.program.n_weights} weights, of "
            f"{self._torch_dtype}; got inputs of shape {tuple(inputs.shape)} and {inputs.dtype}, weights of shape "
            f"{tuple(weights.shape)} and {weights.dtype}{states}. Give tensors of the shapes that it was traced with."
        )

    def _check_memory(self, n_samples: int, keep: bool, n_threads: int) -> None:
        """Refuse what would not fit: a kept state a sample and, of each thread, three of the backward pass."""
        of_threads = (3 if keep else 2) * min(n_threads, n_samples)
        if not self._is_wide(n_samples):
            of_threads *= LANES
        needed = self._state_bytes * (n_samples * keep + of_threads)
        check_memory(needed, f"the states of a batch of {n_samples} on {self.program.n_wires} wires")

    def _is_wide(self, n_samples: int) -> bool:
        """Tell whether the lanes are amplitudes for a batch of this size."""
        if self._wide_cost is None:
            return not self._has_lanes
        return n_samples * self._wide_cost < -(-n_samples // LANES) * LANES

    def _forward_wide(
        self, inputs: Tensor, weights: Tensor, initial: Tensor | None, keep: bool, n_threads: int
    ) -> tuple[Tensor, Tape | None]:
        measurement, n_samples = self.program.measurement, inputs.shape[0]
        saved = np.empty((n_samples if keep else 0, 2, self.program.n_states // LANES, LANES), self.dtype)
        out = np.empty((n_samples, *self._shape_a_sample), self.dtype)
        arguments = (
            self._header,
            n_samples,
            *self._moves[0],
            measurement.z_words,
            measurement.z_coefficients,
            inputs.numpy(force=True),
            weights.numpy(force=True).reshape(-1),
            self._no_states if initial is None else initial.numpy(force=True),
            saved,
            *self._outputs_and_states(out),
        )
        self._spread(wide.forward, arguments, (), n_samples, n_threads, 1)
        return torch.from_numpy(out), Tape(saved, _NOTHING, True, inputs, weights, ()) if keep else None

    def _backward_wide(
        self,
        tape: Tape,
        gradient: Tensor,
        wanted: tuple[NDArray[np.bool_], int],
        for_inputs: bool,
        for_weights: bool,
        for_initial: bool,
        n_threads: int,
    ) -> Gradients:
        program = self.program
        n_samples, n_samplewise = tape.inputs.shape
        input_gradient = np.zeros((n_samples, n_samplewise))
        weight_gradient = np.zeros((n_samples, program.n_weights))
        initial_gradient = np.empty((n_samples if for_initial else 0, 2, program.n_states), self.dtype)
        arguments = (
            self._header,
            n_samples,
            *self._moves[1],
            program.measurement.z_words,
            program.measurement.z_coefficients,
            tape.inputs.numpy(force=True),
            tape.weights.numpy(force=True).reshape(-1),
            tape.saved,
            *self._outputs_and_states(located(gradient)[0].numpy(force=True)),
            *wanted,
            input_gradient,
            weight_gradient,
            initial_gradient,
        )
        self._spread(wide.backward, arguments, (), n_samples, n_threads, 1)
        total = weight_gradient.sum(axis=0).astype(self.dtype).reshape(tape.weights.shape) if for_weights else None
        return Gradients(
            inputs=torch.from_numpy(input_gradient.astype(self.dtype)) if for_inputs else None,
            weights=None if total is None else torch.from_numpy(total),
            initial=torch.from_numpy(initial_gradient) if for_initial else None,
        )

    def _outputs_and_states(self, values: Array) -> tuple[Array, Array]:
        """Return an array of outputs or of states as one of each, of which the other is empty."""
        if self.hands_out_states:
            return np.empty((len(values), 0), self.dtype), values
        return values, self._no_states

    def backward(
        self,
        tape: Tape,
        gradient: Tensor,
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
        key = for_inputs, for_weights, for_initial, frozen
        wanted = self._wanted_for.get(key)
        if wanted is None:
            wanted = self._wanted_for[key] = self._find_wanted(*key)
        saved, kept, is_wide, inputs, weights, call = tape
        if is_wide:
            return self._backward_wide(tape, gradient, wanted, for_inputs, for_weights, for_initial, n_threads)
        gradient_at = NOWHERE if self.hands_out_states or gradient.is_neg() else gradient.data_ptr()
        if gradient_at == NOWHERE:
            gradient, gradient_at = located(gradient)
        n_blocks = len(saved)
        rest = np.zeros(n_blocks * self._n_left_a_block)
        to_inputs = to_weights = to_initial = None
        to_inputs_at = to_weights_at = to_initial_at = NOWHERE
        if for_inputs:
            to_inputs = torch.from_numpy(np.empty(inputs.shape, self.dtype))
            to_inputs_at = to_inputs.data_ptr()
        if for_weights:
            to_weights = torch.from_numpy(np.empty(weights.shape, self.dtype))
            to_weights_at = to_weights.data_ptr()
        if for_initial:
            to_initial = torch.from_numpy(np.empty((inputs.shape[0], 2, self.program.n_states), self.dtype))
            to_initial_at = to_initial.data_ptr()
        arguments = (
            *call,
            saved,
            kept,
            gradient_at,
            *gradient.stride()[:2],
            *wanted,
            rest,
            to_inputs_at,
            to_weights_at,
            to_initial_at,
        )
        alive = inputs, weights, gradient, to_inputs, to_weights, to_initial
        if not self._spread(self._run_backward, arguments, alive, n_blocks, n_threads, LANES) and for_weights:
            header, n_samples, _, weights_at = call
            kernels.sum_blocks(header, n_samples, weights_at, kept, rest, to_weights_at, saved)
        return Gradients(to_inputs, to_weights, to_initial)

    def _find_wanted(
        self, for_inputs: bool, for_weights: bool, for_initial: bool, frozen: Spans
    ) -> tuple[NDArray[np.bool_], int]:
        """Tell which operations need a gradient, and the first one that does."""
        program, angles, n_samplewise = self.program, self.program.angles, self._n_samplewise
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

    def _spread(
        self,
        kernel: Callable[..., bool],
        arguments: tuple[Any, ...],
        alive: tuple[Tensor | None, ...],
        n_blocks: int,
        n_threads: int,
        samples_a_block: int,
    ) -> bool:
        """Run all blocks, in one thread unless the work is worth more; return what the kernel returned.

        ``alive`` are the tensors whose addresses are among the arguments: a thread that comes late still looks at them,
        and at the tables of this engine.
        """
        if n_threads > 1:
            worth = n_blocks * samples_a_block * self._updates_a_sample // _UPDATES_WORTH_A_THREAD
            n_threads = min(n_threads, n_blocks, worth)
        if n_threads <= 1:
            return kernel(ALONE, ALONE, True, *arguments)

        def call(work: Share, bell: Share, leads: bool, alive: tuple[Any, ...] = (self, alive)) -> bool:
            return kernel(work, bell, leads, *arguments)

        return crew(n_threads - 1).run(call, n_blocks)
