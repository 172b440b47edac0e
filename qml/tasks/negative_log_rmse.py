"""The generalisation score of a regression: higher is better, and its margin does not depend on the units."""

import math

import numpy as np
from numpy.typing import ArrayLike

from qml.errors import SpecError
from qml.tasks.metrics import METRICS, Metric

REGRESSION_MARGIN = math.log(1.05)  # errors within 5 % of one another count as equal


def negative_log_rmse(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return -ln of the root mean squared error; a difference of ln 1.05 is 5 % of the error.

    Raises:
        SpecError: If the shapes differ, or the fit is exact, where the logarithm has no end.

    >>> negative_log_rmse([0.0, 2.0], [1.0, 1.0])
    0.0
    """
    truth, found = np.asarray(y_true, dtype=np.float64), np.asarray(y_pred, dtype=np.float64)
    if truth.shape != found.shape or not truth.size:
        raise SpecError(f"targets and predictions must have one shape; got {truth.shape} and {found.shape}.")
    error = math.sqrt(float(np.mean((truth - found) ** 2)))
    if error == 0:
        raise SpecError("the predictions are exact, and -ln RMSE is infinite; compare on noisier data.")
    return 0.0 - math.log(error)


METRICS.add(
    Metric(
        name="negative-log-rmse",
        problem="regression",
        summary="minus the logarithm of the root mean squared error; a difference of 0.05 is 5 % of the error",
        score=negative_log_rmse,
        margin=REGRESSION_MARGIN,
    )
)
