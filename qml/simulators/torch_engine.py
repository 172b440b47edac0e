"""A program in plain torch operations: any device, batched, differentiable to any order.

States are complex, shape (n_samples, 2**n_wires).  Nothing is changed in place and no value is read, so that every
transform of torch (``vmap``, ``jvp``, ``compile``, double backward) passes through.  On the CPU it is slower than
``qml.simulators.engine``, and its memory grows with depth.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from qml.simulators.on_device import OnDevice, Put
from qml.simulators.program import CONSTANT, ONE_WIRE, PARITY, PERMUTE, PHASE, RX, RY, RZ, Int, Program
from qml.simulators.read import Reader, signs

_COMPLEX = {torch.float32: torch.complex64, torch.float64: torch.complex128}

# A one-wire element is A + cos(scale angle) B + sin(scale angle) C: kind -> (scale, A, B, C), each in row order.
_ELEMENTS: dict[int, tuple[float, tuple[complex, ...], tuple[complex, ...], tuple[complex, ...]]] = {
    RX: (0.5, (0, 0, 0, 0), (1, 0, 0, 1), (0, -1j, -1j, 0)),
    RY: (0.5, (0, 0, 0, 0), (1, 0, 0, 1), (0, -1, 1, 0)),
    RZ: (0.5, (0, 0, 0, 0), (1, 0, 0, 1), (-1j, 0, 0, 1j)),
    PHASE: (1.0, (1, 0, 0, 0), (0, 0, 0, 1), (0, 0, 0, 1j)),
}


@dataclass(frozen=True)
class _Rows:
    """Operations of one wire that share a number of elements, padded with identities.

    Attributes:
        angle: Which angle each element takes, shape (n_rows, n_elements).
        scale: Of the angle, same shape.
        parts: A, B, C of ``_ELEMENTS``, shape (3, n_rows, n_elements, 2, 2).
        row_of: Row of each operation.
    """

    angle: Int
    scale: NDArray[np.float64]
    parts: NDArray[np.complex128]
    row_of: dict[int, int]


class TorchEngine:
    """Runs one program in torch, on the device and in the dtype of its inputs.

    Args:
        program: The compiled circuit.

    >>> import torch
    >>> from qml.circuits import compose
    >>> from qml.simulators import trace
    >>> circuit = compose(encoding="angle", ansatz="strongly-entangling", n_wires=2, n_layers=1)
    >>> engine = TorchEngine(trace(circuit, 2, circuit.weight_shapes).program)
    >>> engine(torch.zeros(3, 2), torch.zeros(6)).tolist()
    [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        lane = program.angles.lane
        elements = program.elements
        one = [o for o, row in enumerate(program.operations) if row[0] == ONE_WIRE]
        samplewise = {
            o
            for o in one
            if any(kind != CONSTANT and lane[i] >= 0 for kind, i in elements[slice(*program.operations[o, 4:6])])
        }
        self._rows = (
            _rows(program, [o for o in one if o not in samplewise]),
            _rows(program, [o for o in one if o in samplewise]),
        )
        # Plain numbers, since torch.compile follows this class: (kind, and what __call__ reads).
        self._steps: list[tuple[int, ...]] = []
        for o, (kind, a, b, c, *_) in enumerate(program.operations.tolist()):
            if kind == ONE_WIRE:
                self._steps.append((kind, a, b, c, int(o in samplewise), self._rows[o in samplewise].row_of[o]))
            elif kind == PARITY:
                self._steps.append((kind, a, b, int(lane[b] >= 0)))
            else:
                self._steps.append((kind, a))
        self._has_samplewise = bool(program.angles.n_lane)
        self._tables = OnDevice(lambda put: _Tables(program, self._rows, put))
        self._reader = Reader(program.measurement, program.n_states)
        self._as_state = program.measurement.needs_state

    def prepare(self, device: torch.device, dtype: torch.dtype) -> None:
        """Move the program to a device, which ``torch.compile`` cannot do by itself."""
        self._tables.prepare(device, dtype)
        if not self._as_state:
            self._reader.prepare(device, dtype)

    def __call__(self, inputs: Tensor, weights: Tensor, initial: Tensor | None = None) -> Tensor:
        """Run the circuit for a batch.

        Args:
            inputs: Per-sample variables, shape (n_samples, n_inputs + n_extra).
            weights: Of the dtype of ``inputs``, shape (n_weights,).
            initial: First states, complex, shape (n_samples, 2**n_wires), or None for the all-zeros state.

        Returns:
            Outputs, shape (n_samples, n_outputs), complex where the circuit returns its state.
        """
        tables = self._tables.get(inputs.device, inputs.dtype)
        angles = self._angles(inputs, weights, tables)
        matrices = (tables.matrices(0, angles[0]), tables.matrices(1, angles[1]))
        n_samples = inputs.shape[0]
        state = tables.zero.expand(n_samples, -1) if initial is None else initial.to(_COMPLEX[inputs.dtype])
        for kind, *which in self._steps:
            if kind == ONE_WIRE:
                bit, control, value, samplewise, row = which
                mask = tables.masks[control, value] if control else None
                state = _one_wire(state, matrices[samplewise][..., row, :, :], bit, mask)
            elif kind == PARITY:
                bits, angle, samplewise = which
                half = 0.5 * angles[samplewise][..., angle, None] * tables.signs[bits]
                state = state * torch.complex(torch.cos(half), -torch.sin(half))
            elif kind == PERMUTE:
                state = state.index_select(1, tables.permutations[which[0]])
            else:
                matrix, order, back = tables.dense[which[0]]
                shape = (n_samples, self.program.n_states // len(matrix), len(matrix))
                groups = state.index_select(1, order).reshape(shape)
                state = (groups @ matrix.mT).reshape(state.shape).index_select(1, back)
        return state if self._as_state else self._reader(state)

    def _angles(self, inputs: Tensor, weights: Tensor, tables: "_Tables") -> tuple[Tensor, Tensor]:
        """Return all angles, once from weights only, shape (n_angles,), and once a sample, (n_samples, n_angles)."""
        blank = inputs.new_zeros(self.program.n_inputs + self.program.n_extra)
        one = inputs.new_ones(1)
        shared = tables.angles(torch.cat([blank, weights, one]))
        if not self._has_samplewise:
            return shared, shared
        tail = torch.cat([weights, one]).expand(inputs.shape[0], -1)
        return shared, tables.angles(torch.cat([inputs, tail], dim=1))


class _Tables:
    """The arrays of a program on one device."""

    def __init__(self, program: Program, rows: tuple[_Rows, _Rows], put: Put) -> None:
        angles, basis = program.angles, np.arange(program.n_states)
        last = program.n_inputs + program.n_extra + program.n_weights  # the variable that is always one
        self.constant = put.real(angles.constant)
        self.coefficient = put.real(angles.coefficient)
        self.first = put.index(np.where(angles.first < 0, last, angles.first))
        self.second = put.index(np.where(angles.second < 0, last, angles.second))
        self.owner = put.index(np.repeat(np.arange(len(angles.constant)), np.diff(angles.start)))
        self.rows: list[tuple[Tensor, Tensor, Tensor]] = [
            (put.index(r.angle), put.real(r.scale), put.complex(r.parts)) for r in rows
        ]
        self.zero = put.complex((basis == 0).astype(np.complex128))
        self.masks: dict[tuple[int, int], Tensor] = {}
        self.signs: dict[int, Tensor] = {}
        for kind, a, b, c, *_ in program.operations.tolist():
            if kind == ONE_WIRE and b and (b, c) not in self.masks:
                self.masks[b, c] = put.mask((basis & b) == c)
            elif kind == PARITY and a not in self.signs:
                self.signs[a] = put.real(signs(basis, a))
        self.permutations = [put.index(p.table()) for p in program.permutations]
        self.dense = []
        for dense in program.dense:
            order = (dense.bases[:, None] + dense.offsets).reshape(-1)
            self.dense.append((put.complex(dense.matrix), put.index(order), put.index(np.argsort(order))))

    def angles(self, variables: Tensor) -> Tensor:
        """Return every angle from variables, shape (..., n_variables + 1)."""
        terms = self.coefficient * variables[..., self.first] * variables[..., self.second]
        start = self.constant.expand(*variables.shape[:-1], -1)
        result: Tensor = start.index_add(-1, self.owner, terms)
        return result

    def matrices(self, which: int, angles: Tensor) -> Tensor:
        """Return fused matrices from angles, shape (..., n_angles): shape (..., n_rows, 2, 2)."""
        index, scale, parts = self.rows[which]
        fixed, by_cos, by_sin = parts[0], parts[1], parts[2]
        if not index.numel():
            return fixed[:, 0]  # of no rows
        phase = (angles[..., index] * scale)[..., None, None] if angles.shape[-1] else scale[..., None, None] * 0
        steps = fixed + torch.cos(phase) * by_cos + torch.sin(phase) * by_sin
        product: Tensor = steps[..., 0, :, :]
        for e in range(1, steps.shape[-3]):
            product = _times(steps[..., e, :, :], product)
        return product


def _rows(program: Program, operations: list[int]) -> _Rows:
    """Collect the elements of some operations."""
    longest = max((int(program.operations[o, 5] - program.operations[o, 4]) for o in operations), default=1)
    angle = np.zeros((len(operations), longest), dtype=np.int64)
    scale = np.zeros((len(operations), longest))
    parts = np.zeros((3, len(operations), longest, 2, 2), dtype=np.complex128)
    parts[0] = np.eye(2)
    for r, o in enumerate(operations):
        for e, (kind, i) in enumerate(program.elements[slice(*program.operations[o, 4:6])].tolist()):
            if kind == CONSTANT:
                parts[0, r, e] = program.constants[i]
                continue
            scale[r, e], *matrices = _ELEMENTS[kind]
            angle[r, e] = i
            parts[:, r, e] = np.array(matrices).reshape(3, 2, 2)
    return _Rows(angle, scale, parts, {o: r for r, o in enumerate(operations)})


def _times(a: Tensor, b: Tensor) -> Tensor:
    """Multiply 2x2 matrices, shape (..., 2, 2), without the cost of a batched matrix product."""
    return a[..., :, :1] * b[..., :1, :] + a[..., :, 1:] * b[..., 1:, :]


def _one_wire(state: Tensor, matrix: Tensor, bit: int, mask: Tensor | None) -> Tensor:
    """Apply a matrix, shape (2, 2) or (n_samples, 2, 2), to the pairs whose index differs by ``bit``."""
    pairs = state.reshape(state.shape[0], state.shape[1] // (2 * bit), 2, bit)
    columns = matrix[..., None, :, :, None]  # (n_samples or nothing, 1, 2, 2, 1)
    moved = columns[..., 0, :] * pairs[:, :, :1] + columns[..., 1, :] * pairs[:, :, 1:]
    moved = moved.reshape(state.shape)
    return moved if mask is None else torch.where(mask, moved, state)
