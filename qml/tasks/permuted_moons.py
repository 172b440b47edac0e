"""The null: two moons whose labels are shuffled, so that there is nothing to learn."""

import numpy as np

from qml.tasks.task import TASKS, Part, Task
from qml.tasks.two_moons import draw_moons


def sample(rng: np.random.Generator, n_train: int, n_test: int) -> Part:
    """Draw both parts, and shuffle the labels of each."""
    X_train, y_train = draw_moons(rng, n_train)
    X_test, y_test = draw_moons(rng, n_test)
    return X_train, rng.permutation(y_train), X_test, rng.permutation(y_test)


TASKS.add(
    Task(
        name="permuted-moons",
        summary="two moons with the labels shuffled: there is nothing to learn",
        source="scikit-learn, sklearn.datasets.make_moons; labels permuted as in Ojala and Garriga 2010",
        sample=sample,
        n_features=2,
        design="fresh",
        n_train=100,
        n_test=1000,
        feature_maps=("standard", "sincos"),
        null=True,
    )
)
