"""The scikit-learn side of every quantum kernel: a kernel machine on a torch module."""

from typing import Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import nn

from qml.models.kernel_machine import KernelClassifier, KernelMachine, KernelRegressor


class QuantumKernel(KernelMachine):
    """A kernel machine on a module; a subclass gives the module, another what learns from it.

    Args:
        C: Inverse strength of the penalty, positive.

    Attributes:
        kernel_: The kernel.
        X_fit_: Training features, shape (n, n_features).
    """

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit features, shape (n, n_features), and labels, shape (n,)."""
        features, labels = validate_data(self, X, y, dtype=np.float64)
        self.kernel_ = self._build_kernel(features.shape[1])
        self.X_fit_ = np.ascontiguousarray(features)
        return self._solve(self._kernel(features), labels)

    def _build_kernel(self, n_features: int) -> nn.Module:
        """Make the module that maps rows (n, n_features) and (m, n_features) to their kernel (n, m)."""
        raise NotImplementedError(f"{type(self).__name__} must give its kernel in _build_kernel.")

    def _kernel_with_training(self, X: ArrayLike) -> NDArray[np.float64]:
        check_is_fitted(self)
        return self._kernel(validate_data(self, X, dtype=np.float64, reset=False))

    def _kernel(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the kernel of rows with the training rows, shape (n, n_train)."""
        with torch.inference_mode():
            rows = torch.tensor(np.ascontiguousarray(features))
            values: NDArray[np.float64] = self.kernel_(rows, torch.tensor(self.X_fit_)).numpy()
        return values


class QuantumKernelClassifier(QuantumKernel, KernelClassifier):
    """Support vector machine on a kernel; a subclass gives the kernel as a module."""


class QuantumKernelRegressor(QuantumKernel, KernelRegressor):
    """Kernel ridge regression on a kernel; a subclass gives the kernel as a module."""
