"""The scikit-learn side of everything that looks for large cuts: rows are graphs, answers are assignments."""

import zlib
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from qml.models.validation import check_features
from qml.tasks.cut_rows import NO_ANSWER, problem_of
from qml.tasks.max_cut import MaxCut


class CutSolver(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Answers of each graph within its evaluations; a subclass finds them.

    Args:
        random_state: Seed of everything random; None for a new one each fit.

    Attributes:
        n_features_in_: Columns of a row, see ``qml.tasks.cut_rows``.
        seed_: What was drawn for ``random_state``.
    """

    n_features_in_: int
    seed_: int

    def __init__(self, *, random_state: int | None = None) -> None:
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Learn what is to be learned from other graphs of the same kind, rows of shape (n, n_columns)."""
        rows = self._rows(X, reset=True)
        self.seed_ = int(np.random.SeedSequence(self.random_state).generate_state(1)[0])
        self._learn([problem_of(row)[0] for row in rows], np.random.default_rng(self.seed_))
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """Return the answers to each graph, as numbers of assignments, node 0 the most significant bit.

        Returns:
            Shape (n, evaluations): at most as many answers as there are evaluations, the rest filled up with -1.
        """
        check_is_fitted(self, "seed_")
        rows = self._rows(X, reset=False)
        asked = [problem_of(row) for row in rows]
        answers = np.full((len(rows), max(budget for _, budget in asked)), NO_ANSWER, dtype=np.int64)
        for place, (problem, budget) in enumerate(asked):
            # Each graph has a generator of its own, so that its answers do not depend on the others.
            rng = np.random.default_rng((self.seed_, zlib.crc32(rows[place].tobytes())))
            found = self._answers(problem, budget, rng)
            answers[place, : len(found)] = found
        return answers

    def _learn(self, problems: Sequence[MaxCut], rng: np.random.Generator) -> None:
        """Learn from other graphs; nothing by default."""

    def _answers(self, problem: MaxCut, n_evaluations: int, rng: np.random.Generator) -> Sequence[int] | NDArray[Any]:
        """Return assignments as numbers, from one to ``n_evaluations`` of them."""
        raise NotImplementedError(f"{type(self).__name__} must look for cuts in _answers.")

    def _rows(self, X: ArrayLike, *, reset: bool) -> NDArray[np.float64]:
        rows: NDArray[np.float64] = validate_data(self, X, dtype=np.float64, ensure_all_finite=False, reset=reset)
        check_features(rows, getattr(self, "feature_names_in_", None))
        return np.ascontiguousarray(rows)


def code_of(side: ArrayLike) -> int:
    """Return the number of an assignment, node 0 the most significant bit.

    >>> code_of([True, False, True])
    5
    """
    bits = np.asarray(side, dtype=np.int64)
    return int(bits @ (2 ** np.arange(len(bits))[::-1]))
