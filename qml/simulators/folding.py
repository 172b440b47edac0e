"""``torch.vmap`` over a program: the mapped dimension is folded into the batch.

Weights that differ along the mapped dimension (an ensemble) become variables of each sample, as long as every member
has few samples; members with many run one after the other, since a matrix a sample costs more than a call.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from qml.simulators.compiled import Compiled

Dims = Sequence[int | None]

# At 4 wires a sample with its own weights costs 6 µs, and a member of up to 32 samples 35 µs.
_SAMPLES_WORTH_A_CALL = 6


def simulate(
    call: Callable[..., Any],
    size: int,
    in_dims: Dims,
    circuit: "Compiled",
    n_threads: int,
    inputs: Tensor,
    weights: Tensor,
    initial: Tensor | None,
) -> tuple[Tensor, int]:
    """Run a program over a mapped dimension.

    Args:
        call: Runs the program: (circuit, n_threads, inputs, weights, initial) -> outputs.
        size: Of the mapped dimension.
        in_dims: Where inputs, weights and first states have it, or None.
        circuit: The program.
        n_threads: At most this many threads.
        inputs: Shape (n_samples, n_samplewise), and the mapped dimension.
        weights: Shape (n_weights,), likewise.
        initial: Shape (n_samples, 2**n_wires), likewise, or None.

    Returns:
        Outputs, shape (size, n_samples, n_outputs); and 0, where they have the mapped dimension.
    """
    if in_dims[1] is not None and _n_samples(inputs, in_dims[0]) >= _SAMPLES_WORTH_A_CALL:
        members = _members(size, in_dims, (inputs, weights, initial))
        return torch.stack([call(circuit, n_threads, *member) for member in members]), 0
    if in_dims[1] is not None:
        circuit, inputs, weights = _with_weights(size, in_dims, circuit, inputs, weights)
    else:
        inputs = _fold(size, inputs, in_dims[0])
    first = None if initial is None else _fold(size, initial, in_dims[2])
    out = call(circuit, n_threads, inputs, weights, first)
    return out.unflatten(0, (size, -1)) if len(out) else out.reshape(size, 0, *out.shape[1:]), 0


def adjoint(
    call: Callable[..., Any],
    size: int,
    in_dims: Dims,
    circuit: "Compiled",
    n_threads: int,
    wanted: tuple[bool, bool, bool],
    gradient: Tensor,
    inputs: Tensor,
    weights: Tensor,
    initial: Tensor | None,
) -> tuple[tuple[Tensor, ...], tuple[int, ...]]:
    """Run the adjoint pass over a mapped dimension.

    Args:
        call: Runs it: (circuit, n_threads, wanted, gradient, inputs, weights, initial) -> three gradients.
        size: Of the mapped dimension.
        in_dims: Where gradient, inputs, weights and first states have it, or None.
        circuit: The program.
        n_threads: At most this many threads.
        wanted: Whether gradients for inputs, weights and first states are wanted; the others are empty.
        gradient: dL/d(output), shape (n_samples, n_outputs), and the mapped dimension; as all that follow.
        inputs: Shape (n_samples, n_samplewise).
        weights: Shape (n_weights,).
        initial: Shape (n_samples, 2**n_wires), or None.

    Returns:
        The three gradients with the mapped dimension in front; and where they have it.
    """
    for_inputs, for_weights, for_initial = wanted
    n_inputs = inputs.shape[-1] if in_dims[1] is None else _front(inputs, in_dims[1]).shape[-1]
    joined = for_weights or in_dims[2] is not None
    if joined and _n_samples(inputs, in_dims[1]) >= _SAMPLES_WORTH_A_CALL:
        members = _members(size, in_dims, (gradient, inputs, weights, initial))
        rows = [call(circuit, n_threads, wanted, *member) for member in members]
        return tuple(torch.stack(parts) for parts in zip(*rows, strict=True)), (0, 0, 0)
    if joined:  # each member of the mapped dimension has its own gradient for the weights
        circuit, inputs, weights = _with_weights(size, in_dims[1:], circuit, inputs, weights)
    else:
        inputs = _fold(size, inputs, in_dims[1])
    to_inputs, to_weights, to_initial = call(
        circuit,
        n_threads,
        (for_inputs or (joined and for_weights), for_weights and not joined, for_initial),
        _fold(size, gradient, in_dims[0]),
        inputs,
        weights,
        None if initial is None else _fold(size, initial, in_dims[3]),
    )
    n_samples = len(inputs) // size
    if for_inputs or (joined and for_weights):
        to_inputs = to_inputs.reshape(size, n_samples, inputs.shape[1])
        if joined and for_weights:
            to_weights = to_inputs[:, :, n_inputs:].sum(dim=1)
        to_inputs = to_inputs[:, :, :n_inputs]
    blank = inputs.new_empty(size, 0)
    results = (
        to_inputs if for_inputs else blank,
        to_weights if for_weights else blank,
        to_initial.reshape(size, n_samples, to_initial.shape[1]) if for_initial else blank,
    )
    return results, (0, 0, 0)


def _n_samples(inputs: Tensor, dim: int | None) -> int:
    return inputs.shape[0] if dim is None else _front(inputs, dim).shape[1]


def _members(size: int, in_dims: Dims, values: Sequence[Tensor | None]) -> list[tuple[Tensor | None, ...]]:
    """Cut tensors along their mapped dimension; those without it go to every member."""
    return [
        tuple(v if v is None or dim is None else v.select(dim, i) for v, dim in zip(values, in_dims, strict=True))
        for i in range(size)
    ]


def _front(values: Tensor, dim: int) -> Tensor:
    return values.movedim(dim, 0)


def _spread(size: int, values: Tensor, dim: int | None) -> Tensor:
    """Return a tensor with the mapped dimension in front, repeated where it had none."""
    return values.expand(size, *values.shape) if dim is None else _front(values, dim)


def _fold(size: int, values: Tensor, dim: int | None) -> Tensor:
    """Fold the mapped dimension into the batch: shape (size * n_samples, ...)."""
    return _spread(size, values, dim).flatten(0, 1)


def _with_weights(
    size: int, in_dims: Dims, circuit: "Compiled", inputs: Tensor, weights: Tensor
) -> tuple["Compiled", Tensor, Tensor]:
    """Put the weights behind the inputs of every sample."""
    wide = _spread(size, inputs, in_dims[0])
    own = _spread(size, weights, in_dims[1])[:, None].expand(-1, wide.shape[1], -1)
    return circuit.per_sample, torch.cat([wide, own], dim=2).flatten(0, 1), inputs.new_zeros(0)
