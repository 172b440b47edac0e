"""Arrays at addresses, inside compiled code: a kernel that is handed numbers starts sooner than one handed arrays.

Taking one array apart at a call costs Numba as much as a gate on four wires, and making an array of a tensor costs
torch ten times that.  Whoever hands out an address keeps its tensor alive until the call is over.
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


def plain(values: Tensor) -> Tensor:
    """Return the numbers of a CPU tensor as they stand in memory, row by row: itself, where it is so already."""
    try:
        if values.is_contiguous() and not values.is_neg() and values.data_ptr():
            return values
    except RuntimeError:  # it outlived a transform of torch.func and only refers to its numbers
        pass
    return torch.from_numpy(np.ascontiguousarray(values.numpy(force=True)))


@intrinsic
def _pointer(typing: Any, address: Any, like: Any) -> Any:
    """Return an address as a pointer to numbers of the dtype of ``like``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    return types.CPointer(like.dtype)(types.int64, like), generate


@allocating
def array_at(address, shape, like):
    """Return the array at an address.

    Args:
        address: Of its first number; not looked at if it has none.
        shape: A tuple.
        like: An array of its dtype.
    """
    return nb.carray(_pointer(address, like), shape)


@allocating
def matrix_at(address, shape, strides, like):
    """Return the matrix at an address whose rows and columns are so many numbers apart.

    Args:
        address: Of its first number.
        shape: (rows, columns).
        strides: Numbers from row to row and from column to column; 0 where all are the same.
        like: An array of its dtype.
    """
    row, column = strides
    size = like.itemsize
    flat = nb.carray(_pointer(address, like), (1,))
    return np.lib.stride_tricks.as_strided(flat, shape, (row * size, column * size))
