"""The null of regression: targets that have nothing to do with the features."""

import numpy as np

from qml.tasks.task import TASKS, Part, Task

N_FEATURES = 2


def sample(rng: np.random.Generator, n_train: int, n_test: int) -> Part:
    """Draw features and targets from independent normal distributions."""
    X = rng.normal(size=(n_train + n_test, N_FEATURES))
    y = rng.normal(size=n_train + n_test)
    return X[:n_train], y[:n_train], X[n_train:], y[n_train:]


TASKS.add(
    Task(
        name="noise-regression",
        problem="regression",
        summary="targets that are independent of the features: there is nothing to learn",
        source="permutation null as in Ojala and Garriga 2010 (JMLR 11:1833), for real targets",
        sample=sample,
        n_features=N_FEATURES,
        design="fresh",
        n_train=100,
        n_test=1000,
        feature_maps=("standard", "sincos"),
        null=True,
    )
)
