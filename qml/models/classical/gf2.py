"""Gaussian elimination over two elements: which bits enter a parity."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from qml.models.model import MODELS, Model


def solve_gf2(rows: NDArray[np.uint8], right: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Solve rows · s = right modulo 2; rows that contradict earlier ones are left out, free unknowns are 0.

    Args:
        rows: Bits, shape (n, m).
        right: Bits, shape (n,).

    Returns:
        s, shape (m,).

    >>> solve_gf2(np.array([[1, 1], [0, 1]], dtype=np.uint8), np.array([0, 1], dtype=np.uint8)).tolist()
    [1, 1]
    """
    table = np.column_stack([rows, right]).astype(np.uint8)
    n_unknowns = rows.shape[1]
    solution = np.zeros(n_unknowns, dtype=np.uint8)
    pivots: list[int] = []
    for column in range(n_unknowns):
        done = len(pivots)
        candidates = np.flatnonzero(table[done:, column])
        if not len(candidates):
            continue
        found = done + candidates[0]
        table[[done, found]] = table[[found, done]]
        others = np.flatnonzero(table[:, column])
        table[others[others != done]] ^= table[done]
        pivots.append(column)
    solution[pivots] = table[: len(pivots), -1]
    return solution


class GF2Classifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """The parity of a chosen set of bits, found by Gaussian elimination modulo 2; two classes.

    A feature's bit is whether it lies above the middle of its training range.  On noise-free parities of n bits, rows
    that span all n dimensions and the offset are enough, and the cost grows as n³.  Where rows contradict each other,
    eliminations in several orders are tried, and the one with the fewest training errors is kept.

    Args:
        n_orders: Orders of the rows, at least 1.
        random_state: Seed of the orders.

    Attributes:
        classes_: Labels, sorted, shape (2,).
        selection_: The chosen bits, then the offset, shape (n_features + 1,).
        thresholds_: Shape (n_features,).

    >>> X = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0], [1, 1, 1]])
    >>> GF2Classifier().fit(X, X[:, 0] ^ X[:, 2]).selection_.tolist()
    [1, 0, 1, 0]
    """

    def __init__(self, *, n_orders: int = 10, random_state: int | np.random.RandomState | None = None) -> None:
        self.n_orders = n_orders
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit features, shape (n, n_features), and labels of any type, shape (n,)."""
        features, labels = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) != 2:
            raise ValueError(f"a parity has 2 classes; got {len(self.classes_)}: {self.classes_.tolist()}.")
        self.thresholds_: NDArray[np.float64] = (features.min(axis=0) + features.max(axis=0)) / 2
        bits, right = self._bits(features), codes.astype(np.uint8)
        rng = check_random_state(0 if self.random_state is None else self.random_state)
        best = -1.0
        for _ in range(self.n_orders):
            order = rng.permutation(len(bits))
            selection = solve_gf2(bits[order], right[order])
            score = float(np.mean(_parity(bits, selection) == right))
            if score > best:
                best, self.selection_ = score, selection
            if score == 1:
                break
        return self

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the label of each row, shape (n,)."""
        check_is_fitted(self)
        features = validate_data(self, X, dtype=np.float64, reset=False)
        labels: NDArray[Any] = self.classes_[_parity(self._bits(features), self.selection_)]
        return labels

    def _bits(self, features: NDArray[np.float64]) -> NDArray[np.uint8]:
        return np.column_stack([features > self.thresholds_, np.ones(len(features))]).astype(np.uint8)


def _parity(bits: NDArray[np.uint8], selection: NDArray[np.uint8]) -> NDArray[np.intp]:
    parity: NDArray[np.intp] = (bits.astype(np.intp) @ selection.astype(np.intp)) % 2
    return parity


MODELS.add(
    Model(
        name="gf2",
        kind="classical",
        summary="Gaussian elimination modulo 2: solves noise-free parities of n bits in time n³",
        source="textbook; noise is what makes parities hard: Blum, Kalai, Wasserman 2003 (doi:10.1145/792538.792543)",
        estimator=GF2Classifier,
    )
)
