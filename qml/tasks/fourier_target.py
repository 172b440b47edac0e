"""A trap: a random function inside the spectrum of a re-uploading circuit, which Fourier ridge has too."""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from qml.tasks.task import TASKS, Part, Task

N_FEATURES = 2
MAX_FREQUENCY = 2
DROPPED = 0.3
N_CALIBRATION = 4000


def frequencies(n_features: int, max_frequency: int) -> NDArray[np.float64]:
    """Return one of each pair ±ω of {−L..L}^d, zero left out, shape (((2 L + 1)^d − 1) / 2, d).

    >>> frequencies(1, 2).tolist()
    [[1.0], [2.0]]
    """
    everything = product(range(-max_frequency, max_frequency + 1), repeat=n_features)
    return np.array([omega for omega in everything if omega > (0,) * n_features], dtype=np.float64)


def target(x: NDArray[np.float64], cosines: NDArray[np.float64], sines: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute Σ_ω a_ω cos ω·x + b_ω sin ω·x over ``frequencies(N_FEATURES, MAX_FREQUENCY)``.

    Args:
        x: Angles in radians, shape (n, 2).
        cosines: a, shape (12,).
        sines: b, shape (12,).

    Returns:
        Values, shape (n,).
    """
    angles = x @ frequencies(N_FEATURES, MAX_FREQUENCY).T
    values: NDArray[np.float64] = np.cos(angles) @ cosines + np.sin(angles) @ sines
    return values


def sample(rng: np.random.Generator, n_train: int, n_test: int) -> Part:
    """Draw one target, then rows outside the 30 % that lie nearest to its median; a label is the side of it."""
    n_frequencies = len(frequencies(N_FEATURES, MAX_FREQUENCY))
    cosines, sines = rng.normal(size=(2, n_frequencies))
    values = target(_angles(rng, N_CALIBRATION), cosines, sines)
    median = float(np.median(values))
    distance = float(np.quantile(np.abs(values - median), DROPPED))

    def draw(n: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        rows = np.empty((0, N_FEATURES))
        while len(rows) < n:
            x = _angles(rng, 2 * n)
            rows = np.concatenate([rows, x[np.abs(target(x, cosines, sines) - median) > distance]])
        return rows[:n], (target(rows[:n], cosines, sines) > median).astype(np.int64)

    return *draw(n_train), *draw(n_test)


def _angles(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    return rng.uniform(-np.pi, np.pi, size=(n, N_FEATURES))


TASKS.add(
    Task(
        name="fourier-target",
        summary="two angles, labelled by a random Fourier series of degree 2: inside a circuit's spectrum, and ridge's",
        source="VERDICT.md T3; Schuld, Sweke, Meyer 2021 (arXiv:2008.08605)",
        sample=sample,
        n_features=N_FEATURES,
        design="fresh",
        n_train=100,
        n_test=1000,
        feature_maps=("raw", "sincos"),
        engineered=True,
    )
)
