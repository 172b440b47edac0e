"""Arrays of numpy as tensors on a device: made once, kept, and there before ``torch.compile`` looks."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch._functorch.pyfunctorch import temporarily_clear_interpreter_stack

from qml.errors import CircuitError

T = TypeVar("T")


class Put:
    """Puts arrays on a device.

    Args:
        device: Where to.
        dtype: Of real numbers, float32 or float64; complex ones have twice its size.
    """

    def __init__(self, device: torch.device, dtype: torch.dtype) -> None:
        self.device = device
        self._single = dtype == torch.float32

    def real(self, values: NDArray[Any]) -> Tensor:
        """Return real numbers."""
        return self._put(values, np.float32 if self._single else np.float64)

    def complex(self, values: NDArray[Any]) -> Tensor:
        """Return complex numbers."""
        return self._put(values, np.complex64 if self._single else np.complex128)

    def index(self, values: NDArray[Any]) -> Tensor:
        """Return indices."""
        return self._put(values, np.int64)

    def mask(self, values: NDArray[Any]) -> Tensor:
        """Return truth values."""
        return self._put(values, np.bool_)

    def _put(self, values: NDArray[Any], kind: type[np.generic]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values, dtype=kind)).to(self.device)


class OnDevice(Generic[T]):
    """Something made of tensors, once a device and dtype.

    Args:
        make: Makes it.
    """

    def __init__(self, make: Callable[[Put], T]) -> None:
        self._make = make
        self._made: dict[tuple[str, torch.dtype], T] = {}

    def prepare(self, device: torch.device, dtype: torch.dtype) -> T:
        """Make it for a device and a real dtype, which ``torch.compile`` cannot do by itself."""
        key = (str(device), dtype)
        if key not in self._made:
            # A tensor made inside a transform of torch.func belongs to it and dies with it; these shall stay.
            with temporarily_clear_interpreter_stack():
                self._made[key] = self._make(Put(device, dtype))
        return self._made[key]

    def get(self, device: torch.device, dtype: torch.dtype) -> T:
        """Return it.

        Raises:
            CircuitError: Inside ``torch.compile``, if it was not made before.
        """
        key = (str(device), dtype)
        if key not in self._made:
            if torch.compiler.is_compiling():
                raise CircuitError(
                    f"this circuit has not run on {device} in {dtype} before, and torch.compile cannot move it there: "
                    "call the layer once with such inputs, then compile."
                )
            return self.prepare(device, dtype)
        return self._made[key]
