"""A trap: the parity of a hidden set of bits, which a circuit learns and Gaussian elimination solves."""

from itertools import product

import numpy as np

from qml.tasks.task import TASKS, Part, Task

N_BITS = 8
N_CHOSEN = 4


def sample(rng: np.random.Generator, n_train: int, n_test: int) -> Part:
    """Draw a hidden set of bits, and different strings for training and test; a label is the parity of the set."""
    chosen = rng.choice(N_BITS, size=N_CHOSEN, replace=False)
    strings = np.array(list(product([0.0, 1.0], repeat=N_BITS)))
    X = strings[rng.permutation(len(strings))[: n_train + n_test]]
    y = (X[:, chosen].sum(axis=1) % 2).astype(np.int64)
    return X[:n_train], y[:n_train], X[n_train:], y[n_train:]


TASKS.add(
    Task(
        name="parity",
        summary=f"the parity of {N_CHOSEN} hidden ones of {N_BITS} bits, without noise",
        source="VERDICT.md T1; Kearns 1998 (doi:10.1145/293347.293351)",
        sample=sample,
        n_features=N_BITS,
        design="fresh",
        n_train=100,
        n_test=156,
        feature_maps=("raw",),
        engineered=True,
        solver="gf2",
        solver_pooled=True,
    )
)
