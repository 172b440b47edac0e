"""Vector instructions for pairs of amplitudes: what a compiler does not find by itself.

Each function updates rows k and k2 of state planes, shape (2**n_wires, LANES) and C-contiguous, for all lanes at
once.  The loads and stores are explicit vectors, so no proof that arrays do not overlap is needed; plain loops over
the lanes reached 2 GF/s where these reach 50 and more (benchmarks/kernels.py).
"""

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 16
_FLAGS = ("contract", "nsz", "reassoc")


class _Complex:
    """A complex vector while code is generated."""

    def __init__(self, builder: Any, re: Any, im: Any) -> None:
        self.builder, self.re, self.im = builder, re, im

    def times(self, other: "_Complex") -> "_Complex":
        """Return the product."""
        b = self.builder
        re = b.fsub(b.fmul(self.re, other.re, flags=_FLAGS), b.fmul(self.im, other.im, flags=_FLAGS), flags=_FLAGS)
        im = b.fadd(b.fmul(self.re, other.im, flags=_FLAGS), b.fmul(self.im, other.re, flags=_FLAGS), flags=_FLAGS)
        return _Complex(b, re, im)

    def conjugate_times(self, other: "_Complex") -> "_Complex":
        """Return the product of the conjugate with ``other``."""
        b = self.builder
        re = b.fadd(b.fmul(self.re, other.re, flags=_FLAGS), b.fmul(self.im, other.im, flags=_FLAGS), flags=_FLAGS)
        im = b.fsub(b.fmul(self.re, other.im, flags=_FLAGS), b.fmul(self.im, other.re, flags=_FLAGS), flags=_FLAGS)
        return _Complex(b, re, im)

    def plus(self, other: "_Complex") -> "_Complex":
        """Return the sum."""
        b = self.builder
        return _Complex(b, b.fadd(self.re, other.re, flags=_FLAGS), b.fadd(self.im, other.im, flags=_FLAGS))


class _Rows:
    """Rows of a contiguous (n, LANES) array as vectors while code is generated."""

    def __init__(self, context: Any, builder: Any, array_type: Any, array: Any) -> None:
        self.builder = builder
        self.element = context.get_data_type(array_type.dtype)
        self.vector = ir.VectorType(self.element, LANES)
        self.data = context.make_array(array_type)(context, builder, array).data
        self.align = 4 if array_type.dtype == types.float32 else 8

    def _pointer(self, row: Any) -> Any:
        offset = self.builder.mul(row, ir.Constant(row.type, LANES))
        return self.builder.bitcast(cgutils.gep_inbounds(self.builder, self.data, offset), self.vector.as_pointer())

    def load(self, row: Any) -> Any:
        """Load one row."""
        return self.builder.load(self._pointer(row), align=self.align)

    def store(self, row: Any, value: Any) -> None:
        """Store one row."""
        self.builder.store(value, self._pointer(row), align=self.align)


def _splat(builder: Any, value: Any) -> Any:
    """Repeat a scalar in every lane."""
    vector = ir.VectorType(value.type, LANES)
    single = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(single, ir.Constant(vector, ir.Undefined), mask)


def _load_matrix(builder: Any, rows: _Rows) -> list[_Complex]:
    """Load the four entries of a matrix a sample, shape (8, LANES)."""
    row = [rows.load(ir.Constant(ir.IntType(64), j)) for j in range(8)]
    return [_Complex(builder, row[2 * j], row[2 * j + 1]) for j in range(4)]


def _splat_matrix(builder: Any, scalars: Sequence[Any]) -> list[_Complex]:
    """Repeat the four entries of one matrix in every lane."""
    row = [_splat(builder, s) for s in scalars]
    return [_Complex(builder, row[2 * j], row[2 * j + 1]) for j in range(4)]


def _update(re: _Rows, im: _Rows, k: Any, k2: Any, matrix: list[_Complex]) -> tuple[_Complex, _Complex]:
    """Multiply the pair (k, k2) by a matrix, in place, and return the new pair."""
    builder = re.builder
    x = _Complex(builder, re.load(k), im.load(k))
    y = _Complex(builder, re.load(k2), im.load(k2))
    new_x = matrix[0].times(x).plus(matrix[1].times(y))
    new_y = matrix[2].times(x).plus(matrix[3].times(y))
    for row, value in ((k, new_x), (k2, new_y)):
        re.store(row, value.re)
        im.store(row, value.im)
    return new_x, new_y


def _gather(cross: _Rows, left: tuple[_Complex, _Complex], right: tuple[_Complex, _Complex]) -> None:
    """Add conj(left_a) right_b to the four entries of the cross matrix, shape (8, LANES)."""
    builder = cross.builder
    row = 0
    for a in left:
        for b in right:
            product = a.conjugate_times(b)
            for part in (product.re, product.im):
                index = ir.Constant(ir.IntType(64), row)
                cross.store(index, builder.fadd(cross.load(index), part, flags=_FLAGS))
                row += 1


@intrinsic
def update_lanes(typing_context, re, im, k, k2, matrix):  # type: ignore[no-untyped-def]
    """Multiply rows k and k2 by a matrix a sample, shape (8, LANES)."""
    signature = types.void(re, im, types.int64, types.int64, matrix)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        rows = [_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 1, 4)]
        _update(rows[0], rows[1], arguments[2], arguments[3], _load_matrix(builder, rows[2]))
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def undo_lanes(typing_context, re, im, lre, lim, k, k2, matrix, cross):  # type: ignore[no-untyped-def]
    """Undo a gate a sample on psi and lambda, and gather C_ab = conj(lambda_a) psi_b between the two."""
    signature = types.void(re, im, lre, lim, types.int64, types.int64, matrix, cross)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        rows = [_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 1, 2, 3, 6, 7)]
        _undo(rows, arguments[4], arguments[5], _load_matrix(builder, rows[4]), rows[5])
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def undo_shared(  # type: ignore[no-untyped-def]
    typing_context, re, im, lre, lim, k, k2, ar, ai, br, bi, cr, ci, dr, di, cross
):
    """Undo one gate for all samples on psi and lambda, and gather C_ab between the two."""
    scalar = re.dtype
    signature = types.void(re, im, lre, lim, types.int64, types.int64, *(scalar,) * 8, cross)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        rows = [_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 1, 2, 3, 14)]
        _undo(rows, arguments[4], arguments[5], _splat_matrix(builder, arguments[6:14]), rows[4])
        return context.get_dummy_value()

    return signature, generate


def _undo(rows: list[_Rows], k: Any, k2: Any, matrix: list[_Complex], cross: _Rows) -> None:
    builder = cross.builder
    lre, lim = rows[2], rows[3]
    left = (
        _Complex(builder, lre.load(k), lim.load(k)),
        _Complex(builder, lre.load(k2), lim.load(k2)),
    )
    right = _update(rows[0], rows[1], k, k2, matrix)
    _gather(cross, left, right)
    _update(lre, lim, k, k2, matrix)
