"""Vector instructions for rows of Pauli coefficients: what a compiler does not find by itself.

Each function works on rows of C-contiguous arrays of shape (4**n_wires, LANES), for all lanes at once.  The loads and
stores are explicit vectors, so no proof that arrays do not overlap is needed.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 16
_FLAGS = ()  # no fast-math, see ``kernels``
_INDEX = ir.IntType(64)


class _Rows:
    """Rows of one array as vectors while code is generated."""

    def __init__(self, context: Any, builder: Any, array_type: Any, array: Any) -> None:
        self.builder = builder
        self.vector = ir.VectorType(context.get_data_type(array_type.dtype), LANES)
        self.data = context.make_array(array_type)(context, builder, array).data
        self.align = 4 if array_type.dtype == types.float32 else 8

    def _pointer(self, row: Any) -> Any:
        offset = self.builder.mul(row, ir.Constant(_INDEX, LANES))
        return self.builder.bitcast(cgutils.gep_inbounds(self.builder, self.data, offset), self.vector.as_pointer())

    def load(self, row: Any) -> Any:
        """Load one row; an int stands for itself."""
        row = ir.Constant(_INDEX, row) if isinstance(row, int) else row
        return self.builder.load(self._pointer(row), align=self.align)

    def store(self, row: Any, value: Any) -> None:
        """Store one row; an int stands for itself."""
        row = ir.Constant(_INDEX, row) if isinstance(row, int) else row
        self.builder.store(value, self._pointer(row), align=self.align)


class _Arithmetic:
    """Vector arithmetic that may be fused."""

    def __init__(self, builder: Any) -> None:
        self.builder = builder

    def times(self, a: Any, b: Any) -> Any:
        """Return a b."""
        return self.builder.fmul(a, b, flags=_FLAGS)

    def plus(self, a: Any, b: Any) -> Any:
        """Return a + b."""
        return self.builder.fadd(a, b, flags=_FLAGS)

    def minus(self, a: Any, b: Any) -> Any:
        """Return a - b."""
        return self.builder.fsub(a, b, flags=_FLAGS)

    def dot(self, left: list[Any], right: list[Any]) -> Any:
        """Return the sum of products."""
        total = self.times(left[0], right[0])
        for a, b in zip(left[1:], right[1:], strict=True):
            total = self.plus(total, self.times(a, b))
        return total

    def splat(self, value: Any) -> Any:
        """Repeat a scalar in every lane."""
        vector = ir.VectorType(value.type, LANES)
        single = self.builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
        mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        return self.builder.shuffle_vector(single, ir.Constant(vector, ir.Undefined), mask)


def _quad(builder: Any, k: Any, stride: Any) -> list[Any]:
    """Return the rows k + (0, 1, 2, 3) stride: I, Z, X, Y of one wire."""
    rows = [k]
    for _ in range(3):
        rows.append(builder.add(rows[-1], stride))
    return rows


@intrinsic
def affine(typing_context, state, k, stride, matrix):  # type: ignore[no-untyped-def]
    """Multiply the quad at row k by rows 1 to 3 of a 4x4 matrix, shape (12, LANES); its first row is (1, 0, 0, 0)."""
    signature = types.void(state, types.int64, types.int64, matrix)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        rows, m = (_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 3))
        math = _Arithmetic(builder)
        quad = _quad(builder, arguments[1], arguments[2])
        old = [rows.load(row) for row in quad]
        for i in range(3):
            rows.store(quad[i + 1], math.dot([m.load(4 * i + j) for j in range(4)], old))
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def affine_back(typing_context, adjoint, k, stride, matrix):  # type: ignore[no-untyped-def]
    """Multiply the quad at row k by the transpose of ``affine``'s matrix."""
    signature = types.void(adjoint, types.int64, types.int64, matrix)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        rows, m = (_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 3))
        _transpose(_Arithmetic(builder), rows, m, _quad(builder, arguments[1], arguments[2]))
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def affine_gather(typing_context, adjoint, state, k, stride, matrix, cross):  # type: ignore[no-untyped-def]
    """Add adjoint_i state_j to the cross matrix, shape (12, LANES), and then do ``affine_back``."""
    signature = types.void(adjoint, state, types.int64, types.int64, matrix, cross)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        left, right, m, c = (_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 1, 4, 5))
        math = _Arithmetic(builder)
        quad = _quad(builder, arguments[2], arguments[3])
        before = [right.load(row) for row in quad]
        for i, value in enumerate(_transpose(math, left, m, quad)):
            for j in range(4):
                c.store(4 * i + j, math.plus(c.load(4 * i + j), math.times(value, before[j])))
        return context.get_dummy_value()

    return signature, generate


def _transpose(math: _Arithmetic, rows: _Rows, m: _Rows, quad: list[Any]) -> list[Any]:
    """Multiply by the transpose and return the three rows Z, X, Y as they were."""
    first, *rest = (rows.load(row) for row in quad)
    for j in range(4):
        total = math.dot([m.load(4 * i + j) for i in range(3)], rest)
        rows.store(quad[j], math.plus(first, total) if j == 0 else total)
    return rest


@intrinsic
def rotate(typing_context, state, first, second, turn):  # type: ignore[no-untyped-def]
    """Rotate two rows by an angle a lane; turn holds cosines and sines, shape (2, LANES)."""
    signature = types.void(state, types.int64, types.int64, turn)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        rows, t = (_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 3))
        math = _Arithmetic(builder)
        x, y, cos, sin = rows.load(arguments[1]), rows.load(arguments[2]), t.load(0), t.load(1)
        rows.store(arguments[1], math.minus(math.times(cos, x), math.times(sin, y)))
        rows.store(arguments[2], math.plus(math.times(sin, x), math.times(cos, y)))
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def rotate_gather(typing_context, adjoint, state, first, second, turn, out):  # type: ignore[no-untyped-def]
    """Rotate two adjoint rows back and add their part of the angle's gradient to row 0 of ``out``."""
    signature = types.void(adjoint, state, types.int64, types.int64, turn, out)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        left, right, t, o = (_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 1, 4, 5))
        math = _Arithmetic(builder)
        x, y, cos, sin = left.load(arguments[2]), left.load(arguments[3]), t.load(0), t.load(1)
        new_x = math.plus(math.times(cos, x), math.times(sin, y))
        new_y = math.minus(math.times(cos, y), math.times(sin, x))
        left.store(arguments[2], new_x)
        left.store(arguments[3], new_y)
        part = math.minus(math.times(new_y, right.load(arguments[2])), math.times(new_x, right.load(arguments[3])))
        o.store(0, math.plus(o.load(0), part))
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def set_scaled(typing_context, target, k, source, j, scale):  # type: ignore[no-untyped-def]
    """Set row k of one array to a multiple of row j of another."""
    signature = types.void(target, types.int64, source, types.int64, source.dtype)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        to, of = (_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 2))
        math = _Arithmetic(builder)
        to.store(arguments[1], math.times(math.splat(arguments[4]), of.load(arguments[3])))
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def add_scaled(typing_context, target, k, source, j, scale):  # type: ignore[no-untyped-def]
    """Add to row k of one array a multiple of row j of another."""
    signature = types.void(target, types.int64, source, types.int64, source.dtype)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        to, of = (_Rows(context, builder, signature.args[i], arguments[i]) for i in (0, 2))
        math = _Arithmetic(builder)
        part = math.times(math.splat(arguments[4]), of.load(arguments[3]))
        to.store(arguments[1], math.plus(to.load(arguments[1]), part))
        return context.get_dummy_value()

    return signature, generate
