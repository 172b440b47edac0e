"""The diabetes data: 442 patients, split anew for every replicate."""

import numpy as np
from sklearn.datasets import load_diabetes

from qml.tasks.task import TASKS, Part, Task


def sample(rng: np.random.Generator, n_train: int, n_test: int) -> Part:
    """Split the set at random."""
    X, y = load_diabetes(return_X_y=True)
    rows = rng.permutation(len(y))[: n_train + n_test]
    train, test = rows[:n_train], rows[n_train:]
    return X[train], y[train].astype(np.float64), X[test], y[test].astype(np.float64)


TASKS.add(
    Task(
        name="diabetes",
        problem="regression",
        summary="progression of diabetes after a year, from 10 measurements reduced to 4 principal components",
        source="Efron et al. 2004 (doi:10.1214/009053604000000067); sklearn.datasets.load_diabetes",
        sample=sample,
        n_features=4,
        design="resampled",
        n_train=332,
        n_test=110,
        n_available=442,
        feature_maps=("standard", "sincos"),
        pca=4,
    )
)
