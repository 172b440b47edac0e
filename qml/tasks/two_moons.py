"""Two interleaved half circles with Gaussian noise."""

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import make_moons

from qml.tasks.task import TASKS, Part, Task

NOISE = 0.3


def draw_moons(rng: np.random.Generator, n: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Draw ``n`` rows, half of them from each moon.

    Returns:
        Features, shape (n, 2), and labels, shape (n,).

    >>> X, y = draw_moons(np.random.default_rng(0), 10)
    >>> X.shape, int(y.sum())
    ((10, 2), 5)
    """
    X, y = make_moons(n, noise=NOISE, random_state=int(rng.integers(2**32)))
    return X, y


def sample(rng: np.random.Generator, n_train: int, n_test: int) -> Part:
    """Draw a training and a test part."""
    return *draw_moons(rng, n_train), *draw_moons(rng, n_test)


TASKS.add(
    Task(
        name="two-moons",
        summary=f"two interleaved half circles, Gaussian noise of {NOISE}",
        source="scikit-learn, sklearn.datasets.make_moons",
        sample=sample,
        n_features=2,
        design="fresh",
        n_train=100,
        n_test=1000,
        feature_maps=("standard", "sincos"),
    )
)
