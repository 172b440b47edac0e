"""Every string equally likely: there is nothing to learn."""

import numpy as np
from numpy.typing import NDArray

from qml.tasks.generation import generation_task
from qml.tasks.task import TASKS

N_BITS = 6


def draw(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the uniform distribution."""
    return np.full(2**N_BITS, 2.0**-N_BITS)


TASKS.add(
    generation_task(
        name="uniform-strings",
        n_bits=N_BITS,
        draw=draw,
        n_train=100,
        summary="six fair coins: nothing to learn, so nobody can beat the uniform distribution",
        source="a null",
        null=True,
    )
)
