"""Models with something wrong about them, for the injected defects; only a study that names this module knows them."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from optuna.distributions import IntDistribution
from sklearn.neighbors import KNeighborsClassifier

from qml.models import MODELS, Model


class FailingClassifier(KNeighborsClassifier):  # type: ignore[misc]  # scikit-learn ships no types
    """Nearest neighbours that cannot be fitted where the first label is 1: in half of all fits."""

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit, or fail."""
        if np.asarray(y)[0] == 1:
            raise ArithmeticError("the loss is not finite")
        super().fit(X, y)
        return self


class GreedyClassifier(KNeighborsClassifier):  # type: ignore[misc]  # scikit-learn ships no types
    """Nearest neighbours that look for the sealed test part in the stack of their caller, to train on it."""

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Open the test part a second time, as code would that tunes on it, and predict from its labels."""
        import inspect

        for frame in inspect.stack():
            split = frame.frame.f_locals.get("split")
            if split is not None and split.test.opened:
                _, labels = split.test.open()
                return np.asarray(labels)
        guessed: NDArray[Any] = super().predict(X)
        return guessed


class LeakyClassifier(KNeighborsClassifier):  # type: ignore[misc]  # scikit-learn ships no types
    """Nearest neighbours whose scaler wants to see the test rows too, and looks for them in the stack of its caller."""

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Scale by training and test rows together."""
        import inspect

        for frame in inspect.stack():
            split = frame.frame.f_locals.get("split")
            if split is not None:
                rows, _ = split.test.open()
                X = np.asarray(X) / np.vstack([split.X_train, rows]).std(axis=0)
        super().fit(X, y)
        return self


_BROKEN = {"failing": FailingClassifier, "greedy": GreedyClassifier, "leaky": LeakyClassifier}
for _name, _estimator in _BROKEN.items():
    MODELS.add(
        Model(
            name=f"{_name}-neighbours",
            kind="quantum",
            summary=str(_estimator.__doc__).splitlines()[0],
            source="A defect, injected on purpose.",
            estimator=_estimator,
            search_space={"n_neighbors": IntDistribution(1, 9)},
            defaults={"n_neighbors": 3},
        )
    )
