"""Nearest neighbours, their number bounded by the training part."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from optuna.distributions import CategoricalDistribution, IntDistribution
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils.validation import check_is_fitted, validate_data

from qml.models.model import MODELS, Model


class NearestNeighbors(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """The nearest training rows, or all of them where there are fewer; a subclass says what becomes of their labels.

    scikit-learn's own classes fail where they are asked for more neighbours than rows, which small inner folds do.

    Args:
        n_neighbors: Neighbours asked, at least 1.
        weights: ``"uniform"``, or ``"distance"`` for weights inverse to the distance.

    Attributes:
        knn_: The fitted estimator of ``sklearn.neighbors``.
    """

    _estimator: type

    def __init__(self, n_neighbors: int = 5, *, weights: str = "uniform") -> None:
        self.n_neighbors = n_neighbors
        self.weights = weights

    def _fit(self, features: NDArray[Any], labels: NDArray[Any]) -> Self:
        self.knn_ = self._estimator(min(self.n_neighbors, len(features)), weights=self.weights)
        self.knn_.fit(features, labels)
        return self


class NearestNeighborsClassifier(ClassifierMixin, NearestNeighbors):  # type: ignore[misc]  # scikit-learn ships no types
    """The majority among the nearest training rows; arguments are those of `NearestNeighbors`.

    Attributes:
        classes_: Labels, sorted, shape (n_classes,).

    >>> knn = NearestNeighborsClassifier(n_neighbors=25).fit([[0.0], [1.0], [2.0]], ["a", "b", "b"])
    >>> knn.predict([[0.0]]).tolist(), knn.knn_.n_neighbors
    (['b'], 3)
    """

    _estimator = KNeighborsClassifier

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Store features, shape (n, n_features), and labels of any type, shape (n,)."""
        self._fit(*validate_data(self, X, y))
        self.classes_ = self.knn_.classes_
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the share of the votes for every class, shape (n, n_classes)."""
        check_is_fitted(self)
        shares: NDArray[np.float64] = self.knn_.predict_proba(validate_data(self, X, reset=False))
        return shares

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the label with the most votes of each row, shape (n,)."""
        shares = self.predict_proba(X)
        labels: NDArray[Any] = self.classes_[shares.argmax(axis=1)]
        return labels


MODELS.add(
    Model(
        name="knn",
        kind="classical",
        summary="vote of the nearest neighbours, plain or weighted by distance",
        source="Cover, Hart 1967 (doi:10.1109/TIT.1967.1053964); sklearn.neighbors.KNeighborsClassifier",
        estimator=NearestNeighborsClassifier,
        search_space={
            "n_neighbors": IntDistribution(1, 25, log=True),
            "weights": CategoricalDistribution(("uniform", "distance")),
        },
        defaults={"n_neighbors": 5, "weights": "uniform"},
    )
)
