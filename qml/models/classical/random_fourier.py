"""Random Fourier features: the Gaussian kernel, sampled."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from optuna.distributions import FloatDistribution
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.kernel_approximation import RBFSampler
from sklearn.linear_model import RidgeClassifier
from sklearn.utils.validation import check_is_fitted, validate_data

from qml.models.model import MODELS, Model


class RandomFourierClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Ridge classification on cosines of random frequencies, which approximate exp(-gamma |x - x'|²).

    Args:
        gamma: Inverse squared width of the kernel, positive.
        n_components: Frequencies drawn, at least 1.
        C: Inverse strength of the penalty, positive, as in the other linear models (ridge's alpha is 1 / (2 C)).
        random_state: A whole number, a ``numpy.random.RandomState``, or None for new frequencies each fit.

    Attributes:
        classes_: Labels, sorted, shape (n_classes,).
        sampler_: The fitted ``sklearn.kernel_approximation.RBFSampler``.
        ridge_: The fitted ``sklearn.linear_model.RidgeClassifier``.

    Source: Rahimi, Recht 2007.

    >>> X = np.linspace(-1, 1, 40).reshape(-1, 1)
    >>> model = RandomFourierClassifier(gamma=5.0, random_state=0).fit(X, np.abs(X[:, 0]) < 0.5)
    >>> model.predict([[0.0], [0.9]]).tolist()
    [True, False]
    """

    def __init__(
        self,
        *,
        gamma: float = 1.0,
        n_components: int = 200,
        C: float = 1.0,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.gamma = gamma
        self.n_components = n_components
        self.C = C
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit features, shape (n, n_features), and labels of any type, shape (n,)."""
        features, labels = validate_data(self, X, y, dtype=np.float64)
        self.sampler_ = RBFSampler(gamma=self.gamma, n_components=self.n_components, random_state=self.random_state)
        self.ridge_ = RidgeClassifier(alpha=1 / (2 * self.C)).fit(self.sampler_.fit_transform(features), labels)
        self.classes_ = self.ridge_.classes_
        return self

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return scores: of the second class, shape (n,), or of every class, shape (n, n_classes)."""
        features = self._sampled(X)
        scores: NDArray[np.float64] = self.ridge_.decision_function(features)
        return scores

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the label with the highest score of each row, shape (n,)."""
        features = self._sampled(X)
        labels: NDArray[Any] = self.ridge_.predict(features)
        return labels

    def _sampled(self, X: ArrayLike) -> NDArray[np.float64]:
        check_is_fitted(self)
        cosines: NDArray[np.float64] = self.sampler_.transform(validate_data(self, X, dtype=np.float64, reset=False))
        return cosines


MODELS.add(
    Model(
        name="random-fourier",
        kind="classical",
        summary="ridge classification on 200 random Fourier features",
        source="Rahimi, Recht 2007 (Advances in Neural Information Processing Systems 20)",
        estimator=RandomFourierClassifier,
        search_space={
            "gamma": FloatDistribution(1e-2, 1e2, log=True),
            "C": FloatDistribution(1e-3, 1e3, log=True),
        },
        defaults={"gamma": 0.5, "C": 1.0},
    )
)
