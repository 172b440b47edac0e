"""The breast cancer data of Wisconsin: 569 real rows, split anew for every replicate."""

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

from qml.tasks.task import TASKS, Part, Task


def sample(rng: np.random.Generator, n_train: int, n_test: int) -> Part:
    """Split the set at random, each part with the set's share of the classes."""
    X, y = load_breast_cancer(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, train_size=n_train, test_size=n_test, stratify=y, random_state=int(rng.integers(2**32))
    )
    return X_train, y_train, X_test, y_test


TASKS.add(
    Task(
        name="breast-cancer",
        summary="malignant or benign, from 30 measurements of cell nuclei reduced to 4 principal components",
        source="Street, Wolberg, Mangasarian 1993 (doi:10.1117/12.148698); sklearn.datasets.load_breast_cancer",
        sample=sample,
        n_features=4,
        design="resampled",
        n_train=426,
        n_test=143,
        n_available=569,
        feature_maps=("standard", "sincos"),
        pca=4,
    )
)
