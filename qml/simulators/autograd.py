"""The engine as a torch function: one forward pass, one adjoint pass, first order."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from qml.errors import CircuitError
from qml.simulators.engine import Engine
from qml.simulators.read import read

_NORM_TOLERANCE = 1e-4  # of float32 features that were normalised in float32


class _Simulate(torch.autograd.Function):
    """Outputs of a program; gradients for per-sample variables, weights and first states."""

    @staticmethod
    def forward(
        ctx: Any, engine: Engine, n_threads: int, inputs: Tensor, weights: Tensor, initial: Tensor | None
    ) -> Tensor:
        first = None if initial is None else _unit_states(_planes(initial, engine.dtype))
        keep = any(ctx.needs_input_grad)
        out, tape = engine.forward(
            inputs.detach().contiguous().numpy(),
            weights.detach().contiguous().numpy(),
            first,
            keep=keep,
            n_threads=n_threads,
        )
        ctx.engine, ctx.n_threads, ctx.tape = engine, n_threads, tape
        ctx.save_for_backward(inputs, weights, initial)
        return _complex(out) if engine.program.measurement.needs_state else torch.from_numpy(out)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Any, ...]:
        with torch.no_grad():
            gradients = _gradients(ctx, gradient)
        if torch.is_grad_enabled():  # create_graph=True: what is built on these gradients must not be silently wrong
            anchors = [gradient, *(t for t in ctx.saved_tensors if t is not None)]
            gradients = tuple(None if g is None else _first_order_only(g, anchors) for g in gradients)
        return (None, None, *gradients)


def _gradients(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
    """Run the adjoint pass for what is wanted of inputs, weights and first states."""
    engine: Engine = ctx.engine
    if engine.program.measurement.needs_state:
        array = _planes(gradient, engine.dtype)
    else:
        array = gradient.detach().contiguous().numpy()
    _, _, for_inputs, for_weights, for_initial = ctx.needs_input_grad
    result = engine.backward(
        ctx.tape,
        array,
        for_inputs=for_inputs,
        for_weights=for_weights,
        for_initial=for_initial,
        n_threads=ctx.n_threads,
    )
    return (
        None if result.inputs is None else torch.from_numpy(result.inputs),
        None if result.weights is None else torch.from_numpy(result.weights),
        None if result.initial is None else _complex(result.initial),
    )


class _FirstOrderOnly(torch.autograd.Function):
    """Passes a gradient on and refuses to be differentiated."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, *anchors: Tensor) -> Tensor:
        return value.clone()

    @staticmethod
    def backward(ctx: Any, *_: Any) -> Any:
        raise CircuitError(
            "the state-vector engine gives first derivatives only, and a second one was asked for (create_graph=True, "
            "or a gradient inside a loss). Use QuantumLayer(..., backend='pennylane') for this circuit."
        )


def _first_order_only(value: Tensor, anchors: list[Tensor]) -> Tensor:
    result: Tensor = _FirstOrderOnly.apply(value, *anchors)  # type: ignore[no-untyped-call]
    return result


def simulate(engine: Engine, inputs: Tensor, weights: Tensor, initial: Tensor | None, n_threads: int) -> Tensor:
    """Run a program on a batch, differentiably.

    Args:
        engine: Of the dtype of ``inputs`` and ``weights``.
        inputs: Per-sample variables, shape (n_samples, n_inputs + n_extra).
        weights: Shape (n_weights,).
        initial: First states, complex, shape (n_samples, 2**n_wires), or None.
        n_threads: At most this many threads.

    Returns:
        Shape (n_samples, n_outputs); complex where the circuit returns its state.

    Raises:
        CircuitError: On a second derivative: the adjoint pass is of first order.
    """
    result: Tensor = _Simulate.apply(engine, n_threads, inputs, weights, initial)  # type: ignore[no-untyped-call]
    measurement = engine.program.measurement
    return read(measurement, result) if measurement.kind == "mixed" else result


def _unit_states(planes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return first states, shape (n, 2, d), if every one has norm one."""
    norms = np.square(planes, dtype=np.float64).sum(axis=(1, 2))
    bad = np.flatnonzero(~(np.abs(norms - 1) < _NORM_TOLERANCE))
    if len(bad):
        raise CircuitError(
            f"row {bad[0]} of the inputs does not encode a state: the sum of its squared amplitudes is "
            f"{norms[bad[0]]:.4g} and must be 1. A row of zeros cannot be normalised; other rows need normalize=True."
        )
    return planes


def _planes(values: Tensor, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """Split complex numbers, shape (n, d), into planes, shape (n, 2, d)."""
    numbers = values.detach().resolve_conj().numpy()
    return np.ascontiguousarray(np.stack([numbers.real, numbers.imag], axis=1), dtype=dtype)


def _complex(planes: np.ndarray[Any, Any]) -> Tensor:
    """Join planes, shape (n, 2, d), into complex numbers, shape (n, d)."""
    return torch.complex(torch.from_numpy(planes[:, 0].copy()), torch.from_numpy(planes[:, 1].copy()))
