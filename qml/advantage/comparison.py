"""Everything that paired differences say, before anybody decides."""

from dataclasses import dataclass

from qml.advantage.crosscheck import bca_interval
from qml.advantage.looks import Looks, nominal_level
from qml.advantage.posterior import Array, t_posterior
from qml.advantage.power import minimum_detectable_effect


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The numbers of one comparison; differences are quantum minus classical, so positive favours quantum.

    Args:
        mean: Mean paired difference, in units of the score.
        interval: Central interval of probability 1 - 2 alpha.
        p_advantage: P(difference > margin).
        p_equivalent: P(|difference| <= margin).
        p_disadvantage: P(difference < -margin).
        minimum_detectable_effect: Smallest true difference called ADVANTAGE with 90 % power.
        n_replicates: How many paired replicates (or splits).
        design: ``"fresh"`` or ``"resampled"``.
        margin: The smallest difference that matters.
        alpha: One-sided error rate.
        constant: Whether every difference is the same number.
        bootstrap: The BCa interval, or None where it does not apply.
    """

    mean: float
    interval: tuple[float, float]
    p_advantage: float
    p_equivalent: float
    p_disadvantage: float
    minimum_detectable_effect: float
    n_replicates: int
    design: str
    margin: float
    alpha: float
    constant: bool
    bootstrap: tuple[float, float] | None


def compare(
    differences: Array,
    *,
    margin: float,
    design: str,
    test_fraction: float | None,
    alpha: float,
    n_claims: int = 1,
    looks: Looks = (),
) -> Comparison:
    """Return the numbers of one comparison.  Checks nothing: see `qml.advantage.scores`.

    Args:
        differences: Quantum minus classical, one a replicate, real, shape (n,), n >= 2.
        margin: The smallest difference that matters, in units of the score.
        design: ``"fresh"`` or ``"resampled"``.
        test_fraction: n_test / (n_test + n_train), for ``"resampled"``.
        alpha: One-sided error rate.
        n_claims: Claims made at once.  The detectable effect is stated at alpha / n_claims, Holm's first step: what is
            detectable there is detectable whatever the other claims turn out to be.
        looks: All planned looks, if there are several and this is one of them: then at the level of this look.

    >>> import numpy as np
    >>> compare(np.array([0.1, 0.3]), margin=0.2, design="fresh", test_fraction=None, alpha=0.05).p_advantage
    0.5
    """
    posterior = t_posterior(differences, design, test_fraction)
    level = nominal_level(looks, len(differences), alpha / n_claims)
    return Comparison(
        mean=posterior.mean,
        interval=posterior.interval(alpha),
        p_advantage=posterior.above(margin),
        p_equivalent=posterior.inside(margin),
        p_disadvantage=posterior.below(-margin),
        minimum_detectable_effect=minimum_detectable_effect(posterior.se, posterior.df, margin, level),
        n_replicates=len(differences),
        design=design,
        margin=margin,
        alpha=alpha,
        constant=posterior.se == 0,
        bootstrap=bca_interval(differences, alpha) if design == "fresh" else None,
    )
