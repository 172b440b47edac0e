"""Bars and stripes: pictures of three by three pixels whose rows, or whose columns, are of one colour."""

import numpy as np
from numpy.typing import NDArray

from qml.tasks.bit_strings import all_strings
from qml.tasks.generation import generation_task
from qml.tasks.task import TASKS

SIDE = 3


def is_bars_or_stripes(strings: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return whether all rows or all columns of each picture are of one colour, shape (n, 9) to (n,).

    >>> is_bars_or_stripes(np.array([[1, 1, 1, 0, 0, 0, 1, 1, 1], [1, 0, 0, 0, 1, 0, 0, 0, 1.0]])).tolist()
    [True, False]
    """
    pictures = strings.reshape(-1, SIDE, SIDE)
    rows = (pictures == pictures[:, :, :1]).all(axis=(1, 2))
    columns = (pictures == pictures[:, :1, :]).all(axis=(1, 2))
    valid: NDArray[np.bool_] = rows | columns
    return valid


def draw(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the probability of every picture: equal for the 14 valid ones."""
    valid = is_bars_or_stripes(all_strings(SIDE**2))
    probabilities: NDArray[np.float64] = valid / valid.sum()
    return probabilities


TASKS.add(
    generation_task(
        name="bars-and-stripes",
        n_bits=SIDE**2,
        draw=draw,
        n_train=50,
        summary="14 pictures of three by three pixels with rows or columns of one colour, all equally likely",
        source="MacKay 2003, Information Theory, Inference and Learning Algorithms, ch. 43; Benedetti et al. 2019",
        valid=is_bars_or_stripes,
    )
)
