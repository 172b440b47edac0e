"""What generation tasks share: strings of a distribution that is known exactly, and every string as test part."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qml.tasks.bit_strings import all_strings
from qml.tasks.task import Part, Task

Draw = Callable[[np.random.Generator], NDArray[np.float64]]
_DRAWS = 100  # distributions over which the chance level of a task with random ones is averaged


def generation_task(*, name: str, n_bits: int, draw: Draw, **fields: Any) -> Task:
    """Make a task whose replicates each learn one distribution over strings.

    The training part holds strings, and labels that are all 0; the test part every string, labelled with its exact
    probability.  Chance is the score of the uniform distribution, averaged over distributions that are drawn with a
    fixed seed.

    Args:
        name: Of the task.
        n_bits: Bits of a string, at most 12.
        draw: Takes a generator, and returns the probability of every string, shape (2**n_bits,).
        **fields: Further fields of the `Task`.

    >>> task = generation_task(name="coin", n_bits=1, draw=lambda rng: np.array([0.25, 0.75]), n_train=8,
    ...                        summary="a bent coin", source="-")
    >>> X, y = task.split(seed=0).test.open()
    >>> X.tolist(), y.tolist(), task.chance()
    ([[0.0], [1.0]], [0.25, 0.75], -0.25)
    """

    def sample(rng: np.random.Generator, n_train: int, n_test: int) -> Part:
        strings, probabilities = all_strings(n_bits), draw(rng)
        seen = strings[rng.choice(len(strings), size=n_train, p=probabilities)]
        return seen, np.zeros(n_train), strings, probabilities

    @lru_cache(maxsize=1)
    def chance() -> float:
        drawn = [draw(rng) for rng in np.random.default_rng(0).spawn(_DRAWS)]
        return 0.0 - float(np.mean([np.abs(p - 1 / len(p)).sum() / 2 for p in drawn]))

    return Task(
        name=name,
        problem="generation",
        sample=sample,
        chance=chance,
        n_features=n_bits,
        n_test=2**n_bits,
        design="fresh",
        metric="total-variation",
        feature_maps=("raw",),
        **fields,
    )
