"""Gradients of circuits that can only be run: by parameter shift, with all shifted circuits in one batch.

Whatever runs the circuits is an ``Execute``: a sampler, Aer, a device.  It is given rows of angles, one row a
circuit; a backward pass gives it one batch of (samples x shifted circuits) rows.  A sampled gradient is unbiased,
for its circuits are sampled independently of those of the forward pass.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import torch
from torch import Tensor

from qml.errors import CircuitError
from qml.simulators.shifts import AngleMap, Shifts, shifts_of
from qml.simulators.trace import Traced

_NUMBERS_A_BATCH = 1 << 25  # a backward pass is cut where its rows would hold more numbers than this (256 MB)


class Execute(Protocol):
    """Runs circuits."""

    def __call__(self, angles: Tensor, initial: Tensor | None) -> Tensor:
        """Run one circuit a row.

        Args:
            angles: Radians, float64, shape (n_rows, n_angles).
            initial: First states of norm one, complex128, shape (n_rows, 2**n_wires), or None for all zeros.

        Returns:
            Float64, shape (n_rows, n_outputs).
        """


class ShiftRunner:
    """Runs a traced circuit on anything that runs circuits, differentiably, to any order.

    Args:
        traced: The circuit.
        execute: What runs it.
    """

    def __init__(self, traced: Traced, execute: Execute) -> None:
        self.traced = traced
        self.execute = execute
        self._angles = AngleMap(traced.program)
        self._shifts = shifts_of(traced.program)

    def __call__(self, inputs: Tensor, weights: Mapping[str, Tensor]) -> Tensor:
        """Run a batch, see ``Runner``."""
        program = self.traced.program
        values = [value.to(inputs.device) for value in weights.values()]
        variables, initial = self.traced.variables(inputs, values)
        joined = torch.cat([value.reshape(-1) for value in values]) if values else inputs.new_zeros(0)
        angles = self._angles(variables.cpu(), joined.cpu())
        flags = [inputs.requires_grad] * program.n_inputs + [variables.requires_grad] * program.n_extra
        for value in values:
            flags += [value.requires_grad] * value.numel()
        shifts = self._shifts.only(self._angles.depends_on(torch.tensor(flags, dtype=torch.bool)))
        if initial is not None:
            initial = initial.cpu().to(torch.complex128)
            norm = torch.linalg.vector_norm(initial, dim=1, keepdim=True)
            out = norm.square() * _run(self.execute, shifts, angles, initial / norm)
        else:
            out = _run(self.execute, shifts, angles, None)
        kind = inputs.dtype.to_complex() if out.is_complex() else inputs.dtype
        joined_out: Tensor = out.to(device=inputs.device, dtype=kind)
        return joined_out.reshape(len(inputs), *program.measurement.shape)


def _run(execute: Execute, shifts: Shifts, angles: Tensor, initial: Tensor | None) -> Tensor:
    result: Tensor = _Run.apply(execute, shifts, angles, initial)  # type: ignore[no-untyped-call]
    return result


class _Run(torch.autograd.Function):
    """Outputs of circuits, shape (n_rows, n_outputs); gradients for angles and first states.

    The backward pass is made of this function itself, so it can be differentiated in its turn.
    """

    @staticmethod
    def forward(ctx: Any, execute: Execute, shifts: Shifts, angles: Tensor, initial: Tensor | None) -> Tensor:
        ctx.execute, ctx.shifts = execute, shifts
        ctx.save_for_backward(angles, initial)
        return execute(angles.detach(), None if initial is None else initial.detach())

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Any, ...]:
        angles, initial = ctx.saved_tensors
        if gradient.is_complex():
            raise CircuitError(
                "a state has no gradient by parameter shift; return expectation values or probs, or use "
                "backend='statevector'."
            )
        _, _, for_angles, for_initial = ctx.needs_input_grad
        width = angles.shape[1] + (0 if initial is None else 2 * initial.shape[1])
        circuits = max(1, len(ctx.shifts.angle), 4 * initial.shape[1] if for_initial else 0)
        size = max(1, _NUMBERS_A_BATCH // (circuits * max(1, width)))
        of_angles, of_initial = [], []
        for start in range(0, max(1, len(angles)), size):
            part = slice(start, start + size)
            first = None if initial is None else initial[part]
            if for_angles:
                of_angles.append(_angle_gradient(ctx.execute, ctx.shifts, angles[part], first, gradient[part]))
            if for_initial:
                of_initial.append(_initial_gradient(ctx.execute, ctx.shifts, angles[part], first, gradient[part]))
        return (
            None,
            None,
            torch.cat(of_angles) if for_angles else None,
            torch.cat(of_initial) if for_initial else None,
        )


def _angle_gradient(
    execute: Execute, shifts: Shifts, angles: Tensor, initial: Tensor | None, gradient: Tensor
) -> Tensor:
    """Return dL/dangles, shape (n_rows, n_angles), from one batch of shifted circuits."""
    n_rows, n_circuits = len(angles), len(shifts.angle)
    if not n_rows or not n_circuits:
        return torch.zeros_like(angles)
    which = torch.from_numpy(shifts.angle)
    offsets = torch.zeros(n_circuits, angles.shape[1], dtype=angles.dtype)
    offsets[torch.arange(n_circuits), which] = torch.from_numpy(shifts.shift)
    shifted = (angles[:, None, :] + offsets).reshape(n_rows * n_circuits, -1)
    states = None if initial is None else initial.repeat_interleave(n_circuits, dim=0)
    values = _run(execute, shifts, shifted, states).reshape(n_rows, n_circuits, -1)
    weighted = torch.einsum("bo,bto->bt", gradient, values) * torch.from_numpy(shifts.coefficient)
    return torch.zeros_like(angles).index_add(1, which, weighted)


def _initial_gradient(
    execute: Execute, shifts: Shifts, angles: Tensor, initial: Tensor | None, gradient: Tensor
) -> Tensor:
    """Return dL/d(re) + i dL/d(im) of the first states, shape (n_rows, 2**n_wires).

    With f(psi) = <psi|A|psi> and a direction e, 4 Re <e|A|psi> = f(psi + e) - f(psi - e), and f of a state of any norm
    is its squared norm times what the state of norm one measures.  So the circuits start from (psi ± e)/norm, for e
    each basis state and i times each.
    """
    if initial is None:
        raise AssertionError("a gradient of first states is asked for where there are some")
    n_rows, n_states = initial.shape
    if not n_rows:
        return torch.zeros_like(initial)
    unit = torch.eye(n_states, dtype=initial.dtype)
    directions = torch.cat([unit, -unit, 1j * unit, -1j * unit])
    moved = (initial[:, None, :] + directions).reshape(n_rows * len(directions), n_states)
    norm = torch.linalg.vector_norm(moved, dim=1, keepdim=True)
    safe = torch.where(norm > 1e-12, moved / norm.clamp_min(1e-12), unit[0])  # its factor, norm**2, is zero
    rows = angles.repeat_interleave(len(directions), dim=0)
    values = (norm.square() * _run(execute, shifts, rows, safe)).reshape(n_rows, 4, n_states, -1)
    along = torch.einsum("bo,bdko->bdk", gradient, values) / 2
    return torch.complex(along[:, 0] - along[:, 1], along[:, 2] - along[:, 3])
