"""The scikit-learn side of every quantum kernel: a support vector machine on a torch module."""

from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.svm import SVC
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import nn


class QuantumKernelClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Support vector machine on a kernel; a subclass gives the kernel as a module.

    Args:
        C: Inverse strength of the penalty, positive.

    Attributes:
        classes_: Labels, sorted, shape (n_classes,).
        svc_: The fitted ``sklearn.svm.SVC``, on a precomputed kernel.
        kernel_: The kernel.
        X_fit_: Training features, shape (n, n_features).
    """

    def __init__(self, *, C: float = 1.0) -> None:
        self.C = C

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit features, shape (n, n_features), and labels of any type, shape (n,)."""
        features, labels = validate_data(self, X, y, dtype=np.float64)
        self.kernel_ = self._build_kernel(features.shape[1])
        self.X_fit_ = features
        svc = SVC(C=self.C, kernel="precomputed", break_ties=True, random_state=0)
        self.svc_ = svc.fit(self._kernel(features), labels)
        self.classes_: NDArray[Any] = self.svc_.classes_
        return self

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the signed distance of each row, shape (n,) or (n, n_classes)."""
        kernel = self._kernel_with_training(X)
        values: NDArray[np.float64] = self.svc_.decision_function(kernel)
        return values

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the label of each row, shape (n,)."""
        kernel = self._kernel_with_training(X)
        labels: NDArray[Any] = self.svc_.predict(kernel)
        return labels

    def _build_kernel(self, n_features: int) -> nn.Module:
        """Make the module that maps rows (n, n_features) and (m, n_features) to their kernel (n, m)."""
        raise NotImplementedError(f"{type(self).__name__} must give its kernel in _build_kernel.")

    def _kernel_with_training(self, X: ArrayLike) -> NDArray[np.float64]:
        check_is_fitted(self)
        return self._kernel(validate_data(self, X, dtype=np.float64, reset=False))

    def _kernel(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the kernel of rows with the training rows, shape (n, n_train)."""
        with torch.inference_mode():
            values: NDArray[np.float64] = self.kernel_(torch.tensor(features), torch.tensor(self.X_fit_)).numpy()
        return values
