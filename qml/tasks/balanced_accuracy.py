"""Balanced accuracy: the mean over the classes of the share that is recognised."""

from numpy.typing import ArrayLike
from sklearn.metrics import balanced_accuracy_score

from qml.tasks.metrics import METRICS, Metric


def _score(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    return float(balanced_accuracy_score(y_true, y_pred))


def _chance(n_classes: int) -> float:
    return 1 / n_classes


METRICS.add(
    Metric(
        name="balanced-accuracy",
        summary="mean over the classes of the share of its rows that is recognised",
        score=_score,
        chance=_chance,
        margin=0.02,
    )
)
