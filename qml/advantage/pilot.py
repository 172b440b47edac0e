"""How many replicates a study needs, from a few that it will not use."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtri

from qml.advantage.looks import check_looks, nominal_level
from qml.advantage.posterior import ZERO_SPREAD, variance_factor
from qml.advantage.power import POWER, minimum_detectable_effect, replicates_needed
from qml.advantage.scores import Design, check_alpha, check_design, check_margin, json_safe
from qml.advantage.settings import MIN_REPLICATES
from qml.errors import SpecError

PILOT_REPLICATES = 5
CONFIDENCE = 0.8
SPLITS = 30  # of one data set; more bring hardly anything new


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What a pilot proposes for one task.

    Args:
        sd: Standard deviation of the pilot's differences.
        sd_upper: Its upper 80 % confidence limit, on which the proposal rests.
        n_pilot: Replicates of the pilot; none of them belongs into the study.
        true_difference: The difference to be found, in units of the score.
        power: The chance to find it.
        for_advantage: Replicates that show a true difference of that size; None where no number does.
        for_no_advantage: Replicates that show that there is none; None where no number does.
        detectable: For splits of one data set, the smallest difference that 30 of them would find; else None.
        note: What to know about it; may be empty.
    """

    sd: float
    sd_upper: float
    n_pilot: int
    true_difference: float
    power: float
    for_advantage: int | None
    for_no_advantage: int | None
    detectable: float | None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in JSON's types."""
        safe: dict[str, Any] = json_safe(asdict(self))
        return safe


def check_true_difference(true_difference: float, margin: float) -> None:
    """Check that a difference to be found lies beyond the margin.

    Raises:
        SpecError: If not.

    >>> check_true_difference(0.05, margin=0.02)
    """
    if not abs(true_difference) > margin:
        raise SpecError(
            f"the difference to be found must be beyond the margin, {margin:g}; got {true_difference:g}: no number of "
            "replicates tells it from the margin."
        )


def upper_limit_of_sd(sd: float, df: int, confidence: float = CONFIDENCE) -> float:
    """Return the one-sided upper confidence limit of a standard deviation, for normal values.

    Planned with the estimate itself, about half of all studies come out too small; with this limit, one in five.

    Args:
        sd: The estimate.
        df: Its degrees of freedom.
        confidence: Of the limit.

    Source: Browne 1995, Statistics in Medicine 14, 1933.

    >>> round(upper_limit_of_sd(1.0, df=4), 3)
    1.558
    """
    return sd * math.sqrt(df / float(chdtri(df, confidence)))


def propose_replicates(
    differences: ArrayLike,
    *,
    margin: float,
    true_difference: float,
    design: Design = "fresh",
    test_fraction: float | None = None,
    alpha: float = 0.05,
    power: float = POWER,
    n_claims: int = 1,
    looks: Sequence[int] | None = None,
) -> Proposal:
    """Propose the number of replicates from the differences of a pilot, whose replicates are then discarded.

    Args:
        differences: Quantum minus classical on each pilot replicate, real, shape (n,), n >= 2.
        margin: The smallest difference that matters.
        true_difference: The difference that the study is to find; beyond the margin.
        design: ``"fresh"`` or ``"resampled"``, where the number of splits is no remedy.
        test_fraction: For ``"resampled"``.
        alpha: One-sided error rate.
        power: The chance to find it.
        n_claims: Tasks of the study: at Holm's first step each claim is made at alpha / n_claims.
        looks: Planned looks; the number is then that of the last one (a look before it can only help).

    Raises:
        SpecError: If the true difference is not beyond the margin, or another value cannot be used.

    >>> found = propose_replicates([0.05, 0.02, 0.06, 0.03, 0.04], margin=0.02, true_difference=0.05)
    >>> found.for_advantage, found.for_no_advantage
    (10, 18)
    """
    check_margin(margin)
    check_alpha(alpha)
    check_design(design, test_fraction)
    values = np.asarray(differences, dtype=np.float64)
    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all():
        raise SpecError(f"a pilot needs at least 2 finite differences, one a replicate; got {np.shape(values)}.")
    check_true_difference(true_difference, margin)
    planned = check_looks(looks, MIN_REPLICATES)
    sd = float(np.std(values, ddof=1))
    same = sd <= ZERO_SPREAD * max(1.0, float(np.max(np.abs(values))))
    upper = 0.0 if same else upper_limit_of_sd(sd, len(values) - 1)
    level = nominal_level(planned, planned[-1], alpha / n_claims) if planned else alpha / n_claims
    fresh = design == "fresh"
    splits_se = upper * math.sqrt(variance_factor(SPLITS, design, test_fraction))
    return Proposal(
        sd=sd,
        sd_upper=upper,
        n_pilot=len(values),
        true_difference=true_difference,
        power=power,
        for_advantage=_needed(upper, true_difference, margin, level, power) if fresh else None,
        for_no_advantage=_needed(upper, 0.0, margin, alpha, power) if fresh else None,
        detectable=None if fresh else minimum_detectable_effect(splits_se, SPLITS - 1, margin, alpha / n_claims, power),
        note="the pilot's differences are all the same, so it says nothing about the scatter" if same else "",
    )


def _needed(sd: float, difference: float, margin: float, alpha: float, power: float) -> int | None:
    if sd == 0:
        return MIN_REPLICATES
    try:
        return max(MIN_REPLICATES, replicates_needed(sd, difference, margin=margin, alpha=alpha, power=power))
    except SpecError:  # too near the margin: more than a million
        return None
