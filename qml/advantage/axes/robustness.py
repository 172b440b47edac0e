"""How a score changes with the strength of a disturbance: noise, fewer shots, adversarial inputs."""

import numpy as np
from numpy.typing import ArrayLike

from qml.errors import SpecError

WITHOUT_ZERO = ("negative-log-rmse",)  # metrics of which a share means nothing: their zero is a matter of units


def check_has_zero(metric: str) -> None:
    """Refuse a metric of whose scores no share can be taken.

    Raises:
        SpecError: If its zero depends on the units.

    >>> check_has_zero("balanced-accuracy")
    """
    if metric in WITHOUT_ZERO:
        raise SpecError(
            f"robustness is a share of the score that is lost, and {metric} is a logarithm, whose zero depends on the "
            "units of the targets. Choose the axis generalisation, with survival: true for the scores under noise."
        )


def relative_change(strengths: ArrayLike, scores: ArrayLike) -> float:
    """Return the fitted change of the score over all strengths, relative to the fitted score at the weakest one.

    A straight line is fitted by least squares; the result is its slope times the range of the strengths, divided by its
    value at the smallest strength.  -0.1 means that a tenth of the score is lost.

    Args:
        strengths: Depolarising p, log10 of 1/shots, the radius of PGD; different numbers, shape (k,), k >= 2.
        scores: Shape (k,).

    >>> round(relative_change([0.0, 0.01, 0.02], [0.9, 0.8, 0.7]), 4)
    -0.2222
    """
    x, y = np.asarray(strengths, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1 or len(x) < 2 or np.ptp(x) == 0:
        raise SpecError(f"a slope needs at least 2 different strengths, one score each; got {x.tolist()}, {y.shape}.")
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())
    at_start = float(y.mean() + slope * (x.min() - x.mean()))
    if at_start <= 0:
        raise SpecError(
            f"the fitted score at the weakest strength is {at_start:.3g}; a relative change needs it above 0."
        )
    return slope * float(np.ptp(x)) / at_start
