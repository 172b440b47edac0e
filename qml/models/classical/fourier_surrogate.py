"""The Fourier surrogate: every frequency that a re-uploading circuit can reach, as one kernel."""

from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from optuna.distributions import FloatDistribution, IntDistribution
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.svm import SVC
from sklearn.utils.validation import check_is_fitted, validate_data

from qml.models.model import MODELS, Model


def fourier_kernel(
    X: NDArray[np.float64], Z: NDArray[np.float64], *, max_frequency: int, scale: float = 1.0
) -> NDArray[np.float64]:
    """Sum cos(ω·scale·(x − z)) over all ω in {−L..L}^d, divided by their number (2L + 1)^d.

    The sum factorises into one Dirichlet kernel a feature, D_L(t) = 1 + 2 Σ_{k=1..L} cos(k t), so the whole spectrum
    costs d·L, not L^d, and no frequency needs to be sampled.

    Args:
        X: Features, shape (n, d).
        Z: Features, shape (m, d).
        max_frequency: L, at least 1: the uploads of each feature.
        scale: Radians a unit of a feature.

    Returns:
        Kernel, shape (n, m), values in [-1, 1]; 1 on equal rows.

    Source: Schuld, Sweke, Meyer 2021, section II (arXiv:2008.08605).

    >>> fourier_kernel(np.array([[0.0]]), np.array([[0.0], [np.pi]]), max_frequency=1).round(3)
    array([[ 1.   , -0.333]])
    """
    kernel: NDArray[np.float64] = np.full((len(X), len(Z)), 1 / (2 * max_frequency + 1) ** X.shape[1])
    for x, z in zip(X.T, Z.T, strict=True):
        kernel *= _harmonics(scale * x, max_frequency) @ _harmonics(scale * z, max_frequency).T
    return kernel


def _harmonics(angles: NDArray[np.float64], max_frequency: int) -> NDArray[np.float64]:
    """Return 1, √2 cos kt and √2 sin kt, shape (n, 2L + 1); inner products of rows are D_L of the difference."""
    multiples = np.outer(angles, np.arange(1, max_frequency + 1))
    return np.hstack([np.ones((len(angles), 1)), np.sqrt(2) * np.cos(multiples), np.sqrt(2) * np.sin(multiples)])


class FourierSurrogateClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Support vector machine on all the frequencies {−L..L}^d of a circuit that uploads each feature L times.

    Args:
        max_frequency: L, at least 1.
        scale: Radians a unit of a feature, positive: the input scaling of the circuit.
        C: Inverse strength of the penalty, positive.

    Attributes:
        classes_: Labels, sorted, shape (n_classes,).
        svc_: The fitted ``sklearn.svm.SVC``.

    Source: Schuld, Sweke, Meyer 2021 (arXiv:2008.08605).

    >>> X = np.linspace(-1, 1, 40).reshape(-1, 1)
    >>> model = FourierSurrogateClassifier(max_frequency=2).fit(X, np.abs(X[:, 0]) < 0.5)
    >>> model.predict([[0.0], [0.9]]).tolist()
    [True, False]
    """

    def __init__(self, *, max_frequency: int = 2, scale: float = 1.0, C: float = 1.0) -> None:
        self.max_frequency = max_frequency
        self.scale = scale
        self.C = C

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit features, shape (n, n_features), and labels of any type, shape (n,)."""
        features, labels = validate_data(self, X, y, dtype=np.float64)
        kernel = partial(fourier_kernel, max_frequency=self.max_frequency, scale=self.scale)
        # Nothing is random here, but without a random_state it would advance NumPy's global generator.
        self.svc_ = SVC(C=self.C, kernel=kernel, random_state=0).fit(features, labels)
        self.classes_ = self.svc_.classes_
        return self

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return scores: of the second class, shape (n,), or of every class, shape (n, n_classes)."""
        check_is_fitted(self)
        scores: NDArray[np.float64] = self.svc_.decision_function(validate_data(self, X, dtype=np.float64, reset=False))
        return scores

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the label of each row, shape (n,)."""
        check_is_fitted(self)
        labels: NDArray[Any] = self.svc_.predict(validate_data(self, X, dtype=np.float64, reset=False))
        return labels


MODELS.add(
    Model(
        name="fourier-surrogate",
        kind="classical",
        summary="support vector machine on every frequency a re-uploading circuit can reach",
        source="Schuld, Sweke, Meyer 2021 (doi:10.1103/PhysRevA.103.032430, arXiv:2008.08605)",
        estimator=FourierSurrogateClassifier,
        search_space={
            "max_frequency": IntDistribution(1, 4),
            "scale": FloatDistribution(0.1, 3.0, log=True),
            "C": FloatDistribution(1e-2, 1e3, log=True),
        },
        defaults={"max_frequency": 2, "scale": 1.0, "C": 1.0},
    )
)
