"""The inner folds that every model of a replicate is tuned on."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import KFold, StratifiedKFold

from qml.errors import SpecError

Fold = tuple[NDArray[np.intp], NDArray[np.intp]]


def inner_folds(y: ArrayLike, n_folds: int, seed: int, *, stratified: bool = True) -> list[Fold]:
    """Divide training rows into folds, stratified by class; the same labels and seed give the same folds.

    Args:
        y: Labels of the training part, shape (n,).
        n_folds: Folds, at least 2; every class needs as many samples.
        seed: A whole number, at least 0.
        stratified: Whether the labels are classes, which keep their shares; real targets are divided at random.

    Returns:
        For each fold the row indices to train on and to validate on.

    Raises:
        SpecError: If ``n_folds`` is below 2, or a class has fewer samples than folds, or there are fewer rows.

    >>> folds = inner_folds([0, 1] * 6, n_folds=3, seed=0)
    >>> [len(validation) for _, validation in folds]
    [4, 4, 4]
    """
    labels = np.asarray(y)
    if n_folds < 2:
        raise SpecError(f"inner_folds must be at least 2; got {n_folds}.")
    random = np.random.RandomState(_bits(seed))
    if not stratified:
        if len(labels) < n_folds:
            raise SpecError(f"{n_folds} inner folds need {n_folds} training samples; there are {len(labels)}.")
        return list(KFold(n_splits=n_folds, shuffle=True, random_state=random).split(np.zeros(len(labels))))
    classes, counts = np.unique(labels, return_counts=True)
    if counts.min(initial=n_folds) < n_folds:
        rarest = classes[counts.argmin()]
        raise SpecError(
            f"{n_folds} inner folds need {n_folds} samples of every class; class {rarest} has {counts.min()}. "
            "Use fewer inner folds or more training samples."
        )
    splitter = StratifiedKFold(n_splits=n_folds, shuffle=True, random_state=random)
    return list(splitter.split(np.zeros(len(labels)), labels))


def _bits(seed: int) -> np.random.MT19937:
    """Make a bit generator from a seed of any size (``random_state`` itself stops at 2**32)."""
    return np.random.MT19937(np.random.SeedSequence(seed))
