"""Vector instructions for pairs of amplitudes: what a compiler does not find by itself.

Each function updates rows k and k2 of state planes, shape (2**n_wires, LANES) and C-contiguous, for all lanes at
once.  The loads and stores are explicit vectors, so no proof that arrays do not overlap is needed; plain loops over
the lanes with a matrix a sample were not vectorised at all.
"""

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 16


class _Complex:
    """A complex vector while code is generated; every multiply-add is explicit, so that no optimiser picks them."""

    def __init__(self, builder: Any, re: Any, im: Any) -> None:
        self.builder, self.re, self.im = builder, re, im

    def times(self, other: "_Complex") -> "_Complex":
        """Return the product."""
        b = self.builder
        re = _multiply_add(b, b.fneg(self.im), other.im, b.fmul(self.re, other.re))
        im = _multiply_add(b, self.im, other.re, b.fmul(self.re, other.im))
        return _Complex(b, re, im)

    def times_plus(self, other: "_Complex", more: "_Complex") -> "_Complex":
        """Return the product with ``other``, plus ``more``."""
        b = self.builder
        re = _multiply_add(b, b.fneg(self.im), other.im, _multiply_add(b, self.re, other.re, more.re))
        im = _multiply_add(b, self.im, other.re, _multiply_add(b, self.re, other.im, more.im))
        return _Complex(b, re, im)

    def conjugate_times_plus(self, other: "_Complex", re: Any, im: Any) -> tuple[Any, Any]:
        """Return the product of the conjugate with ``other``, plus (re, im)."""
        b = self.builder
        new_re = _multiply_add(b, self.im, other.im, _multiply_add(b, self.re, other.re, re))
        new_im = _multiply_add(b, b.fneg(self.im), other.re, _multiply_add(b, self.re, other.im, im))
        return new_re, new_im


def _multiply_add(builder: Any, a: Any, b: Any, c: Any) -> Any:
    """Return a b + c, rounded once."""
    kind = {"float": "f32", "double": "f64"}[str(a.type.element)]
    function = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(a.type, [a.type] * 3), f"llvm.fma.v{LANES}{kind}"
    )
    return builder.call(function, [a, b, c])


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
    new_x = matrix[1].times_plus(y, matrix[0].times(x))
    new_y = matrix[3].times_plus(y, matrix[2].times(x))
    for row, value in ((k, new_x), (k2, new_y)):
        re.store(row, value.re)
        im.store(row, value.im)
    return new_x, new_y


def _gather(cross: _Rows, left: tuple[_Complex, _Complex], right: tuple[_Complex, _Complex]) -> None:
    """Add conj(left_a) right_b to the four entries of the cross matrix, shape (8, LANES)."""
    pairs = [(a, b) for a in left for b in right]
    for entry, (a, b) in enumerate(pairs):
        _accumulate(cross, entry, a, b)


def _accumulate(cross: _Rows, entry: int, left: _Complex, right: _Complex) -> None:
    """Add conj(left) right to rows 2 entry and 2 entry + 1."""
    rows = [ir.Constant(ir.IntType(64), 2 * entry + part) for part in (0, 1)]
    sums = left.conjugate_times_plus(right, cross.load(rows[0]), cross.load(rows[1]))
    for row, value in zip(rows, sums, strict=True):
        cross.store(row, value)


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
def update_shared(typing_context, re, im, k, k2, ar, ai, br, bi, cr, ci, dr, di):  # type: ignore[no-untyped-def]
    """Multiply rows k and k2 by one matrix for all lanes."""
    signature = types.void(re, im, types.int64, types.int64, *(re.dtype,) * 8)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        rows = [_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 1)]
        _update(rows[0], rows[1], arguments[2], arguments[3], _splat_matrix(builder, arguments[4:12]))
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


def _exchange(builder: Any, value: Any, stride: int) -> Any:
    """Return a vector whose lane l is lane l ^ stride of ``value``."""
    mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [lane ^ stride for lane in range(LANES)])
    return builder.shuffle_vector(value, ir.Constant(value.type, ir.Undefined), mask)


def _update_inside(re: _Rows, im: _Rows, k: Any, stride: int, matrix: tuple[_Complex, _Complex]) -> _Complex:
    """Replace each lane by own * lane + other * (lane ^ stride), in place, and return the new row."""
    builder = re.builder
    x = _Complex(builder, re.load(k), im.load(k))
    y = _Complex(builder, _exchange(builder, x.re, stride), _exchange(builder, x.im, stride))
    new = matrix[1].times_plus(y, matrix[0].times(x))
    re.store(k, new.re)
    im.store(k, new.im)
    return new


def _load_inside(builder: Any, rows: _Rows) -> tuple[_Complex, _Complex]:
    row = [rows.load(ir.Constant(ir.IntType(64), j)) for j in range(4)]
    return _Complex(builder, row[0], row[1]), _Complex(builder, row[2], row[3])


def _make_update_inside(stride: int) -> Any:
    @intrinsic
    def update(typing_context, re, im, k, matrix):  # type: ignore[no-untyped-def]
        """Apply a gate on a bit inside the lanes to row k; matrix (own, other) as (re, im) rows, shape (4, LANES)."""
        signature = types.void(re, im, types.int64, matrix)

        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            rows = [_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 1, 3)]
            _update_inside(rows[0], rows[1], arguments[2], stride, _load_inside(builder, rows[2]))
            return context.get_dummy_value()

        return signature, generate

    return update


def _make_undo_inside(stride: int) -> Any:
    @intrinsic
    def undo(typing_context, re, im, lre, lim, k, matrix, cross):  # type: ignore[no-untyped-def]
        """Undo such a gate on psi and lambda; gather conj(lambda) psi and conj(lambda) psi[l ^ stride], (4, LANES)."""
        signature = types.void(re, im, lre, lim, types.int64, matrix, cross)

        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            rows = [_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 1, 2, 3, 5, 6)]
            re_rows, im_rows, lre_rows, lim_rows, matrix_rows, cross_rows = rows
            k, matrix = arguments[4], _load_inside(builder, matrix_rows)
            left = _Complex(builder, lre_rows.load(k), lim_rows.load(k))
            new = _update_inside(re_rows, im_rows, k, stride, matrix)
            other = _Complex(builder, _exchange(builder, new.re, stride), _exchange(builder, new.im, stride))
            for entry, right in enumerate((new, other)):
                _accumulate(cross_rows, entry, left, right)
            _update_inside(lre_rows, lim_rows, k, stride, matrix)
            return context.get_dummy_value()

        return signature, generate

    return undo


update_inside_1, update_inside_2, update_inside_4, update_inside_8 = (_make_update_inside(s) for s in (1, 2, 4, 8))
undo_inside_1, undo_inside_2, undo_inside_4, undo_inside_8 = (_make_undo_inside(s) for s in (1, 2, 4, 8))
