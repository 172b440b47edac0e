"""Nearest neighbours, their number bounded by the training part."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from optuna.distributions import CategoricalDistribution, IntDistribution
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils.validation import check_is_fitted, validate_data

from qml.models.model import MODELS, Model


class NearestNeighborsClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """The majority among the nearest training rows, or among all of them where there are fewer.

    scikit-learn's own class fails where it is asked for more neighbours than rows, which small inner folds do.

    Args:
        n_neighbors: Neighbours asked, at least 1.
        weights: ``"uniform"``, or ``"distance"`` for votes inverse to the distance.

    Attributes:
        classes_: Labels, sorted, shape (n_classes,).
        knn_: The fitted ``sklearn.neighbors.KNeighborsClassifier``.

    >>> knn = NearestNeighborsClassifier(n_neighbors=25).fit([[0.0], [1.0], [2.0]], ["a", "b", "b"])
    >>> knn.predict([[0.0]]).tolist(), knn.knn_.n_neighbors
    (['b'], 3)
    """

    def __init__(self, n_neighbors: int = 5, *, weights: str = "uniform") -> None:
        self.n_neighbors = n_neighbors
        self.weights = weights

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Store features, shape (n, n_features), and labels of any type, shape (n,)."""
        features, labels = validate_data(self, X, y)
        self.knn_ = KNeighborsClassifier(min(self.n_neighbors, len(features)), weights=self.weights)
        self.knn_.fit(features, labels)
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
