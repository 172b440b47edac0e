"""Several tasks at once: the mean difference over tasks like these, and what a new one may bring."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import chdtri, ndtr

from qml.advantage.decision import decide
from qml.advantage.posterior import Array, Posterior
from qml.advantage.scores import json_safe
from qml.advantage.words import relation

MIN_TASKS = 6

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)
_WEIGHTS = _WEIGHTS / 2
_HALVINGS = 60
READINGS: Mapping[str, str] = {
    "ADVANTAGE": "better",
    "DISADVANTAGE": "worse",
    "NO ADVANTAGE": "equal",
    "INCONCLUSIVE": "open",
}


@dataclass(frozen=True, kw_only=True, repr=False)
class Pooled:
    """The mean difference over a population of tasks; all numbers are None without a pooled claim.

    Args:
        n_tasks: Tasks that were pooled.
        tasks: Their names.
        left_out: Why each other task is not among them.
        note: Why there is no pooled claim; empty if there is one.
        mean: Estimated mean difference over tasks like these.
        interval: Its central interval of probability 1 - 2 alpha.
        spread: Standard deviation of the true difference from task to task.
        margin: The smallest difference that matters.
        p_better: P(mean over tasks > margin).
        p_equal: P(|mean over tasks| <= margin).
        p_worse: P(mean over tasks < -margin).
        p_new_better: P(true difference on a new task > margin).
        p_new_equal: P(|true difference on a new task| <= margin).
        p_new_worse: P(true difference on a new task < -margin).
        reading: ``"better"``, ``"equal"``, ``"worse"`` or ``"open"``; about the mean.
    """

    n_tasks: int
    tasks: tuple[str, ...]
    left_out: Mapping[str, str]
    note: str = ""
    mean: float | None = None
    interval: tuple[float, float] | None = None
    spread: float | None = None
    margin: float | None = None
    p_better: float | None = None
    p_equal: float | None = None
    p_worse: float | None = None
    p_new_better: float | None = None
    p_new_equal: float | None = None
    p_new_worse: float | None = None
    reading: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in JSON's types."""
        safe: dict[str, Any] = json_safe({**asdict(self), "left_out": dict(self.left_out)})
        return safe

    def __str__(self) -> str:
        return pooled_text(asdict(self))

    def __repr__(self) -> str:
        return f"<Pooled {self}>"


def pooled_text(pooled: Mapping[str, Any]) -> str:
    """Return a pooled row, as verdict.json has it, as a sentence.

    >>> pooled_text({"mean": None, "note": "2 of the tasks can be pooled, at least 6 are needed"})
    'Over tasks: no pooled claim: 2 of the tasks can be pooled, at least 6 are needed.'
    """
    if pooled.get("mean") is None:
        return f"Over tasks: no pooled claim: {pooled.get('note')}."
    low, high = pooled["interval"]
    return (
        f"Over {pooled['n_tasks']} tasks: {pooled['reading']}: mean difference {pooled['mean']:+.3f} "
        f"[{low:+.3f}, {high:+.3f}], margin {pooled['margin']:g}; from task to task it scatters by "
        f"{pooled['spread']:.3f}; a new task lies inside the margin with P {relation(pooled['p_new_equal'])}, above "
        f"with P {relation(pooled['p_new_better'])}, below with P {relation(pooled['p_new_worse'])}."
    )


def paule_mandel(effects: Array, variances: Array) -> float:
    """Return the variance between tasks: what makes the weighted squares add up to their expectation; at least 0.

    Args:
        effects: Mean difference of each task, shape (k,), k >= 2.
        variances: Squared standard errors, shape (k,), each > 0.

    Source: Paule & Mandel 1982, Journal of Research of the NBS 87, 377.

    >>> round(paule_mandel(np.array([0.0, 0.2]), np.array([0.01, 0.01])), 9)  # s² = 0.02, less 0.01
    0.01
    """
    return float(_between_at(effects, variances, np.array([len(effects) - 1.0]))[0])


def _between_at(effects: Array, variances: Array, squares: Array) -> Array:
    """Return the variance between tasks at which the weighted squares are so much, shape of ``squares``; at least 0."""
    low = np.zeros_like(squares)
    high = np.sum((effects - effects.mean()) ** 2) / squares  # the squares are less there
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        weights = 1 / (variances + middle[:, None])
        centres = weights @ effects / weights.sum(axis=1)
        above = np.sum(weights * (effects - centres[:, None]) ** 2, axis=1) > squares
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return low


def hartung_knapp(effects: Array, variances: Array, between: float) -> Posterior:
    """Return the mean over tasks as a t distribution with k - 1 degrees of freedom.

    The standard error comes from how the tasks scatter, since a few tasks estimate the variance between them badly; it
    is never smaller than what the errors of the tasks alone make, however alike the tasks came out.

    Args:
        effects: Mean difference of each task, shape (k,), k >= 2.
        variances: Squared standard errors, shape (k,).
        between: Variance between tasks; see `paule_mandel`.

    Source: Hartung & Knapp 2001, Statistics in Medicine 20, 1771; the lower limit is that of Röver, Knapp & Friede
        2015, BMC Medical Research Methodology 15, 99.
    """
    weights = 1 / (variances + between)
    mean = float(np.dot(weights, effects) / weights.sum())
    squares = float(np.dot(weights, (effects - mean) ** 2)) / (len(effects) - 1)
    return Posterior(mean=mean, se=float(np.sqrt(max(1.0, squares) / weights.sum())), df=len(effects) - 1)


@dataclass(frozen=True)
class NewTask:
    """The true difference on a new task of the same kind: normal distributions, mixed evenly.

    Args:
        means: Centre of each, shape (n,).
        sds: Standard deviation of each, shape (n,).
    """

    means: Array
    sds: Array

    def above(self, value: float) -> float:
        """Return P(true difference > value)."""
        return float(np.dot(_WEIGHTS, ndtr((self.means - value) / self.sds)))

    def below(self, value: float) -> float:
        """Return P(true difference < value)."""
        return float(np.dot(_WEIGHTS, ndtr((value - self.means) / self.sds)))


def new_task(effects: Array, variances: Array) -> NewTask:
    """Return what a new task may bring, with all that a few tasks leave open about how much tasks differ.

    The weighted squares have a chi-square distribution at the true variance between tasks.  Each of its quantiles
    therefore stands for a variance that the data allow, and each of these for a normal distribution.  The usual
    prediction interval takes one estimate of the variance instead, and with six tasks that hardly differ its "90 %"
    holds the new one in 82 % of cases.

    Args:
        effects: Mean difference of each task, shape (k,), k >= 2.
        variances: Squared standard errors, shape (k,), each > 0.

    Source: Nagashima, Noma & Furukawa 2019, Statistical Methods in Medical Research 28, 1689 (a confidence distribution
        of the variance); Viechtbauer 2007, Statistics in Medicine 26, 37 (the pivot).
    """
    quantiles = chdtri(len(effects) - 1, 1 - (_NODES + 1) / 2)
    between = _between_at(effects, variances, quantiles)
    weights = 1 / (variances + between[:, None])
    return NewTask(weights @ effects / weights.sum(axis=1), np.sqrt(1 / weights.sum(axis=1) + between))


@dataclass(frozen=True, kw_only=True)
class TaskEffect:
    """One task on its way into the pool.

    Args:
        task: Its name.
        posterior: Mean difference with its standard error; None with fewer than two replicates.
        metric: The metric's name.
        margin: The smallest difference that matters.
        left_out: Why it does not belong into the pool; empty if it does.
    """

    task: str
    posterior: Posterior | None
    metric: str
    margin: float
    left_out: str = ""


def pool_tasks(effects: Sequence[TaskEffect], alpha: float = 0.05) -> Pooled:
    """Pool the differences of several tasks by random effects; under six tasks nothing is claimed.

    Args:
        effects: One entry a task.
        alpha: One-sided error rate.
    """
    left_out = {effect.task: _why_not(effect) for effect in effects if _why_not(effect)}
    used = [effect for effect in effects if effect.task not in left_out]
    names = tuple(effect.task for effect in used)
    note = _no_claim(used)
    if note:
        return Pooled(n_tasks=len(used), tasks=names, left_out=left_out, note=note)
    posteriors = [effect.posterior for effect in used if effect.posterior is not None]
    means = np.array([posterior.mean for posterior in posteriors])
    variances = np.array([posterior.se**2 for posterior in posteriors])
    between = paule_mandel(means, variances)
    mean = hartung_knapp(means, variances, between)
    new, margin = new_task(means, variances), used[0].margin
    parts = mean.above(margin), mean.inside(margin), mean.below(-margin)
    return Pooled(
        n_tasks=len(used),
        tasks=names,
        left_out=left_out,
        mean=mean.mean,
        interval=mean.interval(alpha),
        spread=float(np.sqrt(between)),
        margin=margin,
        p_better=parts[0],
        p_equal=parts[1],
        p_worse=parts[2],
        p_new_better=new.above(margin),
        p_new_equal=max(0.0, 1.0 - new.above(margin) - new.below(-margin)),
        p_new_worse=new.below(-margin),
        reading=READINGS[decide(*parts, alpha)],
    )


def _why_not(effect: TaskEffect) -> str:
    if effect.left_out:
        return effect.left_out
    if effect.posterior is None:
        return "fewer than two replicates"
    return "no scatter between replicates" if effect.posterior.se == 0 else ""


def _no_claim(used: Sequence[TaskEffect]) -> str:
    if len(used) < MIN_TASKS:
        return f"{len(used)} of the tasks can be pooled, at least {MIN_TASKS} are needed"
    for what, values in (("metrics", {e.metric for e in used}), ("margins", {e.margin for e in used})):
        if len(values) > 1:
            return f"the tasks have different {what} ({', '.join(sorted(map(str, values)))})"
    return ""
