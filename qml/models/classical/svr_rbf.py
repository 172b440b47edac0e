"""Support vector regression with the Gaussian kernel."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from optuna.distributions import FloatDistribution
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.svm import SVR
from sklearn.utils.validation import check_is_fitted, validate_data

from qml.models.model import MODELS, Model
from qml.models.targets import Scale


class SupportVectorRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """``sklearn.svm.SVR`` on targets of mean 0 and variance 1, in whose units ``C`` and ``epsilon`` are.

    Args:
        C: Inverse strength of the penalty, positive.
        gamma: Inverse squared width of the kernel, positive.
        epsilon: Errors below it cost nothing, at least 0.

    Attributes:
        scale_: Mean and standard deviation of the training targets.
        svr_: The fitted ``sklearn.svm.SVR``.

    >>> X = np.linspace(-1, 1, 40).reshape(-1, 1)
    >>> predicted = SupportVectorRegressor(C=100.0).fit(X, 100 * X[:, 0]).predict([[-0.5], [0.5]])
    >>> bool(abs(predicted - [-50, 50]).max() < 15)
    True
    """

    def __init__(self, *, C: float = 1.0, gamma: float = 0.5, epsilon: float = 0.1) -> None:
        self.C = C
        self.gamma = gamma
        self.epsilon = epsilon

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit features, shape (n, n_features), and real targets, shape (n,)."""
        features, targets = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        self.scale_ = Scale.of(targets)
        svr = SVR(C=self.C, gamma=self.gamma, epsilon=self.epsilon)
        svr.random_state = 0  # nothing is random here, but None would advance NumPy's global generator
        self.svr_ = svr.fit(features, self.scale_.down(targets))
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return a value for each row in the units of the targets, shape (n,)."""
        check_is_fitted(self)
        return self.scale_.up(self.svr_.predict(validate_data(self, X, dtype=np.float64, reset=False)))


MODELS.add(
    Model(
        name="svr-rbf",
        kind="classical",
        problem="regression",
        summary="support vector regression with the Gaussian kernel, targets scaled",
        source="Drucker et al. 1996 (NIPS 9); sklearn.svm.SVR",
        estimator=SupportVectorRegressor,
        search_space={
            "C": FloatDistribution(1e-2, 1e3, log=True),
            "gamma": FloatDistribution(1e-2, 1e2, log=True),
            "epsilon": FloatDistribution(1e-3, 1.0, log=True),
        },
        defaults={"C": 1.0, "gamma": 0.5, "epsilon": 0.1},
    )
)
