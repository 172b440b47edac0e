"""The Fourier surrogate of regressions: ridge on every frequency that a re-uploading circuit can reach."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from optuna.distributions import FloatDistribution, IntDistribution
from sklearn.utils.validation import check_is_fitted, validate_data

from qml.models.classical.fourier_surrogate import fourier_kernel
from qml.models.kernel_machine import KernelRegressor
from qml.models.model import MODELS, Model


class FourierRidge(KernelRegressor):
    """Ridge regression on all the frequencies {−L..L}^d of a circuit that uploads each feature L times, targets scaled.

    Args:
        max_frequency: L, at least 1.
        scale: Radians a unit of a feature, positive: the input scaling of the circuit.
        C: Inverse strength of the penalty, positive.

    Attributes:
        X_fit_: Training features, shape (n, n_features).

    Source: Schuld, Sweke, Meyer 2021 (arXiv:2008.08605).

    >>> X = np.linspace(-3, 3, 40).reshape(-1, 1)
    >>> model = FourierRidge(max_frequency=2, C=1000.0).fit(X, 100 * np.cos(2 * X[:, 0]))
    >>> model.predict([[0.0], [np.pi / 2]]).round(-1).tolist()
    [100.0, -100.0]
    """

    def __init__(self, *, max_frequency: int = 2, scale: float = 1.0, C: float = 10.0) -> None:
        super().__init__(C=C)
        self.max_frequency = max_frequency
        self.scale = scale

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit features, shape (n, n_features), and real targets, shape (n,)."""
        features, targets = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        self.X_fit_ = features
        return self._solve(self._kernel(features), targets)

    def _kernel_with_training(self, X: ArrayLike) -> NDArray[np.float64]:
        check_is_fitted(self)
        return self._kernel(validate_data(self, X, dtype=np.float64, reset=False))

    def _kernel(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        return fourier_kernel(features, self.X_fit_, max_frequency=self.max_frequency, scale=self.scale)


MODELS.add(
    Model(
        name="fourier-ridge",
        kind="classical",
        problem="regression",
        summary="ridge regression on every frequency a re-uploading circuit can reach",
        source="Schuld, Sweke, Meyer 2021 (doi:10.1103/PhysRevA.103.032430, arXiv:2008.08605)",
        estimator=FourierRidge,
        search_space={
            "max_frequency": IntDistribution(1, 4),
            "scale": FloatDistribution(0.1, 3.0, log=True),
            "C": FloatDistribution(1e-2, 1e4, log=True),
        },
        defaults={"max_frequency": 2, "scale": 1.0, "C": 10.0},
    )
)
