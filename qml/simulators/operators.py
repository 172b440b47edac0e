"""The CPU engine as operators of torch, for ``torch.compile`` and ``torch.export``.

A graph holds plain values only, so an operator names its circuit by the hash of its content, see ``compiled.find``.
"""

from typing import Any

import torch
from torch import Tensor

from qml.simulators import autograd, folding
from qml.simulators.compiled import Compiled, find


@torch.library.custom_op("qml::simulate", mutates_args=(), device_types="cpu")
def simulate(circuit: str, n_threads: int, inputs: Tensor, weights: Tensor, initial: Tensor | None) -> Tensor:
    """Run a program, see ``qml.simulators.autograd.simulate``; 0 threads stand for ``torch.get_num_threads()``."""
    engine = find(circuit).engine(inputs.dtype)
    threads = n_threads or torch.get_num_threads()
    return autograd.run(engine, inputs, [weights], initial, False, threads)[0]


@torch.library.custom_op("qml::adjoint", mutates_args=(), device_types="cpu")
def adjoint(
    circuit: str,
    n_threads: int,
    wanted: list[bool],
    gradient: Tensor,
    inputs: Tensor,
    weights: Tensor,
    initial: Tensor | None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Run forward and the adjoint pass: gradients for inputs, weights and first states, empty where not wanted."""
    engine = find(circuit).engine(inputs.dtype)
    threads = n_threads or torch.get_num_threads()
    _, tape = autograd.run(engine, inputs, [weights], initial, True, threads)
    if tape is None:
        raise AssertionError("a pass that keeps its tape returns it")
    flags = (wanted[0], wanted[1], wanted[2])
    results = autograd.run_adjoint(engine, tape, gradient, flags, threads)
    a, b, c = (inputs.new_empty(0) if value is None else value for value in results)
    return a, b, c


@simulate.register_fake
def _(circuit: str, n_threads: int, inputs: Tensor, weights: Tensor, initial: Tensor | None) -> Tensor:
    program = find(circuit).program
    if program.measurement.needs_state:
        return inputs.new_empty((inputs.shape[0], program.n_states), dtype=inputs.dtype.to_complex())
    return inputs.new_empty((inputs.shape[0], program.measurement.n_outputs))


@adjoint.register_fake
def _(
    circuit: str,
    n_threads: int,
    wanted: list[bool],
    gradient: Tensor,
    inputs: Tensor,
    weights: Tensor,
    initial: Tensor | None,
) -> tuple[Tensor, Tensor, Tensor]:
    blank = inputs.new_empty(0)
    return (
        inputs.new_empty(inputs.shape) if wanted[0] else blank,
        weights.new_empty(weights.shape) if wanted[1] else inputs.new_empty(0),
        inputs.new_empty(0) if initial is None or not wanted[2] else initial.new_empty(initial.shape),
    )


def _keep_inputs(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    ctx.circuit, ctx.n_threads, *tensors = inputs
    ctx.save_for_backward(*tensors)


def _backward(ctx: Any, gradient: Tensor) -> tuple[Any, ...]:
    wanted = list(ctx.needs_input_grad[2:])
    results = adjoint(ctx.circuit, ctx.n_threads, wanted, gradient.contiguous(), *ctx.saved_tensors)
    return None, None, *(value if want else None for value, want in zip(results, wanted, strict=True))


def _keep_gradient(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
    ctx.circuit, _, ctx.wanted, *tensors = inputs
    ctx.save_for_backward(*tensors)


def _backward_twice(ctx: Any, *second: Tensor) -> tuple[Any, ...]:
    wanted = (ctx.wanted[0], ctx.wanted[1], ctx.wanted[2])
    return None, None, None, *autograd.second_order(find(ctx.circuit), wanted, ctx.saved_tensors, second)


simulate.register_autograd(_backward, setup_context=_keep_inputs)
adjoint.register_autograd(_backward_twice, setup_context=_keep_gradient)


@simulate.register_vmap
def _(info: Any, in_dims: tuple[Any, ...], circuit: str, n_threads: int, *tensors: Any) -> Any:
    def call(circuit: Compiled, *arguments: Any) -> Any:
        return simulate(circuit.key, *arguments)

    return folding.simulate(call, info.batch_size, in_dims[2:], find(circuit), n_threads, *tensors)


@adjoint.register_vmap
def _(info: Any, in_dims: tuple[Any, ...], circuit: str, n_threads: int, wanted: list[bool], *tensors: Any) -> Any:
    def call(circuit: Compiled, n_threads: int, wanted: tuple[bool, bool, bool], *arguments: Any) -> Any:
        return adjoint(circuit.key, n_threads, list(wanted), *arguments)

    flags = (wanted[0], wanted[1], wanted[2])
    return folding.adjoint(call, info.batch_size, in_dims[3:], find(circuit), n_threads, flags, *tensors)
