"""Kernel ridge regression with the Gaussian kernel."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from optuna.distributions import FloatDistribution
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.utils.validation import check_is_fitted, validate_data

from qml.models.kernel_machine import KernelRegressor
from qml.models.model import MODELS, Model


class GaussianKernelRidge(KernelRegressor):
    """Kernel ridge regression on exp(−γ ‖x − z‖²), targets scaled.

    Args:
        C: Inverse strength of the penalty, positive.
        gamma: γ, positive.

    Attributes:
        X_fit_: Training features, shape (n, n_features).

    >>> X = np.linspace(-1, 1, 40).reshape(-1, 1)
    >>> GaussianKernelRidge(C=100.0).fit(X, 100 * X[:, 0]).predict([[-0.5], [0.5]]).round(-1).tolist()
    [-50.0, 50.0]
    """

    def __init__(self, *, C: float = 1.0, gamma: float = 0.5) -> None:
        super().__init__(C=C)
        self.gamma = gamma

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit features, shape (n, n_features), and real targets, shape (n,)."""
        features, targets = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        self.X_fit_ = features
        return self._solve(self._kernel(features), targets)

    def _kernel_with_training(self, X: ArrayLike) -> NDArray[np.float64]:
        check_is_fitted(self)
        return self._kernel(validate_data(self, X, dtype=np.float64, reset=False))

    def _kernel(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        kernel: NDArray[np.float64] = rbf_kernel(features, self.X_fit_, gamma=self.gamma)
        return kernel


MODELS.add(
    Model(
        name="kernel-ridge",
        kind="classical",
        problem="regression",
        summary="kernel ridge regression with the Gaussian kernel",
        source="Saunders, Gammerman, Vovk 1998 (ICML); sklearn.kernel_ridge.KernelRidge",
        estimator=GaussianKernelRidge,
        search_space={
            "C": FloatDistribution(1e-2, 1e4, log=True),
            "gamma": FloatDistribution(1e-2, 1e2, log=True),
        },
        defaults={"C": 1.0, "gamma": 0.5},
    )
)
