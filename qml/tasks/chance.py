"""The score of a learner that knows nothing about the features."""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from qml.tasks.metrics import metric

if TYPE_CHECKING:
    from qml.tasks.task import Task

N_DRAWS = 20
FIRST_SEED = 2**32  # the seeds of a study's data lie below it


def chance_level(task: "Task") -> float:
    """Return the expected score of guessing.

    Generation and optimisation tasks say it themselves.  In classification it follows from the number of classes.  In
    regression the guess is the mean of the training targets, and its score is averaged over 20 draws of the task of the
    same sizes, which are in no study; it is rounded to four decimals.

    >>> from qml import tasks
    >>> chance_level(tasks.get("two-moons")), chance_level(tasks.get("noise-regression"))
    (0.5, -0.0062)
    """
    if task.chance is not None:
        return float(task.chance(**task.params))
    measure = metric(task.metric)
    if measure.chance is not None:
        return float(measure.chance(task.n_classes))
    return _of_the_mean(_Key(task))


class _Key:
    """A task as a key of a cache: tasks hold dictionaries, and are compared as objects."""

    def __init__(self, task: "Task") -> None:
        self.task = task

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.task == other.task

    def __hash__(self) -> int:
        return hash((self.task.name, self.task.n_train, self.task.n_test))


@lru_cache(maxsize=64)
def _of_the_mean(key: _Key) -> float:
    task, scores = key.task, []
    for seed in range(FIRST_SEED, FIRST_SEED + N_DRAWS):
        split = task.split(seed)
        _, y_test = split.test.open()
        scores.append(metric(task.metric).score(y_test, np.full(len(y_test), split.y_train.mean())))
    return round(float(np.mean(scores)), 4)
