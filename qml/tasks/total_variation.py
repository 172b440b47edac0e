"""Minus the exact total variation distance between the strings' true probabilities and a model's."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qml.tasks.bit_strings import codes_of
from qml.tasks.generative import exact_mmd_squared, total_variation
from qml.tasks.metrics import METRICS, Metric

if TYPE_CHECKING:
    from qml.tasks.task import Task

BANDWIDTH = 1.0  # of the kernel in the MMD that is reported, in square roots of bits
FLOOR = 1e-12  # a held-out string that a model calls impossible costs 27.6 nats, and not everything


def _score(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    return -total_variation(y_true, _normalised(y_pred))


def _held_out_log_likelihood(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    return float(np.log(np.maximum(np.asarray(y_pred, dtype=np.float64), FLOOR)).mean())


def _secondary(
    task: "Task", X_train: NDArray[Any], X_test: NDArray[Any], y_true: ArrayLike, y_pred: ArrayLike
) -> Mapping[str, float]:
    """Return MMD² and held-out negative log-likelihood, both exact; validity and novelty where strings can be valid.

    Validity is the probability that a generated string is valid, and novelty that a valid one was not in the training
    part: exact, where `qml.advantage.axes` has the same of samples.
    """
    true, found = np.asarray(y_true), _normalised(y_pred)
    measures = {
        "MMD²": exact_mmd_squared(true, found, BANDWIDTH),
        "held-out NLL": float(-(true @ np.log(np.maximum(found, FLOOR)))),
    }
    if task.valid is None:
        return measures
    valid = np.asarray(task.valid(X_test), dtype=bool)
    new = valid & ~np.isin(codes_of(X_test), codes_of(X_train))
    mass = float(found[valid].sum())
    return {**measures, "validity": mass, "novelty": float(found[new].sum()) / mass if mass > 0 else 0.0}


def _normalised(y_pred: ArrayLike) -> NDArray[np.float64]:
    """Return probabilities of all strings that sum to one, whatever a model's rounding left."""
    found = np.asarray(y_pred, dtype=np.float64)
    if found.min() < 0 or abs(found.sum() - 1) > 1e-6:
        raise ValueError(
            f"predict must return the probability of each string, not negative, summing to one over all strings; "
            f"got a sum of {found.sum():g} and a smallest one of {found.min():g}."
        )
    normalised: NDArray[np.float64] = found / found.sum()
    return normalised


METRICS.add(
    Metric(
        name="total-variation",
        problem="generation",
        summary="minus half of the sum, over all strings, of what the probabilities are off",
        score=_score,
        margin=0.02,
        validation=_held_out_log_likelihood,
        secondary=_secondary,
    )
)
