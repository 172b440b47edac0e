"""Friedman's first problem: a smooth function of five numbers, easy for classical models."""

import numpy as np
from sklearn.datasets import make_friedman1

from qml.tasks.task import TASKS, Part, Task

N_FEATURES = 5
NOISE = 1.0


def sample(rng: np.random.Generator, n_train: int, n_test: int) -> Part:
    """Draw rows uniformly from [0, 1]^5; y = 10 sin(π x₁ x₂) + 20 (x₃ − ½)² + 10 x₄ + 5 x₅ + noise of variance 1."""
    n = n_train + n_test
    X, y = make_friedman1(n, n_features=N_FEATURES, noise=NOISE, random_state=int(rng.integers(2**32)))
    return X[:n_train], y[:n_train], X[n_train:], y[n_train:]


TASKS.add(
    Task(
        name="friedman-1",
        problem="regression",
        summary="a smooth function of five numbers, with noise: easy for classical models",
        source="Friedman 1991 (doi:10.1214/aos/1176347963); sklearn.datasets.make_friedman1",
        sample=sample,
        n_features=N_FEATURES,
        design="fresh",
        n_train=100,
        n_test=1000,
        feature_maps=("standard", "sincos"),
    )
)
