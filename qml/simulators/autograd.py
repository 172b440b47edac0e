"""The CPU engine as a torch function: one forward pass, one adjoint pass, second order through the torch engine.

Three ways lead to the same two passes.  Plain calls take ``_Simulate``, which costs least.  Transforms of
``torch.func`` take ``_Transformed``, which they can look into.  ``torch.compile`` and ``torch.export`` take the
operators of ``qml.simulators.operators``.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from qml.errors import CircuitError
from qml.simulators import folding
from qml.simulators.compiled import Compiled, of_engine
from qml.simulators.engine import Engine, Gradients, Spans, Tape

_NORM_TOLERANCE = 1e-4  # of float32 features that were normalised in float32
Wanted = tuple[bool, bool, bool]  # gradients for inputs, weights, first states


def simulate(
    engine: Engine, inputs: Tensor, weights: Tensor | Sequence[Tensor], initial: Tensor | None, n_threads: int
) -> Tensor:
    """Run a program on a batch, differentiably.

    Args:
        engine: Of the dtype of ``inputs`` and ``weights``.
        inputs: Per-sample variables, shape (n_samples, n_inputs + n_extra).
        weights: Shape (n_weights,), or several tensors of any shape that make them up when they are flattened.
        initial: First states, complex, shape (n_samples, 2**n_wires), or None.
        n_threads: At most this many threads.

    Returns:
        Shape (n_samples, n_outputs); complex where the circuit returns its state.
    """
    parts = (weights,) if isinstance(weights, Tensor) else weights
    if torch._C._are_functorch_transforms_active():  # as ``is_transformed`` asks
        circuit, joined = of_engine(engine), join(parts, inputs)
        if _forward_mode():  # the adjoint pass is reverse mode only
            return circuit.read(circuit.torch(inputs, joined, initial))
        raw = _Transformed.apply(circuit, n_threads, inputs, joined, initial)  # type: ignore[no-untyped-call]
    else:
        raw = _apply_simulate(engine, n_threads, inputs, initial, *parts)
    return of_engine(engine).read(raw) if engine.hands_out_states else raw


def is_transformed() -> bool:
    """Tell whether a transform of ``torch.func`` is at work, inside which no value can be read."""
    active: bool = torch._C._are_functorch_transforms_active()  # no public name; torch.autograd.Function asks it too
    return active


def _forward_mode() -> bool:
    """Tell whether ``torch.func.jvp``, or what is made of it, is at work."""
    stack = torch._C._functorch.get_interpreter_stack() or []
    return any(level.key() == torch._C._functorch.TransformType.Jvp for level in stack)


def join(parts: Sequence[Tensor], like: Tensor) -> Tensor:
    """Return tensors as one vector, shape (n_weights,)."""
    if len(parts) == 1:
        return parts[0].reshape(-1)
    return torch.cat([part.reshape(-1) for part in parts]) if parts else like.new_zeros(0)


def run(
    engine: Engine, inputs: Tensor, weights: Sequence[Tensor], initial: Tensor | None, keep: bool, n_threads: int
) -> tuple[Tensor, Tape | None]:
    """Run the forward pass; nothing is recorded for autograd."""
    first = None if initial is None else _unit_states(_planes(initial, engine.dtype))
    whole = weights[0] if len(weights) == 1 else join(weights, inputs)
    out, tape = engine.forward(inputs, whole, first, keep, n_threads)
    return (_complex(out) if engine.hands_out_states else out), tape


def run_adjoint(
    engine: Engine,
    tape: Tape,
    gradient: Tensor,
    wanted: Wanted,
    n_threads: int,
    frozen: Spans = (),
) -> Gradients:
    """Run the adjoint pass: gradients for inputs, weights and first states, where wanted.

    Those of the weights have the shape of a single tensor of weights, or (n_weights,); those of the first states are
    complex.
    """
    result = engine.backward(
        tape,
        _planes(gradient, engine.dtype) if engine.hands_out_states else gradient,
        *wanted,
        frozen,
        n_threads,
    )
    return result if result.initial is None else result._replace(initial=_complex(result.initial))


class _Simulate(torch.autograd.Function):
    """Outputs of a program, for plain calls."""

    @staticmethod
    def forward(
        ctx: Any, engine: Engine, n_threads: int, inputs: Tensor, initial: Tensor | None, *weights: Tensor
    ) -> Tensor:
        out, tape = run(engine, inputs, weights, initial, any(ctx.needs_input_grad), n_threads)
        if tape is not None:
            ctx.call = engine, n_threads, tape
            ctx.save_for_backward(inputs, initial, *weights)
        return out

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Any, ...]:
        engine, n_threads, tape = ctx.call
        inputs, initial, *weights = ctx.saved_tensors
        needed = ctx.needs_input_grad
        once = not torch.is_grad_enabled()  # else create_graph=True
        if once and len(needed) == 5 and not needed[3] and not engine.hands_out_states:  # most calls, at least cost
            result = engine.backward(tape, gradient, needed[2], needed[4], n_threads=n_threads)
            return None, None, result.inputs, None, result.weights
        _, _, for_inputs, for_initial, *for_weights = needed
        wanted = for_inputs, any(for_weights), for_initial
        if not once:
            results = _Adjoint.apply(  # type: ignore[no-untyped-call]
                of_engine(engine), n_threads, wanted, tape, gradient, inputs, join(weights, inputs), initial
            )
            to_inputs, to_weights, to_initial = results
            return None, None, to_inputs, to_initial if for_initial else None, *_split(to_weights, weights, for_weights)
        frozen = () if all(for_weights) else _frozen(weights, for_weights)
        result = run_adjoint(engine, tape, gradient, wanted, n_threads, frozen)
        to_weights = None if result.weights is None else result.weights.view(-1)
        return None, None, result.inputs, result.initial, *_split(to_weights, weights, for_weights)


# ``Function.apply`` looks for transforms once more, after ``simulate`` has, at the price of several gates.
_apply_simulate: Any = super(torch.autograd.Function, _Simulate).apply


def _frozen(weights: Sequence[Tensor], needed: Sequence[bool]) -> Spans:
    """Return where the weights lie that need no gradient."""
    edges = [0, *accumulate(part.numel() for part in weights)]
    return tuple(span for span, need in zip(pairwise(edges), needed, strict=True) if not need)


def _split(joined: Tensor | None, like: Sequence[Tensor], needed: Sequence[bool]) -> list[Tensor | None]:
    """Cut one vector into the shapes of the weights."""
    if joined is None or not any(needed):
        return [None] * len(like)
    parts = torch.split(joined, [part.numel() for part in like])
    return [part.view(w.shape) if need else None for part, w, need in zip(parts, like, needed, strict=True)]


class _Transformed(torch.autograd.Function):
    """Outputs of a program, for the transforms of ``torch.func``: it keeps no tape and runs forward twice."""

    @staticmethod
    def forward(circuit: Compiled, n_threads: int, inputs: Tensor, weights: Tensor, initial: Tensor | None) -> Tensor:
        return run(circuit.engine(inputs.dtype), inputs, [weights], initial, False, n_threads)[0]

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        ctx.circuit, ctx.n_threads, *tensors = inputs
        ctx.save_for_backward(*tensors)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Any, ...]:
        wanted = ctx.needs_input_grad[2:]
        results = _Adjoint.apply(ctx.circuit, ctx.n_threads, wanted, None, gradient, *ctx.saved_tensors)  # type: ignore[no-untyped-call]
        return None, None, *(value if want else None for value, want in zip(results, wanted, strict=True))

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], circuit: Compiled, n_threads: int, *tensors: Any) -> Any:
        return folding.simulate(_Transformed.apply, info.batch_size, in_dims[2:], circuit, n_threads, *tensors)


class _Adjoint(torch.autograd.Function):
    """Gradients of a program; theirs come from the torch engine.  What is not wanted is empty."""

    @staticmethod
    def forward(
        circuit: Compiled,
        n_threads: int,
        wanted: Wanted,
        tape: Tape | None,
        gradient: Tensor,
        inputs: Tensor,
        weights: Tensor,
        initial: Tensor | None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        engine = circuit.engine(inputs.dtype)
        if tape is None:
            _, tape = run(engine, inputs, [weights], initial, True, n_threads)
        if tape is None:
            raise AssertionError("a pass that keeps its tape returns it")
        results = run_adjoint(engine, tape, gradient, wanted, n_threads)
        a, b, c = (inputs.new_empty(0) if value is None else value for value in results)
        return a, b.view(-1), c

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        ctx.circuit, _, ctx.wanted, _, *tensors = inputs
        ctx.save_for_backward(*tensors)

    @staticmethod
    def backward(ctx: Any, *second: Tensor) -> tuple[Any, ...]:
        return None, None, None, None, *second_order(ctx.circuit, ctx.wanted, ctx.saved_tensors, second)

    @staticmethod
    def vmap(
        info: Any,
        in_dims: tuple[Any, ...],
        circuit: Compiled,
        n_threads: int,
        wanted: Wanted,
        tape: Tape | None,
        *tensors: Any,
    ) -> Any:
        def call(circuit: Compiled, n_threads: int, wanted: Wanted, *tensors: Any) -> Any:
            return _Adjoint.apply(circuit, n_threads, wanted, None, *tensors)  # type: ignore[no-untyped-call]

        return folding.adjoint(call, info.batch_size, in_dims[4:], circuit, n_threads, wanted, *tensors)


def second_order(
    circuit: Compiled, wanted: Wanted, saved: Sequence[Tensor | None], second: Sequence[Tensor]
) -> tuple[Tensor | None, ...]:
    """Differentiate the gradients of a program, through the torch engine.

    Args:
        circuit: The program.
        wanted: Which gradients were computed.
        saved: dL/d(output), inputs, weights and first states or None.
        second: What stands before each of the three gradients, of the same shape.

    Returns:
        Gradients for ``saved``, itself differentiable.
    """
    given = [value for value in saved if value is not None]

    def first_order(gradient: Tensor, *variables: Tensor) -> tuple[Tensor, ...]:
        pull_back = torch.func.vjp(circuit.torch, *variables)[1]
        return tuple(value for value, want in zip(pull_back(gradient), wanted, strict=False) if want)

    results = torch.func.vjp(first_order, *given)[1](
        tuple(value for value, want in zip(second, wanted, strict=True) if want)
    )
    return (*results, *(None for value in saved if value is None))


def _unit_states(planes: Tensor) -> Tensor:
    """Return first states, shape (n, 2, d), if every one has norm one."""
    norms = planes.square().sum(dim=(1, 2), dtype=torch.float64)
    bad = (~((norms - 1).abs() < _NORM_TOLERANCE)).nonzero()
    if len(bad):
        row = int(bad[0])
        raise CircuitError(
            f"row {row} of the inputs does not encode a state: the sum of its squared amplitudes is "
            f"{norms[row]:.4g} and must be 1. A row of zeros cannot be normalised; other rows need normalize=True."
        )
    return planes


def _planes(values: Tensor, dtype: np.dtype[Any]) -> Tensor:
    """Split complex numbers, shape (n, d), into planes, shape (n, 2, d)."""
    numbers = values.numpy(force=True)
    return torch.from_numpy(np.ascontiguousarray(np.stack([numbers.real, numbers.imag], axis=1), dtype=dtype))


def _complex(planes: Tensor) -> Tensor:
    """Join planes, shape (n, 2, d), into complex numbers, shape (n, d)."""
    return torch.complex(planes[:, 0], planes[:, 1])
