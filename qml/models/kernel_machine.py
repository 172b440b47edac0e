"""What learns from a kernel: a support vector machine for labels, kernel ridge regression for numbers."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.kernel_ridge import KernelRidge
from sklearn.svm import SVC

from qml.models.targets import Scale

Float = NDArray[np.float64]


class KernelMachine(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """An estimator on a kernel of its own; a subclass gives the kernel, another what learns from it.

    Args:
        C: Inverse strength of the penalty, positive.
    """

    def __init__(self, *, C: float = 1.0) -> None:
        self.C = C

    def _solve(self, kernel: Float, labels: NDArray[Any]) -> Self:
        """Learn labels, shape (n,), from the kernel of the training rows, shape (n, n)."""
        raise NotImplementedError

    def _support(self) -> NDArray[np.intp]:
        """Return the training rows that predictions look at."""
        raise NotImplementedError

    def _kernel_with_training(self, X: ArrayLike) -> Float:
        """Return the kernel of rows with the training rows, shape (n, n_train)."""
        raise NotImplementedError


class KernelClassifier(ClassifierMixin, KernelMachine):  # type: ignore[misc]  # scikit-learn ships no types
    """Support vector machine.

    Attributes:
        classes_: Labels, sorted, shape (n_classes,).
        svc_: The fitted ``sklearn.svm.SVC``, on a precomputed kernel.
    """

    def _solve(self, kernel: Float, labels: NDArray[Any]) -> Self:
        svc = SVC(C=self.C, kernel="precomputed", break_ties=True, random_state=0)
        self.svc_ = svc.fit(kernel, labels)
        self.classes_: NDArray[Any] = self.svc_.classes_
        return self

    def _support(self) -> NDArray[np.intp]:
        support: NDArray[np.intp] = self.svc_.support_
        return support

    def decision_function(self, X: ArrayLike) -> Float:
        """Return the signed distance of each row, shape (n,) or (n, n_classes)."""
        kernel = self._kernel_with_training(X)
        values: Float = self.svc_.decision_function(kernel)
        return values

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the label of each row, shape (n,)."""
        kernel = self._kernel_with_training(X)
        labels: NDArray[Any] = self.svc_.predict(kernel)
        return labels


class KernelRegressor(RegressorMixin, KernelMachine):  # type: ignore[misc]  # scikit-learn ships no types
    """Kernel ridge regression on targets of mean 0 and variance 1; the penalty is 1 / (2 C), as scikit-learn counts.

    Attributes:
        scale_: Mean and standard deviation of the training targets.
        ridge_: The fitted ``sklearn.kernel_ridge.KernelRidge``, on a precomputed kernel.
    """

    def _solve(self, kernel: Float, labels: NDArray[Any]) -> Self:
        self.scale_ = Scale.of(labels)
        ridge = KernelRidge(alpha=1 / (2 * self.C), kernel="precomputed")
        self.ridge_ = ridge.fit(kernel, self.scale_.down(labels))
        return self

    def _support(self) -> NDArray[np.intp]:
        return np.arange(len(self.ridge_.dual_coef_))

    def predict(self, X: ArrayLike) -> Float:
        """Return a value for each row in the units of the targets, shape (n,)."""
        kernel = self._kernel_with_training(X)
        return self.scale_.up(self.ridge_.predict(kernel))
