"""A null: two blocks of features that say equally much about the label."""

import numpy as np
from numpy.typing import NDArray

from qml.tasks.task import TASKS, Part, Task
from qml.tasks.two_moons import draw_moons


def draw_blocks(rng: np.random.Generator, n: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Draw two blocks, each two noisy moons; given the label they are independent and have one distribution.

    Returns:
        Features, shape (n, 4), the first two of them one block; labels, shape (n,).

    >>> X, y = draw_blocks(np.random.default_rng(0), 10)
    >>> X.shape, int(y.sum())
    ((10, 4), 5)
    """
    first, y = draw_moons(rng, n)
    other, y_other = draw_moons(rng, n)
    second = np.empty_like(other)
    second[np.argsort(y, kind="stable")] = other[np.argsort(y_other, kind="stable")]
    return np.hstack([first, second]), y


def sample(rng: np.random.Generator, n_train: int, n_test: int) -> Part:
    """Draw a training and a test part."""
    return *draw_blocks(rng, n_train), *draw_blocks(rng, n_test)


BLOCK_EXCHANGE = TASKS.add(
    Task(
        name="block-exchange",
        summary="two blocks that say equally much about the label: learners of different blocks differ by nothing",
        source="VERDICT.md N5; blocks of sklearn.datasets.make_moons",
        sample=sample,
        n_features=4,
        design="fresh",
        n_train=100,
        n_test=1000,
        feature_maps=("block-1", "block-2"),
        columns={"block-1": (0, 1), "block-2": (2, 3)},
    )
)
