"""One replicate of a task: a training part, and a test part that opens once."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qml.errors import QmlError

_SHUT: ContextVar[str | None] = ContextVar("test parts are shut", default=None)


class SealedTest:
    """A test part that can be opened once, so that nothing can be tuned on it.

    What was decided beforehand is what a score may be used for.  A study opens its test parts under the hash of its
    manifest, in which all of that is written down (see `qml.studies`).  Whoever only wants to look opens one without:
    the score is then exploratory, and `exploratory` says so.

    Args:
        X: Features, shape (n, n_features).
        y: Labels, shape (n,).

    >>> test = SealedTest(np.zeros((3, 2)), np.array([0, 1, 1]))
    >>> test
    SealedTest(3 rows, sealed)
    >>> X, y = test.open()
    >>> test
    SealedTest(3 rows, opened without a manifest: exploratory)
    """

    def __init__(self, X: NDArray[np.float64], y: NDArray[Any]) -> None:
        self._X = X
        self._y = y
        self._opened = False
        self._manifest: str | None = None

    @property
    def opened(self) -> bool:
        """Whether it was opened."""
        return self._opened

    @property
    def manifest(self) -> str | None:
        """The hash of the manifest that it was opened under; None if it is sealed or was opened without one."""
        return self._manifest

    @property
    def exploratory(self) -> bool:
        """Whether it was opened without a manifest."""
        return self._opened and self._manifest is None

    def open(self, manifest: str | None = None) -> tuple[NDArray[np.float64], NDArray[Any]]:
        """Return features, shape (n, n_features), and labels, shape (n,).

        Args:
            manifest: Hash of the manifest, 64 hexadecimal digits; without one, what is done with it is exploratory.

        Raises:
            QmlError: If it was opened before, a model is being tuned or fitted, or this is no hash.
        """
        if self._opened:
            raise QmlError(
                "the test part was already opened: it is for one final score. "
                "Tune on the training part, or draw another replicate with task.split(seed)."
            )
        if (busy := _SHUT.get()) is not None:
            raise QmlError(f"no test part opens while {busy}: a model may learn from its training part only.")
        if manifest is not None and not re.fullmatch(r"[0-9a-f]{64}", manifest):
            raise QmlError(
                f"a manifest's hash has 64 hexadecimal digits; got {manifest!r}. "
                "Leave it out to look at the test part; the score is then exploratory."
            )
        self._opened = True
        self._manifest = manifest
        return self._X, self._y

    def __repr__(self) -> str:
        state = "sealed"
        if self._opened:
            state = f"opened under {self._manifest[:8]}" if self._manifest else "opened without a manifest: exploratory"
        return f"SealedTest({len(self._y)} rows, {state})"


@contextmanager
def shut_test_parts(why: str) -> Iterator[None]:
    """Keep every test part of this thread sealed for a while.

    Args:
        why: What is going on, for the message: "a model is being tuned".

    >>> with shut_test_parts("a model is being tuned"):
    ...     SealedTest(np.zeros((3, 2)), np.array([0, 1, 1])).open()
    Traceback (most recent call last):
        ...
    qml.errors.QmlError: no test part opens while a model is being tuned: a model may learn from its training part only.
    """
    token = _SHUT.set(why)
    try:
        yield
    finally:
        _SHUT.reset(token)


@dataclass(frozen=True, eq=False)
class Split:
    """One replicate.

    Attributes:
        X_train: Features, shape (n_train, n_columns).
        y_train: Labels, shape (n_train,); int64 in classification, else float64.
        test: The test part, sealed.
    """

    X_train: NDArray[np.float64]
    y_train: NDArray[Any]
    test: SealedTest
