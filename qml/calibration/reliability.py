"""Is a stated probability kept?  P(difference > m) against how often the true difference is above m."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kstest

from qml.advantage.posterior import Posterior, t_posterior
from qml.calibration.rates import CONFIDENCE, Rate

Array = NDArray[np.float64]
N_BINS = 10
# Margins asked about: this many, up to so many standard errors on either side of the true difference.
N_SHIFTS = 81
REACH = 4.0
N_RESAMPLES = 2000


@dataclass(frozen=True, kw_only=True)
class Study:
    """One study whose true difference is known.

    Args:
        case: The case it repeats.
        differences: Quantum minus classical, one a replicate, shape (n,), n >= 2.
        design: ``"fresh"`` or ``"resampled"``.
        test_fraction: For ``"resampled"``.
        truth: The true mean difference.
        margin: The margin it was judged at.
    """

    case: str
    differences: Array
    design: str
    test_fraction: float | None
    truth: float
    margin: float

    @cached_property
    def posterior(self) -> Posterior:
        """What a verdict knows about the true difference; its ``se`` is 0 where all differences are the same."""
        return t_posterior(self.differences, self.design, self.test_fraction)

    def above(self, margin: float) -> float:
        """Return P(difference > margin), as a verdict states it."""
        return self.posterior.above(margin)


def as_printed(studies: Sequence[Study]) -> list[dict[str, Any]]:
    """Bin the studies by the P(better) that they print, and count in how many the difference is above the margin.

    Returns:
        One row a bin that is not empty: ``low``, ``high``, ``stated`` (mean), ``n``, ``hits``, ``share`` and
        ``interval`` (Clopper–Pearson).
    """
    stated = np.array([study.above(study.margin) for study in studies])
    true = np.array([study.truth > study.margin for study in studies], dtype=bool)
    rows = []
    for place in range(N_BINS):
        chosen = _bins(stated) == place
        if chosen.any():
            rate = Rate(int(true[chosen].sum()), int(chosen.sum()))
            rows.append({**_ends(place), "stated": float(stated[chosen].mean()), **rate.to_dict()})
    return rows


def curve(studies: Sequence[Study], seed: int = 0) -> dict[str, Any]:
    """Draw the reliability curve: each study is asked for P(difference > m) at many m around the true difference.

    With m spread evenly, those among all answers near 0.7 should be right seven times in ten.  Answers of one study
    hang together, so the intervals come from a bootstrap over whole studies.  A study whose differences are all the
    same number states only 0 or 1, and is left out.

    Args:
        studies: Of any cases; the margins asked about are scaled by the median standard error of each case.
        seed: Of the bootstrap.

    Returns:
        ``bins`` (rows with ``low``, ``high``, ``stated``, ``share``, ``interval``, ``n``), ``n_studies``,
        ``n_constant``, and ``uniform_p``: the p-value of a Kolmogorov–Smirnov test that P(difference > truth) is
        uniform over studies, None below 5 of them.

    Source: Dawid 1982 (calibration of stated probabilities, doi:10.1080/01621459.1982.10477856).
    """
    usable = [study for study in studies if study.posterior.se > 0]
    units = {
        case: float(np.median([study.posterior.se for study in usable if study.case == case]))
        for case in {study.case for study in usable}
    }
    counts = np.array([_answers(study, units[study.case]) for study in usable]).reshape(-1, N_BINS, 3)
    totals = counts.sum(axis=0)
    rng = np.random.default_rng(seed)
    resampled = [counts[rng.integers(len(usable), size=len(usable))].sum(axis=0) for _ in range(N_RESAMPLES)]
    bins = [
        {
            **_ends(place),
            "stated": float(stated / n),
            "share": float(hits / n),
            "interval": _percentiles(np.array([_share(sums[place]) for sums in resampled])),
            "n": int(n),
        }
        for place, (n, hits, stated) in enumerate(totals)
        if n
    ]
    values = [study.above(study.truth) for study in usable]
    return {
        "bins": bins,
        "n_studies": len(usable),
        "n_constant": len(studies) - len(usable),
        "uniform_p": float(kstest(values, "uniform").pvalue) if len(values) >= 5 else None,
    }


def _answers(study: Study, unit: float) -> Array:
    """Return, for each bin, how many answers fell there, how many were right to say yes, and the sum of the stated."""
    margins = study.truth + unit * np.linspace(-REACH, REACH, N_SHIFTS)
    stated = np.array([study.above(margin) for margin in margins])
    places = _bins(stated)
    found = np.zeros((N_BINS, 3))
    true = np.sign(study.truth - margins) / 2 + 0.5  # at m = truth the answer is half right
    for column, weights in enumerate((np.ones(N_SHIFTS), true, stated)):
        found[:, column] = np.bincount(places, weights, minlength=N_BINS)
    return found


def _bins(stated: Array) -> NDArray[np.int64]:
    return np.minimum((stated * N_BINS).astype(np.int64), N_BINS - 1)


def _ends(place: int) -> dict[str, float]:
    return {"low": place / N_BINS, "high": (place + 1) / N_BINS}


def _share(row: Array) -> float:
    return float(row[1] / row[0]) if row[0] else float("nan")


def _percentiles(shares: Array) -> list[float]:
    tail = 100 * (1 - CONFIDENCE) / 2
    known = shares[np.isfinite(shares)]
    return [float(end) for end in np.percentile(known, [tail, 100 - tail])]


def truths(differences: Sequence[Array], known: float | None) -> list[float | None]:
    """Return the true difference of each repeat of a case: what is known, or the mean over all *other* repeats.

    Args:
        differences: Of each repeat, shape (n,).
        known: The true difference by construction, or None.

    >>> truths([np.array([0.1, 0.3]), np.array([0.4, 0.4])], None)
    [0.4, 0.2]
    """
    if known is not None:
        return [known] * len(differences)
    return [
        float(np.concatenate([*differences[:place], *differences[place + 1 :]]).mean())
        if len(differences) > 1
        else None
        for place in range(len(differences))
    ]
