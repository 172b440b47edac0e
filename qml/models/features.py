"""The feature maps that both sides of a comparison share, as scikit-learn steps."""

from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted, validate_data

from qml.errors import SpecError, suggest
from qml.models.validation import check_features
from qml.tasks import Task

Steps = list[tuple[str, Any]]


class FiniteFeatures(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]  # no types
    """The identity on finite features; NaN or infinity is an error that names the column.

    >>> FiniteFeatures().fit_transform([[1, 2], [3, 4]])
    array([[1., 2.],
           [3., 4.]])
    """

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Check features, shape (n, n_features), and remember their names if they have any.

        Raises:
            SpecError: If one is NaN or infinite.
        """
        self._check(X, reset=True)
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the features as float64, shape (n, n_features).

        Raises:
            SpecError: If one is NaN or infinite.
        """
        check_is_fitted(self)
        return self._check(X, reset=False)

    def _check(self, X: ArrayLike, *, reset: bool) -> NDArray[np.float64]:
        features: NDArray[np.float64] = validate_data(self, X, dtype=np.float64, ensure_all_finite=False, reset=reset)
        check_features(features, getattr(self, "feature_names_in_", None))
        return features


class SinCos(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Every feature as a point on the circle: all sines, then all cosines.

    >>> SinCos().fit_transform([[0.0], [np.pi / 2]]).round(6)
    array([[0., 1.],
           [1., 0.]])
    """

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Learn the number of features; nothing else depends on the data."""
        validate_data(self, X, dtype=np.float64)
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return [sin x, cos x] of angles in radians, shape (n, n_features) to (n, 2 * n_features)."""
        check_is_fitted(self)
        angles = validate_data(self, X, dtype=np.float64, reset=False)
        return np.hstack([np.sin(angles), np.cos(angles)])


def _raw(task: Task) -> Steps:
    return []


def _standard(task: Task) -> Steps:
    # The steps that follow a PCA scale already.
    return [] if task.pca else [("scale", StandardScaler())]


def _sincos(task: Task) -> Steps:
    # Where the features are angles, the circle is theirs and scaling would break it.
    angles = task.feature_maps[0] == "raw"
    return [*([] if angles else _standard(task)), ("sincos", SinCos())]


FEATURE_MAPS: Mapping[str, Callable[[Task], Steps]] = {"raw": _raw, "standard": _standard, "sincos": _sincos}


def feature_map(name: str, task: Task) -> Pipeline:
    """Make the unfitted steps from a task's columns to what an estimator sees.

    First the check for NaN and infinity, then, with ``task.pca``, scaling, PCA and scaling, then the map itself:
    ``"raw"`` is the identity, ``"standard"`` scales to mean 0 and variance 1, and ``"sincos"`` is [sin x, cos x] of
    the scaled features, or of the raw ones on tasks whose default map is ``"raw"``.  A name in ``task.columns`` selects
    those columns, and scales them.

    Raises:
        SpecError: If the task does not list that map, or there is none of that name.

    >>> from qml import tasks
    >>> list(feature_map("sincos", tasks.get("breast-cancer")).named_steps)
    ['check', 'scale-columns', 'pca', 'scale-components', 'sincos']
    """
    maps = (*task.feature_maps, *task.quantum_maps)
    if name not in maps:
        raise SpecError(f"task {task.name!r} has no feature map {name!r}. {suggest(str(name), maps)}")
    if name not in task.columns and name not in FEATURE_MAPS:
        raise SpecError(f"task {task.name!r}: unknown feature map {name!r}. {suggest(name, FEATURE_MAPS)}")
    steps: Steps = [("check", FiniteFeatures())]
    if name in task.columns:
        block = ColumnTransformer([("block", "passthrough", list(task.columns[name]))])
        return Pipeline([*steps, ("block", block), ("scale", StandardScaler())])
    if task.pca:
        steps += [
            ("scale-columns", StandardScaler()),
            ("pca", PCA(n_components=task.pca, svd_solver="full")),
            ("scale-components", StandardScaler()),
        ]
    return Pipeline(steps + FEATURE_MAPS[name](task))
