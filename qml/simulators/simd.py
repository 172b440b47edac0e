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

    def overlap_re(self, other: "_Complex", more: Any) -> Any:
        """Return the real part of the product of the conjugate with ``other``, plus ``more``."""
        b = self.builder
        return _multiply_add(b, self.im, other.im, _multiply_add(b, self.re, other.re, more))

    def overlap_im(self, other: "_Complex", more: Any) -> Any:
        """Return the imaginary part of the product of the conjugate with ``other``, plus ``more``."""
        b = self.builder
        return _multiply_add(b, b.fneg(self.im), other.re, _multiply_add(b, self.re, other.im, more))


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


_Pair = tuple[_Complex, _Complex]


def _load_pair(re: _Rows, im: _Rows, k: Any, k2: Any) -> _Pair:
    x, y = (_Complex(re.builder, re.load(row), im.load(row)) for row in (k, k2))
    return x, y


def _store_product(re: _Rows, im: _Rows, k: Any, k2: Any, matrix: list[_Complex], pair: _Pair) -> None:
    """Store the product of a matrix and a pair in rows k and k2."""
    x, y = pair
    for row, entry in ((k, 0), (k2, 2)):
        value = matrix[entry + 1].times_plus(y, matrix[entry].times(x))
        re.store(row, value.re)
        im.store(row, value.im)


def _update(re: _Rows, im: _Rows, k: Any, k2: Any, matrix: list[_Complex]) -> None:
    """Multiply the pair (k, k2) by a matrix, in place."""
    _store_product(re, im, k, k2, matrix, _load_pair(re, im, k, k2))


def _row(number: int) -> Any:
    return ir.Constant(ir.IntType(64), number)


def _gather(overlaps: _Rows, left: _Pair, right: _Pair) -> None:
    """Add to the rows Im conj(l0) r0, Im conj(l1) r1, Im <l|X|r> and Im <l|Y|r>, shape (4, LANES)."""
    (l0, l1), (r0, r1) = left, right
    b = overlaps.builder
    first = l0.overlap_im(r0, overlaps.load(_row(0)))
    second = l1.overlap_im(r1, overlaps.load(_row(1)))
    x = l1.overlap_im(r0, l0.overlap_im(r1, overlaps.load(_row(2))))
    minus_l0 = _Complex(b, b.fneg(l0.re), b.fneg(l0.im))
    y = l1.overlap_re(r0, minus_l0.overlap_re(r1, overlaps.load(_row(3))))
    for number, value in enumerate((first, second, x, y)):
        overlaps.store(_row(number), value)


@intrinsic
def copy_row(typing_context, source, j, target, k):  # type: ignore[no-untyped-def]
    """Copy row j of one array to row k of another one."""
    signature = types.void(source, types.int64, target, types.int64)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        rows = [_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 2)]
        rows[1].store(arguments[3], rows[0].load(arguments[1]))
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def add_row(typing_context, source, j, factor, target, k):  # type: ignore[no-untyped-def]
    """Add a factor times row j of one array to row k of another one."""
    signature = types.void(source, types.int64, source.dtype, target, types.int64)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        rows = [_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 3)]
        step = builder.fmul(_splat(builder, arguments[2]), rows[0].load(arguments[1]))
        rows[1].store(arguments[4], builder.fadd(rows[1].load(arguments[4]), step))
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def multiply_rows(typing_context, left, i, right, j, target, k):  # type: ignore[no-untyped-def]
    """Write the product of row i of one array and row j of another one to row k of a third."""
    signature = types.void(left, types.int64, right, types.int64, target, types.int64)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        rows = [_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 2, 4)]
        rows[2].store(arguments[5], builder.fmul(rows[0].load(arguments[1]), rows[1].load(arguments[3])))
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def squared_row(typing_context, re, im, j, target, k):  # type: ignore[no-untyped-def]
    """Write the squared magnitudes of row j of two planes to row k of an array."""
    signature = types.void(re, im, types.int64, target, types.int64)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        rows = [_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 1, 3)]
        x, y = rows[0].load(arguments[2]), rows[1].load(arguments[2])
        rows[2].store(arguments[4], builder.fadd(builder.fmul(x, x), builder.fmul(y, y)))
        return context.get_dummy_value()

    return signature, generate


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
def undo_lanes(typing_context, re, im, lre, lim, k, k2, matrix, overlaps):  # type: ignore[no-untyped-def]
    """Gather the overlaps of lambda and psi, see ``_gather``, and undo a gate a sample on both."""
    signature = types.void(re, im, lre, lim, types.int64, types.int64, matrix, overlaps)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        rows = [_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 1, 2, 3, 6, 7)]
        _undo(rows, arguments[4], arguments[5], _load_matrix(builder, rows[4]), rows[5])
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def undo_shared(  # type: ignore[no-untyped-def]
    typing_context, re, im, lre, lim, k, k2, ar, ai, br, bi, cr, ci, dr, di, overlaps
):
    """Gather the overlaps of lambda and psi, see ``_gather``, and undo one gate for all samples on both."""
    scalar = re.dtype
    signature = types.void(re, im, lre, lim, types.int64, types.int64, *(scalar,) * 8, overlaps)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        rows = [_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 1, 2, 3, 14)]
        _undo(rows, arguments[4], arguments[5], _splat_matrix(builder, arguments[6:14]), rows[4])
        return context.get_dummy_value()

    return signature, generate


def _undo(rows: list[_Rows], k: Any, k2: Any, matrix: list[_Complex], overlaps: _Rows) -> None:
    re, im, lre, lim = rows[:4]
    left, right = _load_pair(lre, lim, k, k2), _load_pair(re, im, k, k2)
    _gather(overlaps, left, right)
    _store_product(re, im, k, k2, matrix, right)
    _store_product(lre, lim, k, k2, matrix, left)


def _exchange(builder: Any, value: Any, stride: int) -> Any:
    """Return a vector whose lane l is lane l ^ stride of ``value``."""
    mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [lane ^ stride for lane in range(LANES)])
    return builder.shuffle_vector(value, ir.Constant(value.type, ir.Undefined), mask)


def _load_inside_pair(re: _Rows, im: _Rows, k: Any, stride: int) -> _Pair:
    """Load a row, and the same row with lanes l and l ^ stride exchanged."""
    builder = re.builder
    x = _Complex(builder, re.load(k), im.load(k))
    return x, _Complex(builder, _exchange(builder, x.re, stride), _exchange(builder, x.im, stride))


def _store_inside(re: _Rows, im: _Rows, k: Any, matrix: _Pair, pair: _Pair) -> None:
    """Replace each lane by own * lane + other * (lane ^ stride)."""
    new = matrix[1].times_plus(pair[1], matrix[0].times(pair[0]))
    re.store(k, new.re)
    im.store(k, new.im)


def _load_inside_matrix(builder: Any, rows: _Rows) -> _Pair:
    row = [rows.load(ir.Constant(ir.IntType(64), j)) for j in range(4)]
    return _Complex(builder, row[0], row[1]), _Complex(builder, row[2], row[3])


def _make_update_inside(stride: int) -> Any:
    @intrinsic
    def update(typing_context, re, im, k, matrix):  # type: ignore[no-untyped-def]
        """Apply a gate on a bit inside the lanes to row k; matrix (own, other) as (re, im) rows, shape (4, LANES)."""
        signature = types.void(re, im, types.int64, matrix)

        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            rows = [_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 1, 3)]
            pair = _load_inside_pair(rows[0], rows[1], arguments[2], stride)
            _store_inside(rows[0], rows[1], arguments[2], _load_inside_matrix(builder, rows[2]), pair)
            return context.get_dummy_value()

        return signature, generate

    return update


def _make_undo_inside(stride: int) -> Any:
    @intrinsic
    def undo(typing_context, re, im, lre, lim, k, matrix, overlaps):  # type: ignore[no-untyped-def]
        """Undo such a gate on psi and lambda; first add the overlaps of each lane of lambda, shape (3, LANES).

        They are Im conj(lambda) psi, and with psi of lane l ^ stride Im conj(lambda) psi and Re conj(lambda) psi.
        """
        signature = types.void(re, im, lre, lim, types.int64, matrix, overlaps)

        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            rows = [_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 1, 2, 3, 5, 6)]
            re_rows, im_rows, lre_rows, lim_rows, matrix_rows, sums = rows
            k, matrix = arguments[4], _load_inside_matrix(builder, matrix_rows)
            left = _load_inside_pair(lre_rows, lim_rows, k, stride)
            right = _load_inside_pair(re_rows, im_rows, k, stride)
            sums.store(_row(0), left[0].overlap_im(right[0], sums.load(_row(0))))
            sums.store(_row(1), left[0].overlap_im(right[1], sums.load(_row(1))))
            sums.store(_row(2), left[0].overlap_re(right[1], sums.load(_row(2))))
            _store_inside(re_rows, im_rows, k, matrix, right)
            _store_inside(lre_rows, lim_rows, k, matrix, left)
            return context.get_dummy_value()

        return signature, generate

    return undo


update_inside_1, update_inside_2, update_inside_4, update_inside_8 = (_make_update_inside(s) for s in (1, 2, 4, 8))
undo_inside_1, undo_inside_2, undo_inside_4, undo_inside_8 = (_make_undo_inside(s) for s in (1, 2, 4, 8))
