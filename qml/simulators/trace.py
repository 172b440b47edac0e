"""From a PennyLane quantum function to a ``Program``: the function runs once, under torch's tracer."""

import sys
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pennylane as qp
import torch
from numpy.typing import NDArray
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils._python_dispatch import TorchDispatchMode

from qml.errors import CircuitError
from qml.simulators.assemble import assemble
from qml.simulators.gates import IGNORED, PARITIES, PERMUTATIONS, ROTATIONS, Gate
from qml.simulators.measurements import UnsupportedMeasurementError, lower_measurements
from qml.simulators.pauli import transfer_matrix
from qml.simulators.polynomials import Polynomial, Values, interpret
from qml.simulators.program import CONSTANT, Program

MAX_DENSE_WIRES = 5
MAX_EXPANSION_DEPTH = 20


# (PennyLane name of a gate, its wire positions) -> what follows it.
After = Callable[[str, tuple[int, ...]], Sequence[Gate]]


class NotTraceableError(Exception):
    """The engine cannot run this circuit; the message says why.  The caller falls back or reports."""


@dataclass(frozen=True)
class Traced:
    """A circuit ready to run.

    Attributes:
        program: The compiled circuit.
        extra: Torch function (inputs of one sample, *weights) -> (per-sample variables, first state) for what is not
            a polynomial of degree two, or None.
        n_inputs: Features of one sample.
        gates: The gates one by one, before any are merged, with what ``after`` put behind them; empty without it.
    """

    program: Program
    extra: torch.fx.GraphModule | None
    n_inputs: int
    gates: tuple[Gate, ...] = ()

    def variables(
        self, inputs: torch.Tensor, weights: Sequence[torch.Tensor]
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Compute what the engine takes a sample: the features, what is not polynomial in them, and first states.

        Args:
            inputs: Shape (n_samples, n_inputs).
            weights: In the order of the circuit's weight shapes.

        Returns:
            Per-sample variables, shape (n_samples, n_inputs + n_extra), of the dtype of ``inputs``; and first states,
            complex, shape (n_samples, 2**n_wires), or None.
        """
        if self.extra is None:
            return inputs, None
        n_samples = len(inputs)
        wide = inputs.to(torch.float64) if n_samples else inputs.new_ones(1, self.n_inputs, dtype=torch.float64)
        batched = torch.func.vmap(self.extra, in_dims=(0, *(None for _ in weights)))
        values, initial = batched(wide, *(w.to(torch.float64) for w in weights))
        joined = torch.cat([inputs, values[:n_samples].to(inputs.dtype)], dim=1)
        return joined, initial[:n_samples] if self.program.has_initial else None


@dataclass
class _Collected:
    """What one run of the quantum function leaves."""

    wire_index: dict[Any, int] = field(default_factory=dict)
    gates: list[Gate] = field(default_factory=list)
    angles: list[torch.Tensor] = field(default_factory=list)
    constants: list[NDArray[np.complex128]] = field(default_factory=list)
    initial: torch.Tensor | None = None
    measurements: list[Any] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    returns_list: bool = False

    def signature(self) -> list[Any]:
        """Everything but the angles, to compare two runs."""
        return [(g.kind, g.wires, g.elements, g.controls, g.values, g.angle) for g in self.gates]


class _NoBranching(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch leaves it untyped
    """Refuses to read a traced value, except where PennyLane checks the norm of a state."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in (torch.ops.aten._local_scalar_dense.default, torch.ops.aten.equal.default) and not _in_norm_check():
            raise NotTraceableError("it reads the value of an input or weight (a branch, float(), int() or .item())")
        return func(*args, **(kwargs or {}))


_NORM_CHECKS = {"amplitude.py", "state_preparation.py"}
_LIBRARIES = {"torch", "autoray", "numpy"}


def _in_norm_check() -> bool:
    """Tell whether the nearest caller outside the array libraries is PennyLane's state preparation."""
    frame = sys._getframe(1)
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        parts = set(path.parts)
        if path.name in _NORM_CHECKS and "pennylane" in parts:
            return True
        is_library = bool(parts & _LIBRARIES) or ("pennylane" in parts and "math" in parts)
        if not is_library and path != Path(__file__):
            return False
        frame = frame.f_back  # type: ignore[assignment]
    return False


def trace(
    circuit: Callable[..., Any],
    n_inputs: int,
    weight_shapes: Mapping[str, tuple[int, ...]],
    *,
    wires: Sequence[Any] | None = None,
    example: torch.Tensor | None = None,
    after: After | None = None,
) -> Traced:
    """Run a quantum function once and compile what it did.

    Args:
        circuit: A PennyLane quantum function ``circuit(inputs, **weights)`` that returns its measurements.
        n_inputs: Features of one sample.
        weight_shapes: Shape of each weight by name.
        wires: Wire labels in order, most significant first; by default those met, sorted where they are integers.
        example: One sample to trace with, shape (n_inputs,); random by default.
        after: What follows each gate as written, such as noise; templates count as the gates that they are made of.
            With it the result holds ``gates``, and its program leaves out what followed.

    Returns:
        The program and the torch function of what is not polynomial.

    Raises:
        NotTraceableError: If the engine cannot run it; the message names the operator or the reason.
        CircuitError: If the quantum function itself raises.

    >>> import pennylane as qp
    >>> def circuit(inputs, weights):
    ...     qp.RX(2 * inputs[..., 0], wires=0)
    ...     qp.RY(weights[0] * inputs[..., 1], wires=0)
    ...     return qp.expval(qp.Z(0))
    >>> traced = trace(circuit, 2, {"weights": (1,)})
    >>> traced.program.n_wires, traced.extra is None
    (1, True)
    """
    samples = [_draw(n_inputs, weight_shapes, seed) for seed in range(3)]
    if example is not None:  # the caller's circuit may demand what random features lack, such as a norm of one
        given = example.detach().to(torch.float64)
        samples = [(given, *weights) for _, *weights in samples[:2]]
    try:
        return _trace(circuit, weight_shapes, wires, samples, after, batched=False)
    except CircuitError:
        raise
    except (IndexError, RuntimeError, TypeError, ValueError) as unbatched:
        # A function written for batches only (``inputs[:, 0]``) is traced on a batch of one.
        try:
            return _trace(circuit, weight_shapes, wires, samples, after, batched=True)
        except NotTraceableError:
            raise
        except Exception:
            raise CircuitError(
                f"the circuit failed on one sample of {n_inputs} features with weights of shapes "
                f"{dict(weight_shapes)}: {unbatched}"
            ) from unbatched


def _draw(n_inputs: int, weight_shapes: Mapping[str, tuple[int, ...]], seed: int) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(seed)
    shapes = [(n_inputs,), *weight_shapes.values()]
    return tuple(torch.rand(shape, generator=generator, dtype=torch.float64) + 0.1 for shape in shapes)


def _trace(
    circuit: Callable[..., Any],
    weight_shapes: Mapping[str, tuple[int, ...]],
    wires: Sequence[Any] | None,
    samples: list[tuple[torch.Tensor, ...]],
    after: After | None,
    *,
    batched: bool,
) -> Traced:
    runs: list[_Collected] = []

    def compute(inputs: torch.Tensor, *weights: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        collected = _collect(circuit, inputs[None] if batched else inputs, weight_shapes, weights, wires, after)
        runs.append(collected)
        initial = torch.zeros(0, dtype=torch.complex128) if collected.initial is None else collected.initial
        angles = torch.stack(collected.angles) if collected.angles else torch.zeros(0, dtype=torch.float64)
        return angles, initial

    def guarded(*arguments: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        with _NoBranching():  # type: ignore[no-untyped-call]  # as above
            return compute(*arguments)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PennyLane and torch about their own internals
        graph = make_fx(guarded, _error_on_data_dependent_ops=False)(*samples[0])
    collected = runs[-1]
    for node in graph.graph.nodes:
        if isinstance(node.target, torch._ops.OpOverload) and node.target._schema.is_mutable:
            raise NotTraceableError(f"it changes a tensor in place ({node.target})")
    _verify(graph, compute, runs, samples[1:])

    variables: list[Values] = []
    offset = 0
    for sample in samples[0]:
        count = sample.numel()
        array = np.empty(count, dtype=object)
        array[:] = [Polynomial.variable(offset + i) for i in range(count)]
        variables.append(array.reshape(tuple(sample.shape)))
        offset += count
    polynomials = list(interpret(graph, variables)[0])
    unknown = [p for p, value in enumerate(polynomials) if value.terms is None]
    n_inputs, n_extra = samples[0][0].numel(), len(unknown)
    polynomials = [_shift(value, n_inputs, n_extra) for value in polynomials]
    for row, p in enumerate(unknown):
        polynomials[p] = Polynomial.variable(n_inputs + row)
    extra = _residual(graph, unknown) if unknown or collected.initial is not None else None
    try:
        measurement = lower_measurements(collected.measurements, collected.wire_index, as_list=collected.returns_list)
    except UnsupportedMeasurementError as error:
        raise NotTraceableError(str(error)) from error
    program = assemble(
        n_wires=len(collected.wire_index),
        n_inputs=n_inputs,
        n_extra=n_extra,
        n_weights=offset - n_inputs,
        gates=[gate for gate in collected.gates if gate.kind != "channel"],
        constants=collected.constants,
        polynomials=polynomials,
        has_initial=collected.initial is not None,
        measurement=measurement,
        gate_counts=dict(collected.counts),
    )
    return Traced(program, extra, n_inputs, tuple(collected.gates) if after is not None else ())


def _shift(value: Polynomial, n_inputs: int, n_extra: int) -> Polynomial:
    """Renumber weights, to make room for the extra variables behind the inputs."""
    if value.terms is None or n_extra == 0:
        return value
    moved = {tuple(i if i < n_inputs else i + n_extra for i in m): c for m, c in value.terms.items()}
    return Polynomial(moved)


def _verify(
    graph: torch.fx.GraphModule,
    compute: Callable[..., Any],
    runs: list[_Collected],
    samples: list[tuple[torch.Tensor, ...]],
) -> None:
    """Run the quantum function on other values: the same gates must come, at the angles that the graph gives.

    This catches what a tracer cannot see, such as ``numpy`` functions applied to inputs.
    """
    reference = runs[-1].signature()
    for sample in samples:
        expected = compute(*sample)
        if runs.pop().signature() != reference:
            raise NotTraceableError("its gates depend on the values of inputs or weights")
        for found, wanted in zip(graph(*sample), expected, strict=True):
            if not torch.allclose(found, wanted, rtol=1e-9, atol=1e-12):
                raise NotTraceableError("some angles are computed outside torch (numpy or float on inputs or weights)")


def _residual(graph: torch.fx.GraphModule, unknown: list[int]) -> torch.fx.GraphModule:
    """Keep only the part of a graph that computes the unknown angles and the first state."""
    copy = torch.fx.Graph()
    values: dict[torch.fx.Node, torch.fx.Node] = {}
    output: Any = copy.graph_copy(graph.graph, values)
    stacked, initial = output
    if unknown:
        rows = [copy.call_function(torch.ops.aten.select.int, (stacked, 0, p)) for p in unknown]
        parts = stacked.args[0] if stacked.target is torch.ops.aten.stack.default else None
        if parts is not None:  # take the rows before they are stacked, so that the others are dropped
            rows = [parts[p] for p in unknown]
        angles = copy.call_function(torch.ops.aten.stack.default, (rows,))
    else:
        angles = copy.call_function(torch.ops.aten.slice.Tensor, (stacked, 0, 0, 0))
    copy.output((angles, initial))
    copy.eliminate_dead_code()
    copy.lint()
    module = torch.fx.GraphModule(graph, copy)
    module.recompile()
    return module


def _collect(
    circuit: Callable[..., Any],
    inputs: torch.Tensor,
    weight_shapes: Mapping[str, tuple[int, ...]],
    weights: Sequence[torch.Tensor],
    wires: Sequence[Any] | None,
    after: After | None = None,
) -> _Collected:
    """Run the quantum function and write down what it queued."""
    with qp.queuing.AnnotatedQueue() as queue:
        returned = circuit(inputs=inputs, **dict(zip(weight_shapes, weights, strict=True)))
    tape = qp.tape.QuantumScript.from_queue(queue)
    collected = _Collected(measurements=list(tape.measurements), returns_list=isinstance(returned, (list, tuple)))
    if not tape.measurements:
        raise CircuitError("the circuit returns no measurement; end it with `return qp.expval(...)` or another one.")
    labels = list(wires) if wires is not None else _order(tape.wires.tolist())
    collected.wire_index = {label: i for i, label in enumerate(labels)}
    missing = [label for label in tape.wires.tolist() if label not in collected.wire_index]
    if missing:
        raise CircuitError(f"the circuit uses wire {missing[0]!r}, which is not among its wires {labels}.")
    for operation in tape.operations:
        collected.counts[operation.name] += 1
        if after is None:
            _lower(operation, collected, depth=0)
        else:
            _lower_with(operation, collected, after, depth=0)
    return collected


def _lower_with(operation: Any, collected: _Collected, after: After, depth: int) -> None:
    """Write one operation and what follows it; a template is written as its gates, each with what follows it."""
    position = tuple(collected.wire_index[w] for w in operation.wires)
    if isinstance(operation, qp.operation.Channel):
        if _has_tracked_data(operation):
            raise NotTraceableError(f"the parameter of the channel {operation.name} is an input or a weight")
        transfer = transfer_matrix(np.asarray(operation.kraus_matrices(), dtype=np.complex128))
        collected.gates.append(Gate("channel", position, transfer=transfer))
    elif _is_template(operation) and operation.has_decomposition and depth < MAX_EXPANSION_DEPTH:
        with qp.queuing.QueuingManager.stop_recording():
            parts = operation.decomposition()
        for part in parts:
            _lower_with(part, collected, after, depth + 1)
    else:
        _lower(operation, collected, depth)
        if not isinstance(operation, qp.operation.StatePrepBase):
            collected.gates.extend(after(operation.name, position))


def _is_template(operation: Any) -> bool:
    """Tell a template, or the adjoint of one, from a gate and from the preparation of a state."""
    if isinstance(operation, qp.ops.Adjoint):
        return _is_template(operation.base)
    return hasattr(qp.templates, operation.name) and not isinstance(operation, qp.operation.StatePrepBase)


def _order(labels: list[Any]) -> list[Any]:
    """Sort integer labels, as PennyLane's devices do; keep the order of appearance of any others."""
    return sorted(labels) if all(isinstance(label, int) for label in labels) else labels


def _lower(operation: Any, collected: _Collected, depth: int) -> None:
    """Write one operation as gates of the engine."""
    name = operation.name
    if name in IGNORED:
        return
    position = tuple(collected.wire_index[w] for w in operation.wires)
    if isinstance(operation, (qp.StatePrep, qp.AmplitudeEmbedding)) and not collected.gates:
        _prepare(operation, position, collected)
    elif name in ROTATIONS:
        _rotation(name, operation.data, position[0], (), (), collected)
    elif name in PARITIES:
        collected.gates.append(Gate("parity", position, angle=_angle(operation.data[0], collected)))
    elif name == "GlobalPhase":
        collected.gates.append(Gate("parity", (), angle=_angle(2 * operation.data[0], collected)))
    elif name in PERMUTATIONS:
        collected.gates.append(Gate("permute", position, matrix=_matrix(operation)))
    elif isinstance(operation, qp.ops.Controlled) and _lower_controlled(operation, collected):
        pass
    elif not _has_tracked_data(operation) and len(position) == 1 and operation.has_matrix:
        _constant(_matrix(operation), position[0], (), (), collected)
    elif not _has_tracked_data(operation) and len(position) <= MAX_DENSE_WIRES and operation.has_matrix:
        collected.gates.append(Gate("dense", position, matrix=_matrix(operation)))
    elif operation.has_decomposition and depth < MAX_EXPANSION_DEPTH:
        with qp.queuing.QueuingManager.stop_recording():
            parts = operation.decomposition()
        for part in parts:
            _lower(part, collected, depth + 1)
    else:
        raise NotTraceableError(f"the operator {name} has neither a matrix nor a decomposition that the engine can run")


def _lower_controlled(operation: Any, collected: _Collected) -> bool:
    """Write a controlled one-wire gate; return False where the base is anything else."""
    base = operation.base
    controls = tuple(collected.wire_index[w] for w in operation.control_wires)
    values = tuple(bool(v) for v in operation.control_values)
    if len(base.wires) != 1:
        return False
    target = collected.wire_index[base.wires[0]]
    if base.name in ROTATIONS:
        _rotation(base.name, base.data, target, controls, values, collected)
        return True
    if _has_tracked_data(base) or not base.has_matrix:
        return False
    _constant(_matrix(base), target, controls, values, collected)
    return True


def _rotation(
    name: str,
    data: Sequence[Any],
    target: int,
    controls: tuple[int, ...],
    values: tuple[bool, ...],
    collected: _Collected,
) -> None:
    elements = [(kind, _angle(data[which], collected)) for kind, which in ROTATIONS[name]]
    collected.gates.append(Gate("one", (target,), elements, controls, values))


def _constant(
    matrix: NDArray[np.complex128],
    target: int,
    controls: tuple[int, ...],
    values: tuple[bool, ...],
    collected: _Collected,
) -> None:
    collected.constants.append(matrix)
    elements = [(CONSTANT, len(collected.constants) - 1)]
    collected.gates.append(Gate("one", (target,), elements, controls, values))


def _angle(value: Any, collected: _Collected) -> int:
    """Keep an angle as a float64 scalar tensor and return its index."""
    tensor = value if isinstance(value, torch.Tensor) else torch.tensor(float(value), dtype=torch.float64)
    if tensor.numel() != 1:
        raise ValueError(f"a gate's angle must be one number a sample; got shape {tuple(tensor.shape)}.")
    collected.angles.append(tensor.to(torch.float64).reshape(()))
    return len(collected.angles) - 1


def _prepare(operation: Any, position: tuple[int, ...], collected: _Collected) -> None:
    """Keep the amplitudes of a state preparation at the circuit's start."""
    state = torch.as_tensor(operation.parameters[0]).to(torch.complex128).reshape((2,) * len(position))
    n_wires = len(collected.wire_index)
    zeros = np.zeros(1 << (n_wires - len(position)), dtype=np.complex128)
    zeros[0] = 1
    full = torch.tensordot(state, torch.tensor(zeros).reshape((2,) * (n_wires - len(position))), dims=0)
    order = [*position, *(w for w in range(n_wires) if w not in position)]
    collected.initial = full.permute([order.index(w) for w in range(n_wires)]).reshape(-1)
    collected.gates.append(Gate("one", (position[0],)))  # nothing but a mark: a second preparation is not the first


def _has_tracked_data(operation: Any) -> bool:
    return any(isinstance(datum, torch.Tensor) for datum in operation.data)


def _matrix(operation: Any) -> NDArray[np.complex128]:
    """Return an operation's matrix on its own wires in order."""
    with qp.queuing.QueuingManager.stop_recording():
        return np.ascontiguousarray(
            qp.math.unwrap([qp.matrix(operation, wire_order=operation.wires)])[0], dtype=np.complex128
        )
