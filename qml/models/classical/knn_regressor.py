"""Nearest neighbours as a regressor."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from optuna.distributions import CategoricalDistribution, IntDistribution
from sklearn.base import RegressorMixin
from sklearn.neighbors import KNeighborsRegressor
from sklearn.utils.validation import check_is_fitted, validate_data

from qml.models.classical.knn import NearestNeighbors
from qml.models.model import MODELS, Model


class NearestNeighborsRegressor(RegressorMixin, NearestNeighbors):  # type: ignore[misc]  # scikit-learn ships no types
    """The mean of the nearest training rows' targets; arguments are those of `NearestNeighbors`.

    >>> knn = NearestNeighborsRegressor(n_neighbors=25).fit([[0.0], [1.0], [2.0]], [3.0, 5.0, 7.0])
    >>> knn.predict([[0.0]]).tolist(), knn.knn_.n_neighbors
    ([5.0], 3)
    """

    _estimator = KNeighborsRegressor

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Store features, shape (n, n_features), and real targets, shape (n,)."""
        return self._fit(*validate_data(self, X, y, y_numeric=True))

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return a value for each row, shape (n,)."""
        check_is_fitted(self)
        values: NDArray[np.float64] = self.knn_.predict(validate_data(self, X, reset=False))
        return values


MODELS.add(
    Model(
        name="knn-regressor",
        kind="classical",
        problem="regression",
        summary="mean of the nearest neighbours, plain or weighted by distance",
        source="Cover 1968 (doi:10.1109/TIT.1968.1054098); sklearn.neighbors.KNeighborsRegressor",
        estimator=NearestNeighborsRegressor,
        search_space={
            "n_neighbors": IntDistribution(1, 25, log=True),
            "weights": CategoricalDistribution(("uniform", "distance")),
        },
        defaults={"n_neighbors": 5, "weights": "uniform"},
    )
)
