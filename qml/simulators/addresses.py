"""Arrays at addresses, inside compiled code: a kernel that is handed numbers starts sooner than one handed arrays.

Taking one array apart at a call costs Numba as much as a gate on four wires, and making an array of a tensor costs
torch far more.  Whoever hands out an address keeps its tensor alive until the call is over.
"""

from typing import Any

import numba as nb
import numpy as np
import torch
from numba import types
from numba.extending import intrinsic
from torch import Tensor

from qml.simulators.jit import allocating

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
def _pointer(typing: Any, address: Any) -> Any:
    """Return an address as a pointer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    return types.voidptr(types.int64), generate


@allocating
def array_at(address, shape, dtype):
    """Return the array at an address.

    Args:
        address: Of its first number; not looked at if it has none.
        shape: A tuple.
        dtype: Of its numbers.
    """
    return nb.carray(_pointer(address), shape, dtype)


@allocating
def matrix_at(address, shape, strides, dtype):
    """Return the matrix at an address whose rows and columns are so many numbers apart.

    Args:
        address: Of its first number.
        shape: (rows, columns).
        strides: Numbers from row to row and from column to column; 0 where all are the same.
        dtype: Of its numbers.
    """
    row, column = strides
    flat = nb.carray(_pointer(address), (1,), dtype)
    return np.lib.stride_tricks.as_strided(flat, shape, (row * flat.itemsize, column * flat.itemsize))
