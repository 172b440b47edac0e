"""A second opinion that assumes no shape: the BCa bootstrap over fresh replicates."""

import numpy as np

from qml.advantage.posterior import ZERO_SPREAD, Array

MIN_REPLICATES = 20
N_RESAMPLES = 10_000
SEED = 20  # fixed: the same scores give the same verdict


def bca_interval(differences: Array, alpha: float = 0.05) -> tuple[float, float] | None:
    """Return the central BCa interval of probability 1 - 2 alpha for the mean of fresh, independent differences.

    It catches disagreement; it is no cure for very skewed differences.  With 20 replicates of a reversed exponential
    (mean 0, long left tail) the t bound alone is wrong in 12 % of studies at 5 %, and both together in 10 %.

    Args:
        differences: One number a replicate, real, shape (n,).
        alpha: One-sided error rate of each end.

    Returns:
        Both ends, in units of the score; None below 20 replicates, or when all differences are equal.

    Source: Efron 1987, Journal of the American Statistical Association 82, 171; `scipy.stats.bootstrap`.

    >>> low, high = bca_interval(np.linspace(-0.1, 0.1, 25))
    >>> -0.03 < low < 0 < high < 0.03
    True
    >>> bca_interval(np.linspace(-0.1, 0.1, 10)) is None
    True
    """
    n = len(differences)
    if n < MIN_REPLICATES or float(np.std(differences)) <= ZERO_SPREAD * max(1.0, float(np.max(np.abs(differences)))):
        return None
    from scipy import stats  # slow to import, and most verdicts do without it

    result = stats.bootstrap(
        (differences,),
        np.mean,
        vectorized=True,
        confidence_level=1 - 2 * alpha,
        n_resamples=N_RESAMPLES,
        batch=max(1, 1_000_000 // n),
        method="BCa",
        random_state=np.random.default_rng(SEED),  # SciPy before 1.15 knows no `rng`
    )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)
