"""One replicate of a task: a training part, and a test part that opens once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qml.errors import QmlError


class SealedTest:
    """A test part that can be opened once, so that nothing can be tuned on it.

    Args:
        X: Features, shape (n, n_features).
        y: Labels, shape (n,).

    >>> test = SealedTest(np.zeros((3, 2)), np.array([0, 1, 1]))
    >>> test
    SealedTest(3 rows, sealed)
    >>> X, y = test.open()
    >>> test.opened
    True
    """

    def __init__(self, X: NDArray[np.float64], y: NDArray[np.int64]) -> None:
        self._X = X
        self._y = y
        self._opened = False

    @property
    def opened(self) -> bool:
        """Whether it was opened."""
        return self._opened

    def open(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return features, shape (n, n_features), and labels, shape (n,).

        Raises:
            QmlError: If it was opened before.
        """
        if self._opened:
            raise QmlError(
                "the test part was already opened: it is for one final score. "
                "Tune on the training part, or draw another replicate with task.split(seed)."
            )
        self._opened = True
        return self._X, self._y

    def __repr__(self) -> str:
        return f"SealedTest({len(self._y)} rows, {'opened' if self._opened else 'sealed'})"


@dataclass(frozen=True, eq=False)
class Split:
    """One replicate.

    Attributes:
        X_train: Features, shape (n_train, n_columns).
        y_train: Labels, shape (n_train,).
        test: The test part, sealed.
    """

    X_train: NDArray[np.float64]
    y_train: NDArray[np.int64]
    test: SealedTest
