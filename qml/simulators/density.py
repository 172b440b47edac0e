"""The density-matrix engine: noisy circuits on a batch, with exact first derivatives."""

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import psutil
import torch
from numpy.typing import DTypeLike, NDArray
from torch import Tensor

from qml.errors import CircuitError
from qml.simulators import density_kernels as kernels
from qml.simulators.crew import crew, in_ranges
from qml.simulators.density_program import ONE, WORD, assemble_density
from qml.simulators.gates import Gate
from qml.simulators.lower import After
from qml.simulators.noise import NoiseModel
from qml.simulators.program import CONSTANT
from qml.simulators.trace import Traced

Array = NDArray[np.floating[Any]]

MAX_WIRES = 8
# Above this size a tape is not kept from the forward pass but made again, block by block, in the backward pass.
_TAPE_BYTES = 32 * 2**20
# Below this many coefficient updates a call is over before a second thread has woken up; a judgement.
_UPDATES_WORTH_A_THREAD = 2_000_000


@dataclass(frozen=True)
class _Tape:
    """What a forward pass keeps for the backward pass."""

    states: Array
    inputs: Array
    weights: Array
    initial: Array
    shared: NDArray[np.float64]
    lanes: NDArray[np.float64]
    matrices: Array
    plan: "_Plan"


@dataclass(frozen=True)
class _Plan:
    """Which operations a backward pass needs, and how it is cut.

    Attributes:
        slots: Place of each operation's state on the tape or -1, shape (n_operations,).
        n_slots: How many there are.
        stop_at: First operation that a gradient is wanted of.
        segments: First operations of the segments and the number of operations.
        segment_slots: First slots of the segments and the number of slots.
    """

    slots: NDArray[np.int64]
    n_slots: int
    stop_at: int
    segments: NDArray[np.int64]
    segment_slots: NDArray[np.int64]


class DensityEngine:
    """Runs one traced circuit under noise on the CPU.

    Args:
        traced: A circuit traced with ``after=gates_after(noise)``.
        noise: The noise; its readout errors act on the measurements.
        dtype: float32 or float64, of states and outputs.

    Raises:
        CircuitError: If the circuit has more than eight wires, or returns a state vector.
    """

    def __init__(self, traced: Traced, noise: NoiseModel, dtype: DTypeLike = np.float32) -> None:
        self.dtype = np.dtype(dtype)
        check_wires(traced.program.n_wires, self.dtype.itemsize)
        self.angles = traced.program.angles
        self.n_samplewise = traced.program.n_inputs + traced.program.n_extra
        self.program = program = assemble_density(traced.program, traced.gates, noise)
        self._lane_operation = np.array(
            [any(self.angles.lane[p] >= 0 for p in self._angles_of(o)) for o in range(len(program.operations))],
            dtype=np.bool_,
        )
        self._tables = (
            program.pairs,
            program.sources,
            program.scales.astype(self.dtype),
            program.values.astype(self.dtype),
            program.places,
            program.start.astype(self.dtype),
        )
        self._outputs = (program.output_start, program.output_index, program.output_factor.astype(self.dtype))
        self._plans: dict[tuple[bool, bool], _Plan] = {}

    @property
    def n_outputs(self) -> int:
        """Numbers that one sample gives."""
        return len(self.program.output_start) - 1

    def _angles_of(self, operation: int) -> list[int]:
        row = self.program.operations[operation]
        if row[0] == WORD:
            return [int(row[2])] if row[2] >= 0 else []
        if row[0] == ONE:
            return [int(index) for kind, index in self.program.elements[row[2] : row[3]] if kind != CONSTANT]
        return []

    def forward(
        self,
        inputs: Array,
        weights: Array,
        initial: Array | None = None,
        *,
        for_inputs: bool = False,
        for_weights: bool = False,
        n_threads: int = 1,
    ) -> tuple[Array, _Tape]:
        """Run the circuit for a batch.

        Args:
            inputs: Per-sample variables, shape (n_samples, n_inputs + n_extra), of the engine's dtype.
            weights: Shape (n_weights,), of the engine's dtype.
            initial: Pauli coefficients of the first states, shape (n_samples, 4**n_wires), or None for all zeros.
            for_inputs: Whether a backward pass will ask for gradients of the per-sample variables.
            for_weights: Whether it will ask for gradients of the weights.
            n_threads: At most this many threads.

        Returns:
            Outputs, shape (n_samples, n_outputs); and the tape.
        """
        program, angles = self.program, self.angles
        n_samples = len(inputs)
        n_blocks = -(-n_samples // kernels.LANES)
        shared = np.zeros(len(angles.constant))
        lanes = np.zeros((angles.n_lane, n_blocks * kernels.LANES))
        kernels.lane_angles(*self._map(), inputs, weights, shared, lanes)
        wide = np.zeros((len(program.operations), 12, kernels.LANES))
        kernels.shared_matrices(*self._shared(), *_turns(shared), wide)
        matrices = wide.astype(self.dtype)
        plan = self._plan(for_inputs, for_weights)
        shape = (n_blocks, plan.n_slots, 4**program.n_wires, kernels.LANES)
        keep = math.prod(shape) * self.dtype.itemsize <= _TAPE_BYTES
        states = np.empty(shape if keep else (0, *shape[1:]), self.dtype)
        first = np.empty((0, 4**program.n_wires), self.dtype) if initial is None else initial
        out = np.empty((n_samples, self.n_outputs), self.dtype)
        tape = _Tape(states, inputs, weights, first, shared, lanes, matrices, plan)

        def run(start: int, stop: int) -> None:
            kernels.forward(start, stop, *self._common(tape), *self._outputs, out)

        self._spread(run, n_blocks, n_threads)
        return out, tape

    def backward(
        self,
        tape: _Tape,
        gradient: Array,
        *,
        for_initial: bool = False,
        n_threads: int = 1,
    ) -> tuple[Array, Array, Array | None]:
        """Go back through a forward pass.

        Args:
            tape: Of the forward pass; it is left as it is, so a second backward pass may follow.
            gradient: dL/d(output), shape (n_samples, n_outputs), C-contiguous.
            for_initial: Whether the gradient of the first states is wanted.
            n_threads: At most this many threads.

        Returns:
            Gradients of the per-sample variables, of the weights and of the first states; what the forward pass was
            not told of is not to be used.
        """
        n_samples, n_blocks = len(gradient), tape.lanes.shape[1] // kernels.LANES
        angles, program, plan = self.angles, self.program, tape.plan
        cross = np.zeros((n_blocks, len(program.operations), 12))
        shared_gradient = np.zeros((n_blocks, len(angles.constant)))
        lane_gradient = np.zeros_like(tape.lanes)
        initial = np.empty((n_samples if for_initial else 0, 4**program.n_wires), self.dtype)

        def run(start: int, stop: int) -> None:
            kernels.backward(
                start,
                stop,
                *self._common(tape),
                plan.segments,
                plan.segment_slots,
                *self._outputs,
                gradient,
                0 if for_initial else plan.stop_at,
                cross,
                shared_gradient,
                lane_gradient,
                initial,
            )

        self._spread(run, n_blocks, n_threads)
        # Blocks are summed in their order: the result does not depend on the number of threads.
        total = shared_gradient.sum(axis=0)[:, None]
        kernels.shared_gradients(*self._shared(), *_turns(tape.shared), cross.sum(axis=0), total)
        input_gradient, weight_gradient = np.zeros(tape.inputs.shape), np.zeros(tape.weights.shape)
        kernels.angle_gradients(
            *self._map()[1:],
            tape.inputs,
            tape.weights,
            total[:, 0],
            lane_gradient,
            input_gradient,
            weight_gradient,
        )
        return (
            input_gradient.astype(self.dtype),
            weight_gradient.astype(self.dtype),
            initial if for_initial else None,
        )

    def _map(self) -> tuple[NDArray[Any], ...]:
        angles = self.angles
        return angles.constant, angles.start, angles.coefficient, angles.first, angles.second, angles.lane

    def _shared(self) -> tuple[NDArray[Any], ...]:
        return self.program.operations, self.program.elements, self._lane_operation, self.program.transfers

    def _common(self, tape: _Tape) -> tuple[Any, ...]:
        """List the arguments that both kernels take."""
        program = self.program
        return (
            len(tape.inputs),
            program.operations,
            program.factors,
            program.elements,
            self._lane_operation,
            program.transfers,
            tape.matrices,
            self.angles.lane,
            tape.shared,
            tape.lanes,
            *self._tables,
            tape.initial,
            tape.plan.slots,
            tape.states,
        )

    def _plan(self, for_inputs: bool, for_weights: bool) -> _Plan:
        key = (for_inputs, for_weights)
        if key not in self._plans:
            self._plans[key] = self._make_plan(*key)
        return self._plans[key]

    def _make_plan(self, for_inputs: bool, for_weights: bool) -> _Plan:
        angles, count = self.angles, len(self.program.operations)
        wanted = np.zeros(count, dtype=np.bool_)
        for operation in range(count):
            for p in self._angles_of(operation):
                terms = slice(angles.start[p], angles.start[p + 1])
                variables = np.concatenate([angles.first[terms], angles.second[terms]])
                variables = variables[variables >= 0]
                wanted[operation] |= for_inputs and bool((variables < self.n_samplewise).any())
                wanted[operation] |= for_weights and bool((variables >= self.n_samplewise).any())
        slots = np.where(wanted, np.cumsum(wanted) - 1, -1).astype(np.int64)
        n_slots = int(wanted.sum())
        slot_bytes = 4**self.program.n_wires * kernels.LANES * self.dtype.itemsize
        per_segment = max(1, math.isqrt(n_slots), _TAPE_BYTES // slot_bytes)
        starts = list(range(0, n_slots, per_segment)) or [0]
        edges = [0, *(int(np.argmax(slots == slot)) for slot in starts[1:]), count]
        return _Plan(
            slots=slots,
            n_slots=n_slots,
            stop_at=int(np.argmax(wanted)) if n_slots else count,
            segments=np.array(edges, dtype=np.int64),
            segment_slots=np.array([*starts, n_slots], dtype=np.int64),
        )

    def _spread(self, run: Callable[[int, int], None], n_blocks: int, n_threads: int) -> None:
        """Run all blocks, in one thread unless the work is worth more."""
        updates = n_blocks * kernels.LANES * 4**self.program.n_wires * max(1, len(self.program.operations))
        n_threads = min(n_threads, n_blocks, updates // _UPDATES_WORTH_A_THREAD)
        if n_threads <= 1:
            run(0, n_blocks)
        else:
            crew(n_threads - 1).run(in_ranges(run, n_blocks), n_blocks)


def _turns(angles: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return cosines and sines, shape (n_angles, 1)."""
    return np.cos(angles)[:, None], np.sin(angles)[:, None]


def gates_after(noise: NoiseModel) -> After:
    """Return what ``trace`` needs to put a model's channels behind each gate; it refuses more than eight wires.

    >>> [gate.kind for gate in gates_after(NoiseModel.depolarizing(0.01))("RX", (0,))]
    ['channel']
    """

    def after(name: str, wires: tuple[int, ...]) -> list[Gate]:
        # Here, since what comes after tracing may not fit the memory where there are far too many wires.
        check_wires(max(wires, default=0) + 1, exact=False)
        return [Gate("channel", on, transfer=channel.transfer) for channel, on in noise.channels_after(name, wires)]

    return after


def check_wires(n_wires: int, itemsize: int = 4, *, exact: bool = True) -> None:
    """Refuse more wires than the density-matrix engine takes.

    Args:
        n_wires: Of the circuit.
        itemsize: Bytes of one number.
        exact: Whether that is all of them.

    Raises:
        CircuitError: With the bytes needed and the bytes there.
    """
    if n_wires > MAX_WIRES:
        needed = 4 * 4**n_wires * kernels.LANES * itemsize
        there = psutil.virtual_memory().available
        raise CircuitError(
            f"noise needs a density matrix of 4**n_wires numbers a sample, and the engine takes up to {MAX_WIRES} "
            f"wires; this circuit has {'' if exact else 'at least '}{n_wires}. One training step of {kernels.LANES} "
            f"samples would need at least {needed:,} bytes, and {there:,} are free here. Use fewer wires, or leave "
            "noise out."
        )


def warn_where_nothing_is_noisy(noise: NoiseModel, traced: Traced) -> None:
    """Tell that a model made of gate names has none of this circuit's."""
    named = any(channels for _, channels in noise.gates)
    kinds = noise.one_wire or noise.two_wire or noise.many_wire or noise.readout
    if named and not kinds and traced.gates and not any(gate.kind == "channel" for gate in traced.gates):
        message = (
            f"the noise model reaches no gate of this circuit: it names {', '.join(noise.names)}, and the circuit is "
            f"made of {', '.join(sorted(traced.program.gate_counts))}.  Name the circuit's own gates, or write the "
            "circuit in those of the model."
        )
        warnings.warn(message, UserWarning, stacklevel=5)


class _Simulate(torch.autograd.Function):
    """Outputs of a noisy circuit; gradients for per-sample variables, weights and first states."""

    @staticmethod
    def forward(
        ctx: Any, engine: DensityEngine, n_threads: int, inputs: Tensor, weights: Tensor, initial: Tensor | None
    ) -> Tensor:
        _, _, for_inputs, for_weights, _ = ctx.needs_input_grad
        out, tape = engine.forward(
            inputs.detach().contiguous().numpy(),
            weights.detach().contiguous().numpy(),
            None if initial is None else initial.detach().contiguous().numpy(),
            for_inputs=for_inputs,
            for_weights=for_weights,
            n_threads=n_threads,
        )
        ctx.engine, ctx.n_threads, ctx.tape = engine, n_threads, tape
        ctx.save_for_backward(inputs, weights, initial)
        return torch.from_numpy(out)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Any, ...]:
        _, _, *wanted = ctx.needs_input_grad
        array = gradient.detach().contiguous().numpy()
        found = ctx.engine.backward(ctx.tape, array, for_initial=wanted[2], n_threads=ctx.n_threads)
        gradients = [torch.from_numpy(g) if need else None for g, need in zip(found, wanted, strict=True)]
        if torch.is_grad_enabled():  # create_graph=True: what is built on these gradients must not be silently wrong
            anchors = [gradient, *(t for t in ctx.saved_tensors if t is not None)]
            gradients = [None if g is None else _first_order_only(g, anchors) for g in gradients]
        return (None, None, *gradients)


class _FirstOrderOnly(torch.autograd.Function):
    """Passes a gradient on and refuses to be differentiated."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, *anchors: Tensor) -> Tensor:
        return value.clone()

    @staticmethod
    def backward(ctx: Any, *_: Any) -> Any:
        raise CircuitError(
            "the density-matrix engine gives first derivatives only, and a second one was asked for "
            "(create_graph=True, or a gradient inside a loss)."
        )


def _first_order_only(value: Tensor, anchors: list[Tensor]) -> Tensor:
    result: Tensor = _FirstOrderOnly.apply(value, *anchors)  # type: ignore[no-untyped-call]
    return result


class DensityRunner:
    """Runs a traced circuit under noise, in the dtype of its inputs; see ``Runner``.

    It computes on the CPU; inputs on another device are carried there and back.

    Args:
        traced: A circuit traced with ``after=gates_after(noise)``.
        noise: The noise.
        n_threads: At most this many threads a call; None for ``torch.get_num_threads()``.
    """

    def __init__(self, traced: Traced, noise: NoiseModel, n_threads: int | None = None) -> None:
        warn_where_nothing_is_noisy(noise, traced)
        self.traced = traced
        self.noise = noise
        self.n_threads = n_threads
        self._engines: dict[torch.dtype, DensityEngine] = {torch.float32: DensityEngine(traced, noise)}

    def __call__(self, inputs: Tensor, weights: Mapping[str, Tensor]) -> Tensor:
        """Run a batch, see ``Runner``."""
        dtype, device = inputs.dtype, inputs.device
        engine = self._engines.get(dtype)
        if engine is None:
            engine = self._engines[dtype] = DensityEngine(self.traced, self.noise, np.float64)
        values = [value.cpu() for value in weights.values()]
        variables, initial = self.traced.variables(inputs.cpu(), values)
        joined = torch.cat([value.reshape(-1) for value in values]) if values else variables.new_zeros(0)
        first = None if initial is None else pauli_coefficients(initial).to(dtype)
        n_threads = self.n_threads or torch.get_num_threads()
        out: Tensor = _Simulate.apply(  # type: ignore[no-untyped-call]  # torch leaves it untyped
            engine, n_threads, variables, joined.to(dtype), first
        )
        return out.to(device).reshape(len(inputs), *self.traced.program.measurement.shape)


def pauli_coefficients(states: Tensor) -> Tensor:
    """Return tr(Q |psi><psi|) of every Pauli word Q, differentiably.

    Args:
        states: Complex, shape (n_samples, 2**n_wires).

    Returns:
        Real, shape (n_samples, 4**n_wires), words indexed as in ``qml.simulators.pauli``.

    >>> pauli_coefficients(torch.tensor([[1.0 + 0j, 0]])).tolist()
    [[1.0, 1.0, 0.0, 0.0]]
    """
    n_samples, size = states.shape
    letters = torch.tensor(
        [[[1, 0], [0, 1]], [[1, 0], [0, -1]], [[0, 1], [1, 0]], [[0, 1j], [-1j, 0]]], dtype=states.dtype
    )  # transposed, so that the sum over both bits is a trace
    rest = states[:, None, :, None] * states.conj()[:, None, None, :]
    while rest.shape[2] > 1:
        half = rest.shape[2] // 2
        parts = rest.reshape(n_samples, rest.shape[1], 2, half, 2, half)
        rest = torch.einsum("pab,ndarbc->ndprc", letters, parts).reshape(n_samples, -1, half, half)
    return rest.reshape(n_samples, size * size).real
