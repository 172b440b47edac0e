"""Looking before the end: O'Brien and Fleming's boundary, its constant, and p-values that know how often one looked."""

import functools
import itertools
import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from qml.errors import SpecError

Looks = tuple[int, ...]

# Gauss-Legendre nodes; 200 agree with 800 to 1e-12 for up to fifty equal steps.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)
_FAR = -9.0  # nothing of a standard Brownian motion on [0, 1] lies below


def check_looks(looks: Sequence[int] | None, fewest: int) -> Looks:
    """Return the looks as a tuple; empty if there is one look only, at the end.

    Args:
        looks: Numbers of replicates at which the verdict is looked at, rising; None for one look.
        fewest: Fewest replicates of the first look.

    Raises:
        SpecError: If they are no whole numbers, do not rise, or begin too early.

    >>> check_looks([10, 20, 30, 40], fewest=10), check_looks(None, fewest=10)
    ((10, 20, 30, 40), ())
    """
    given = () if looks is None else tuple(looks)
    whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in given)
    if not whole or any(late <= early for early, late in itertools.pairwise(given)):
        raise SpecError(f"looks must be whole numbers that rise, such as [10, 20, 30, 40]; got {list(given)}.")
    if given and given[0] < fewest:
        raise SpecError(f"the first look must have at least {fewest} replicates; got looks={list(given)}.")
    return tuple(int(n) for n in given)


def crossing_probability(constant: float, looks: Looks) -> float:
    """Return the chance that z ever passes ``constant * sqrt(looks[-1] / looks[k])`` at look k, when nothing is there.

    With B(t) a Brownian motion, t = looks / looks[-1] and z = B / sqrt(t), the boundary is one level for B, the
    constant.  The density of what has not crossed is carried from look to look by numerical integration.

    Source: O'Brien & Fleming 1979, Biometrics 35, 549; Armitage, McPherson & Rowe 1969, Journal of the Royal
        Statistical Society A 132, 235.

    >>> round(crossing_probability(2.024, (10, 20, 30, 40)), 4)
    0.025
    """
    times = np.asarray(looks, dtype=np.float64) / looks[-1]
    level = float(np.clip(constant, _FAR + 1e-6, -_FAR))
    places = _FAR + (_NODES + 1) / 2 * (level - _FAR)
    weights = _WEIGHTS * (level - _FAR) / 2
    crossed = float(ndtr(-level / math.sqrt(times[0])))
    density = _normal(places, times[0])
    for step in np.diff(times):
        crossed += float(np.dot(weights * density, ndtr((places - level) / math.sqrt(step))))
        density = _normal(places[:, None] - places, step) @ (weights * density)
    return crossed


def _normal(distance: np.typing.NDArray[np.float64], variance: float) -> np.typing.NDArray[np.float64]:
    return np.asarray(np.exp(-(distance**2) / (2 * variance)) / math.sqrt(2 * math.pi * variance), dtype=np.float64)


@functools.cache
def obrien_fleming_constant(looks: Looks, alpha: float) -> float:
    """Return C such that crossing C * sqrt(looks[-1] / looks[k]) at any look has probability alpha, on one side.

    The tabulated 2.024 for four equal looks is *two-sided* 5 % (2.5 % a side); one-sided 5 % would be 1.733.

    Source: O'Brien & Fleming 1979; Jennison & Turnbull 2000, Group Sequential Methods, table 2.3.

    >>> round(obrien_fleming_constant((10, 20, 30, 40), 0.025), 3)
    2.024
    """
    return float(brentq(lambda constant: crossing_probability(constant, looks) - alpha, 0.0, 8.5, xtol=1e-10))


def nominal_level(looks: Looks, n: int, alpha: float) -> float:
    """Return the one-sided p-value that a single look must beat: alpha with one look, O'Brien-Fleming's with several.

    With several, alpha is shared: the chance of *any* false call, of a better or of a worse quantum side, is alpha.

    Args:
        looks: All planned looks; empty for one.
        n: Replicates of this look.
        alpha: One-sided error rate of a study with one look.

    >>> [round(nominal_level((10, 20, 30, 40), n, 0.05), 5) for n in (10, 20, 30, 40)]
    [3e-05, 0.0021, 0.00971, 0.02147]
    """
    if len(looks) < 2:
        return alpha
    return float(ndtr(-obrien_fleming_constant(looks, alpha / 2) * math.sqrt(looks[-1] / n)))


def p_value_after_looks(p_values: Sequence[float], looks: Looks) -> float:
    """Return one p-value for what was seen at the looks so far, valid however many follow; compare it with alpha.

    It is the smallest alpha whose O'Brien-Fleming boundary has been crossed, so it never rises from look to look.  Each
    p-value is turned into the z that has it, as in Pocock's approximation for t statistics.

    Args:
        p_values: One-sided p-value of each look so far.
        looks: All planned looks; with fewer than two, the p-value is returned as it is.

    Source: Liu & Anderson 2008, Journal of the American Statistical Association 103, 1621 (sequential p-values); Pocock
        1977, Biometrika 64, 191.

    >>> round(p_value_after_looks([0.5, 0.0021], (10, 20, 30, 40)), 2)
    0.05
    """
    if len(looks) < 2:
        return p_values[-1]
    levels = [-float(ndtri(p)) * math.sqrt(n / looks[-1]) for p, n in zip(p_values, looks, strict=False)]
    return min(1.0, 2 * crossing_probability(max(levels), looks))
