"""The block exchange null on one finite data set, split again and again: what naive cross-validation gets wrong."""

from dataclasses import replace

import numpy as np
from sklearn.model_selection import train_test_split

from qml.tasks.block_exchange import BLOCK_EXCHANGE, draw_blocks
from qml.tasks.task import TASKS, Part

N_ROWS = 200


def sample(rng: np.random.Generator, n_train: int, n_test: int, dataset: int) -> Part:
    """Split the set of that number at random; over all sets the two blocks differ by nothing, in each one they do."""
    X, y = draw_blocks(np.random.default_rng(dataset), N_ROWS)
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, train_size=n_train, test_size=n_test, stratify=y, random_state=int(rng.integers(2**32))
    )
    return X_train, y_train, X_test, y_test


TASKS.add(
    replace(
        BLOCK_EXCHANGE,
        name="block-exchange-finite",
        summary="block-exchange on one finite data set: params.dataset says which one is split",
        sample=sample,
        params={"dataset": 0},
        design="resampled",
        n_train=150,
        n_test=50,
        n_available=N_ROWS,
    )
)
