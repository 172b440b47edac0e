"""The posterior of a mean paired difference: a t distribution, for fresh draws and for repeated splits."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

Array = NDArray[np.float64]

# Below these a spread or a distance is rounding: differences of scores near 1 carry errors of about 1e-16.
ZERO_SPREAD = 1e-12
TIE = 1e-9


@dataclass(frozen=True)
class Posterior:
    """Student's t with ``df`` degrees of freedom, centre ``mean`` and scale ``se``; a point mass if ``se`` is 0.

    Args:
        mean: The mean difference, in units of the score.
        se: Its standard error, in units of the score; 0 when all differences are equal.
        df: Degrees of freedom, at least 1.

    >>> half = Posterior(mean=0.02, se=0.01, df=9)
    >>> half.above(0.02), half.below(0.02)
    (0.5, 0.5)
    """

    mean: float
    se: float
    df: int

    def above(self, value: float) -> float:
        """Return P(difference > value)."""
        if self.se == 0:
            return float(self.mean > value + TIE)
        return float(stdtr(self.df, (self.mean - value) / self.se))

    def below(self, value: float) -> float:
        """Return P(difference < value)."""
        if self.se == 0:
            return float(self.mean < value - TIE)
        return float(stdtr(self.df, (value - self.mean) / self.se))

    def inside(self, margin: float) -> float:
        """Return P(-margin <= difference <= margin)."""
        return max(0.0, 1.0 - self.above(margin) - self.below(-margin))

    def quantile(self, probability: float) -> float:
        """Return the value with that much probability below it."""
        return self.mean + self.se * float(stdtrit(self.df, probability))

    def interval(self, alpha: float) -> tuple[float, float]:
        """Return the central interval of probability 1 - 2 alpha: its ends are the one-sided bounds at alpha."""
        return self.quantile(alpha), self.quantile(1 - alpha)


def variance_factor(n: int, design: str, test_fraction: float | None) -> float:
    """Return se² / s²: 1/n for fresh draws, 1/n + n_test/n_train for repeated splits of one finite data set.

    Repeated splits share their rows, so their differences are correlated, and 1/n alone is far too small.

    Source: Nadeau & Bengio 2003, Machine Learning 52, 239; the same as the correlated t-test of Corani & Benavoli 2015
        with correlation n_test / (n_test + n_train).

    >>> variance_factor(10, "fresh", None)
    0.1
    >>> round(variance_factor(100, "resampled", 0.1), 4)
    0.1211
    """
    if design == "fresh":
        return 1 / n
    assert test_fraction is not None  # checked at the public edge
    return 1 / n + test_fraction / (1 - test_fraction)


def t_posterior(differences: Array, design: str = "fresh", test_fraction: float | None = None) -> Posterior:
    """Return the posterior of the mean of paired differences (under the reference prior 1/sd).

    Checks nothing: see `qml.advantage.scores`.

    Args:
        differences: One number a replicate (or a split), real, shape (n,), n >= 2.
        design: ``"fresh"`` (every replicate draws new data) or ``"resampled"`` (splits of one finite data set).
        test_fraction: n_test / (n_test + n_train), for ``"resampled"``.

    >>> t_posterior(np.array([0.1, 0.3]))
    Posterior(mean=0.2, se=0.1, df=1)
    """
    n = len(differences)
    mean = float(np.mean(differences))
    spread = float(np.std(differences, ddof=1))
    if spread <= ZERO_SPREAD * max(1.0, float(np.max(np.abs(differences)))):
        spread = 0.0
    return Posterior(mean=mean, se=spread * math.sqrt(variance_factor(n, design, test_fraction)), df=n - 1)
