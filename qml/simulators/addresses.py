"""Arrays at addresses, inside compiled code: a kernel that is handed numbers starts sooner than one handed arrays.

Taking one array apart at a call costs Numba as much as a gate on four wires, and making an array of a tensor costs
torch far more.  Whoever hands out an address keeps its tensor alive until the call is over.
"""

from typing import Any

import numpy as np
import torch
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array
from torch import Tensor

NOWHERE = 0  # the address of a tensor that is not there


def located(values: Tensor) -> tuple[Tensor, int]:
    """Return the numbers of a CPU tensor as they stand in memory, row by row, and where.

    That is the tensor itself, except for what keeps no such numbers of its own: transposed tensors, views that negate,
    torch's tensors of zeros, and tensors that outlived a transform of ``torch.func``.
    """
    try:
        address = values.data_ptr() if values.is_contiguous() and not values.is_neg() else NOWHERE
    except RuntimeError:  # such a tensor has no memory at all
        address = NOWHERE
    if address == NOWHERE:
        values = torch.from_numpy(np.ascontiguousarray(values.numpy(force=True)))
        address = values.data_ptr()  # still nowhere, if it is empty
    return values, address


@intrinsic
def array_at(typing: Any, address: Any, shape: Any, dtype: Any) -> Any:
    """Return the array at an address, in compiled code.

    Args:
        typing: Numba's.
        address: Of its first number; not looked at if it has none.
        shape: A tuple.
        dtype: Of its numbers.
    """
    array_type = types.Array(dtype.dtype, len(shape), "C")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lengths = _integers(context, builder, signature.args[1], arguments[1])
        data = _pointer(context, builder, array_type, arguments[0])
        return _contiguous(context, builder, array_type, data, lengths)

    return array_type(address, shape, dtype), generate


@intrinsic
def part_of(typing: Any, array: Any, start: Any, shape: Any) -> Any:
    """Return a part of a contiguous array, in compiled code; it must not outlive the array.

    Args:
        typing: Numba's.
        array: Of any shape.
        start: How many numbers lie before the part.
        shape: Of the part, a tuple.
    """
    array_type = types.Array(array.dtype, len(shape), "C")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lengths = _integers(context, builder, signature.args[2], arguments[2])
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        return _contiguous(context, builder, array_type, cgutils.gep_inbounds(builder, data, arguments[1]), lengths)

    return array_type(array, types.int64, shape), generate


@intrinsic
def matrix_at(typing: Any, address: Any, shape: Any, strides: Any, dtype: Any) -> Any:
    """Return the matrix at an address whose rows and columns are so many numbers apart, in compiled code.

    Args:
        typing: Numba's.
        address: Of its first number.
        shape: (rows, columns).
        strides: Numbers from row to row and from column to column; 0 where all are the same.
        dtype: Of its numbers.
    """
    array_type = types.Array(dtype.dtype, len(shape), "A")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lengths, steps = (_integers(context, builder, signature.args[i], arguments[i]) for i in (1, 2))
        itemsize = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(array_type.dtype)))
        strides = [builder.mul(step, itemsize, flags=["nsw"]) for step in steps]
        data = _pointer(context, builder, array_type, arguments[0])
        return _array(context, builder, array_type, data, lengths, strides)

    return array_type(address, shape, strides, dtype), generate


def _integers(context: Any, builder: Any, tuple_type: Any, values: Any) -> list[Any]:
    """Return the entries of a tuple of integers."""
    entries = cgutils.unpack_tuple(builder, values, len(tuple_type))
    return [context.cast(builder, entry, of, types.intp) for entry, of in zip(entries, tuple_type.types, strict=True)]


def _pointer(context: Any, builder: Any, array_type: Any, address: Any) -> Any:
    return builder.inttoptr(address, context.get_data_type(array_type.dtype).as_pointer())


def _contiguous(context: Any, builder: Any, array_type: Any, data: Any, lengths: list[Any]) -> Any:
    """Return an array in C order that owns nothing."""
    itemsize = context.get_abi_sizeof(context.get_data_type(array_type.dtype))
    strides = [context.get_constant(types.intp, itemsize)]
    for length in reversed(lengths[1:]):
        strides.insert(0, builder.mul(strides[0], length, flags=["nsw"]))
    return _array(context, builder, array_type, data, lengths, strides)


def _array(context: Any, builder: Any, array_type: Any, data: Any, lengths: list[Any], strides: list[Any]) -> Any:
    """Return an array that owns nothing."""
    array = context.make_array(array_type)(context, builder)
    itemsize = context.get_abi_sizeof(context.get_data_type(array_type.dtype))
    populate_array(array, data=data, shape=lengths, strides=strides, itemsize=itemsize, meminfo=None)
    return array._getvalue()
