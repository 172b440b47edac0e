"""From a PennyLane quantum function to a ``Program``: the function runs once and is written down."""

import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pennylane as qp
import torch

from qml.errors import CircuitError
from qml.simulators.assemble import assemble
from qml.simulators.expansions import NotTraceableError
from qml.simulators.gates import Gate
from qml.simulators.lower import After, Lowered, lower
from qml.simulators.measurements import UnsupportedMeasurementError, diagonalizing_gates, lower_measurements
from qml.simulators.polynomials import Polynomial, Values, interpret
from qml.simulators.program import Program
from qml.simulators.recording import record


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

    lowered: Lowered
    measurements: list[Any]
    returns_list: bool
    counts: Counter[str]

    def signature(self) -> list[Any]:
        """Everything but the angles, to compare two runs."""
        gates = [
            (
                g.kind,
                g.wires,
                g.elements,
                g.controls,
                g.values,
                g.angle,
                None if g.matrix is None else g.matrix.tobytes(),
            )
            for g in self.lowered.gates
        ]
        return [*gates, *(constant.tobytes() for constant in self.lowered.constants)]


def trace(
    circuit: Callable[..., Any],
    n_inputs: int,
    weight_shapes: Mapping[str, tuple[int, ...]],
    *,
    wires: Sequence[Any] | None = None,
    example: torch.Tensor | None = None,
    fuse: bool = True,
    after: After | None = None,
) -> Traced:
    """Run a quantum function once and compile what it did.

    Args:
        circuit: A PennyLane quantum function ``circuit(inputs, **weights)`` that returns its measurements.
        n_inputs: Features of one sample.
        weight_shapes: Shape of each weight by name.
        wires: Wire labels in order, most significant first; by default those met, sorted where they are integers.
        example: One sample to trace with, shape (n_inputs,); random by default.
        fuse: Whether neighbouring gates are merged; without, every gate stays one operation of the program.
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
        return _trace(circuit, weight_shapes, wires, samples, after, batched=False, fuse=fuse)
    except CircuitError:
        raise
    except (IndexError, RuntimeError, TypeError, ValueError) as unbatched:
        # A function written for batches only (``inputs[:, 0]``) is traced on a batch of one.
        try:
            return _trace(circuit, weight_shapes, wires, samples, after, batched=True, fuse=fuse)
        except NotTraceableError:
            raise
        except Exception:
            raise CircuitError(
                f"the circuit failed on one sample of {n_inputs} features with weights of shapes "
                f"{dict(weight_shapes)}: {type(unbatched).__name__}: {unbatched}. Its own lines are above; a weight "
                "shape that the circuit does not expect is the usual cause."
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
    fuse: bool,
) -> Traced:
    runs: list[_Collected] = []

    def compute(inputs: torch.Tensor, *weights: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        collected = _collect(circuit, inputs[None] if batched else inputs, weight_shapes, weights, wires, after)
        runs.append(collected)
        lowered = collected.lowered
        initial = torch.zeros(0, dtype=torch.complex128) if lowered.initial is None else lowered.initial.reshape(-1)
        angles = [_angle(value) for value in lowered.angles]
        return torch.stack(angles) if angles else torch.zeros(0, dtype=torch.float64), initial

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PennyLane and torch about their own internals
        graph = record(compute, *samples[0])
    collected = runs[-1]
    lowered = collected.lowered
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
    extra = _residual(graph, unknown) if unknown or lowered.initial is not None else None
    try:
        measurement = lower_measurements(collected.measurements, lowered.wire_index, as_list=collected.returns_list)
    except UnsupportedMeasurementError as error:
        raise NotTraceableError(str(error)) from error
    program = assemble(
        n_wires=len(lowered.wire_index),
        n_inputs=n_inputs,
        n_extra=n_extra,
        n_weights=offset - n_inputs,
        gates=[gate for gate in lowered.gates if gate.kind != "channel"],
        constants=lowered.constants,
        polynomials=polynomials,
        has_initial=lowered.initial is not None,
        measurement=measurement,
        gate_counts=dict(collected.counts),
        merge=fuse,
    )
    return Traced(program, extra, n_inputs, tuple(lowered.gates) if after is not None else ())


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
    if not tape.measurements:
        raise CircuitError("the circuit returns no measurement; end it with `return qp.expval(...)` or another one.")
    labels = list(wires) if wires is not None else _order(tape.wires.tolist())
    wire_index = {label: i for i, label in enumerate(labels)}
    missing = [label for label in tape.wires.tolist() if label not in wire_index]
    if missing:
        raise CircuitError(f"the circuit uses wire {missing[0]!r}, which is not among its wires {labels}.")
    lowered = lower(tape.operations, wire_index, after=after, readout=diagonalizing_gates(tape.measurements))
    return _Collected(
        lowered,
        measurements=list(tape.measurements),
        returns_list=isinstance(returned, (list, tuple)),
        counts=Counter(operation.name for operation in tape.operations),
    )


def _angle(value: Any) -> torch.Tensor:
    """Return an angle as a float64 scalar tensor."""
    tensor = value if isinstance(value, torch.Tensor) else torch.tensor(float(value), dtype=torch.float64)
    if tensor.numel() != 1:
        raise ValueError(f"a gate's angle must be one number a sample; got shape {tuple(tensor.shape)}.")
    return tensor.to(torch.float64).reshape(())


def _order(labels: list[Any]) -> list[Any]:
    """Sort integer labels, as PennyLane's devices do; keep the order of appearance of any others."""
    return sorted(labels) if all(isinstance(label, int) for label in labels) else labels
