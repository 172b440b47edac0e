"""A random Fourier series of degree 2 inside the spectrum of a re-uploading circuit, with noise."""

import numpy as np

from qml.tasks.fourier_target import N_FEATURES, frequencies, target
from qml.tasks.task import TASKS, Part, Task

MAX_FREQUENCY = 2
NOISE = 0.3  # of the standard deviation of the series


def sample(rng: np.random.Generator, n_train: int, n_test: int) -> Part:
    """Draw one series with normal coefficients and variance 1, and rows uniformly from [−π, π]²."""
    coefficients = rng.normal(size=(2, len(frequencies(N_FEATURES, MAX_FREQUENCY))))
    coefficients *= np.sqrt(2 / (coefficients**2).sum())  # each cosine and sine has the variance 1/2
    X = rng.uniform(-np.pi, np.pi, size=(n_train + n_test, N_FEATURES))
    y = target(X, *coefficients) + NOISE * rng.normal(size=len(X))
    return X[:n_train], y[:n_train], X[n_train:], y[n_train:]


TASKS.add(
    Task(
        name="fourier-regression",
        problem="regression",
        summary="a noisy random Fourier series of degree 2 in two angles: inside a circuit's spectrum, and ridge's",
        source="Schuld, Sweke, Meyer 2021 (doi:10.1103/PhysRevA.103.032430, arXiv:2008.08605)",
        sample=sample,
        n_features=N_FEATURES,
        design="fresh",
        n_train=100,
        n_test=1000,
        feature_maps=("raw", "sincos"),
        engineered=True,
    )
)
