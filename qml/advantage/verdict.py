"""Paired scores of a quantum and a classical side -> one honest word, with the numbers behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qml.advantage.claims import Claim, Finding, Look, settle
from qml.advantage.comparison import compare
from qml.advantage.decision import Label
from qml.advantage.fdr import benjamini_hochberg
from qml.advantage.gates import no_look_yet, not_learned, too_few_replicates
from qml.advantage.looks import Looks, check_looks
from qml.advantage.pooled import Pooled, TaskEffect, pool_tasks
from qml.advantage.posterior import Array, t_posterior
from qml.advantage.scores import (
    Design,
    check_alpha,
    check_chance,
    check_design,
    check_margin,
    json_safe,
    paired_scores,
)
from qml.advantage.settings import MIN_REPLICATES
from qml.advantage.words import detectable
from qml.errors import SpecError


@dataclass(frozen=True, kw_only=True)
class PairedScores:
    """Scores of both sides on one task (higher is better), and what the verdict must know about them.

    Args:
        quantum: Scores of the quantum side, real, shape (n_replicates,), in the order of the replicates.
        classical: Scores of the classical side on the same data, real, shape (n_replicates,).
        margin: The smallest difference that matters, in units of the score.
        design: ``"fresh"`` or ``"resampled"``; see `verdict`.
        test_fraction: For ``"resampled"``.
        chance: The score of guessing; see `verdict`.

    Raises:
        SpecError: If the scores are not paired, finite vectors of at least two, or another value cannot be used.
    """

    quantum: ArrayLike
    classical: ArrayLike
    margin: float
    design: Design = "fresh"
    test_fraction: float | None = None
    chance: float | None = None

    def __post_init__(self) -> None:
        check_design(self.design, self.test_fraction)
        check_margin(self.margin)
        if self.chance is not None:
            check_chance(self.chance)
        ours, theirs = paired_scores(self.quantum, self.classical)
        object.__setattr__(self, "quantum", ours)
        object.__setattr__(self, "classical", theirs)

    @property
    def differences(self) -> Array:
        """Quantum minus classical, shape (n_replicates,)."""
        return np.subtract(self.quantum, self.classical)


@dataclass(frozen=True, kw_only=True, repr=False)
class Verdict:
    """What paired scores say about "quantum is better by more than the margin".

    Args:
        label: ``"ADVANTAGE"``, ``"NO ADVANTAGE"``, ``"DISADVANTAGE"`` or ``"INCONCLUSIVE"``.
        reason: One sentence.
        mean: Mean difference, quantum minus classical, in units of the score.
        interval: Central interval of probability 1 - 2 alpha (90 %): its ends are the one-sided 95 % bounds.
        p_advantage: P(difference > margin).
        p_equivalent: P(|difference| <= margin).
        p_disadvantage: P(difference < -margin).
        minimum_detectable_effect: Smallest true difference that would be called ADVANTAGE with 90 % power.
        n_replicates: Paired replicates (or splits).
        margin: The smallest difference that matters.
        design: ``"fresh"`` or ``"resampled"``.
        test_fraction: For ``"resampled"``.
        alpha: One-sided error rate.
        looks: Planned looks; empty for one.
        look: The look that the verdict rests on, from 1; None with one look, or before the first.
        p_advantage_holm: Holm-adjusted p-value, if this is one of several tasks that were judged at once.
        q_advantage: Benjamini-Hochberg q-value, likewise.
    """

    label: Label
    reason: str
    mean: float
    interval: tuple[float, float]
    p_advantage: float
    p_equivalent: float
    p_disadvantage: float
    minimum_detectable_effect: float
    n_replicates: int
    margin: float
    design: Design
    test_fraction: float | None
    alpha: float
    looks: Looks = ()
    look: int | None = None
    p_advantage_holm: float | None = None
    q_advantage: float | None = None

    @property
    def level(self) -> str:
        """Evidence level: L1 (beats the scores it was given) or L0; scores alone cannot say why, so never more."""
        return "L1" if self.label == "ADVANTAGE" else "L0"

    def to_dict(self) -> dict[str, Any]:
        """Return every field and the level, in JSON's types."""
        safe: dict[str, Any] = json_safe({**asdict(self), "level": self.level})
        return safe

    def __str__(self) -> str:
        low, high = self.interval
        return (
            f"{self.label} ({self.level}): {self.reason}. "
            f"Difference {self.mean:+.3f} [{low:+.3f}, {high:+.3f}], margin {self.margin:g}, "
            f"{self.n_replicates} {self.design} replicates."
            f"{detectable(self.label, self.reason, self.minimum_detectable_effect)}"
        )

    def __repr__(self) -> str:
        return f"<Verdict {self}>"


def verdict(
    quantum: ArrayLike,
    classical: ArrayLike,
    *,
    margin: float,
    design: Design = "fresh",
    test_fraction: float | None = None,
    alpha: float = 0.05,
    chance: float | None = None,
    looks: Sequence[int] | None = None,
) -> Verdict:
    """Judge paired scores (higher is better): is quantum better by more than the margin?

    Replicate i of both sides must share its data.  Each side's score must come from a model that was picked without
    the test data, under equal budgets; nothing here can check that, and `qml.Study` does it for you.

    Args:
        quantum: Scores of the quantum side, real, shape (n_replicates,).
        classical: Scores of the classical side, real, shape (n_replicates,).
        margin: The smallest difference that matters, in units of the score (0.02 for accuracies).
        design: ``"fresh"`` if every replicate drew new data, ``"resampled"`` for repeated splits (or repeated
            cross-validation) of one finite data set.
        test_fraction: Share of the rows in the test part, for ``"resampled"``: 0.25 for 75/25 splits, 0.1 for 10 folds.
        alpha: One-sided error rate.
        chance: The score of guessing.  If given, and neither side beats it by the margin, nothing was learned and the
            verdict is INCONCLUSIVE.  Without it, two sides that both guess look equivalent.
        looks: Numbers of replicates, fixed beforehand, at which the verdict may be looked at and the study stopped,
            such as [10, 20, 30, 40]; for fresh replicates only.  Of the scores, those up to the look that decides are
            judged; between two looks, those up to the last one reached.

    Returns:
        The verdict; INCONCLUSIVE below 10 replicates, whatever the scores.

    Raises:
        SpecError: If the scores are not paired, finite vectors of at least two, or another value cannot be used.

    Source: Nadeau & Bengio 2003 (repeated splits); Benavoli et al. 2017, JMLR 18(77) (the region of equivalence);
        O'Brien & Fleming 1979 (looks).

    >>> quantum = [0.95, 0.97, 0.96, 0.94, 0.95, 0.98, 0.96, 0.95, 0.97, 0.96]
    >>> classical = [0.88, 0.90, 0.87, 0.89, 0.88, 0.91, 0.90, 0.86, 0.90, 0.89]
    >>> verdict(quantum, classical, margin=0.02).label
    'ADVANTAGE'
    >>> verdict(quantum, quantum, margin=0.02).label
    'NO ADVANTAGE'
    """
    scores = PairedScores(
        quantum=quantum,
        classical=classical,
        margin=margin,
        design=design,
        test_fraction=test_fraction,
        chance=chance,
    )
    check_alpha(alpha)
    planned = check_looks(looks, MIN_REPLICATES)
    if planned and design != "fresh":
        raise SpecError(
            "looks are for fresh replicates: more splits of one data set bring hardly anything new. "
            "Fix their number beforehand, and leave looks out."
        )
    claim = _claim(scores, alpha, planned)
    (finding,) = settle([claim], corrected=False)
    return _verdict(scores, claim, finding, alpha)


@dataclass(frozen=True, kw_only=True, repr=False)
class Verdicts:
    """The verdicts on several tasks, Holm over all of them, and what they say together.

    Args:
        tasks: By name.
        pooled: The mean difference over tasks.
    """

    tasks: Mapping[str, Verdict] = field(default_factory=dict)
    pooled: Pooled

    def __getitem__(self, task: str) -> Verdict:
        """Return the verdict on a task."""
        return self.tasks[task]

    def to_dict(self) -> dict[str, Any]:
        """Return everything in JSON's types."""
        rows = [{"task": name, **row.to_dict()} for name, row in self.tasks.items()]
        return {"tasks": rows, "pooled": self.pooled.to_dict()}

    def __str__(self) -> str:
        return "\n".join([*(f"{name}: {row}" for name, row in self.tasks.items()), str(self.pooled)])

    def __repr__(self) -> str:
        return f"<Verdicts {' | '.join(f'{name}: {row.label} ({row.level})' for name, row in self.tasks.items())}>"


def verdicts(tasks: Mapping[str, PairedScores], *, alpha: float = 0.05, looks: Sequence[int] | None = None) -> Verdicts:
    """Judge the paired scores of several tasks at once: one claim a task, Holm over tasks, and a pooled row.

    Args:
        tasks: By name, in the order to report them.
        alpha: One-sided error rate of the whole family.
        looks: As in `verdict`; a task of repeated splits is judged once, with as many splits as the last look.

    Raises:
        SpecError: If there is no task, or a value cannot be used.

    >>> better, worse = [0.9, 0.91, 0.92, 0.93, 0.94] * 2, [0.8, 0.83, 0.8, 0.83, 0.8] * 2
    >>> found = verdicts({name: PairedScores(quantum=better, classical=worse, margin=0.02) for name in ("a", "b")})
    >>> found["a"].label, found.pooled.note
    ('ADVANTAGE', '2 of the tasks can be pooled, at least 6 are needed')
    """
    check_alpha(alpha)
    planned = check_looks(looks, MIN_REPLICATES)
    if not tasks:
        raise SpecError("there is no task to judge.")
    claims = [_claim(scores, alpha, planned, len(tasks)) for scores in tasks.values()]
    findings = settle(claims)
    q_values = benjamini_hochberg([claim.p_value(found.look) for claim, found in zip(claims, findings, strict=True)])
    rows = {
        name: _verdict(scores, claim, found, alpha, q)
        for (name, scores), claim, found, q in zip(tasks.items(), claims, findings, q_values, strict=True)
    }
    effects = [
        TaskEffect(
            task=name,
            posterior=t_posterior(scores.differences[: rows[name].n_replicates], scores.design, scores.test_fraction),
            metric="score",
            margin=float(scores.margin),
            left_out="; ".join(claim.seen[found.look].gates[:1]),
        )
        for (name, scores), claim, found in zip(tasks.items(), claims, findings, strict=True)
    ]
    return Verdicts(tasks=rows, pooled=pool_tasks(effects, alpha))


def _claim(scores: PairedScores, alpha: float, planned: Looks, n_claims: int = 1) -> Claim:
    n = len(scores.differences)
    if planned and n > planned[-1]:
        raise SpecError(
            f"{n} replicates are more than the last look, {planned[-1]}; looks are fixed before the scores are seen."
        )
    looks = planned if scores.design == "fresh" else planned[-1:]
    reached = [look for look in looks if look <= n]
    if looks and not reached:
        return Claim(seen=(_look(scores, n, alpha, (), n_claims, no_look_yet(n, looks[0])),), looks=looks)
    seen = tuple(_look(scores, look, alpha, looks, n_claims) for look in reached or [n])
    return Claim(seen=seen, looks=looks)


def _look(scores: PairedScores, n: int, alpha: float, looks: Looks, n_claims: int, *failed: str) -> Look:
    ours, theirs = np.asarray(scores.quantum)[:n], np.asarray(scores.classical)[:n]
    gates = [*failed, too_few_replicates(n)]
    if scores.chance is not None:
        gates.append(
            not_learned(
                ours,
                theirs,
                chance=scores.chance,
                margin=scores.margin,
                design=scores.design,
                test_fraction=scores.test_fraction,
                alpha=alpha,
            )
        )
    comparison = compare(
        ours - theirs,
        margin=scores.margin,
        design=scores.design,
        test_fraction=scores.test_fraction,
        alpha=alpha,
        n_claims=n_claims,
        looks=looks,
    )
    return Look(comparison=comparison, gates=tuple(gate for gate in gates if gate))


def _verdict(
    scores: PairedScores, claim: Claim, finding: Finding, alpha: float, q_value: float | None = None
) -> Verdict:
    found = claim.seen[finding.look].comparison
    assert found is not None  # there are at least two scores
    stage = claim.stage(finding.look)
    return Verdict(
        label=finding.label,
        reason=finding.reason,
        mean=found.mean,
        interval=found.interval,
        p_advantage=found.p_advantage,
        p_equivalent=found.p_equivalent,
        p_disadvantage=found.p_disadvantage,
        minimum_detectable_effect=found.minimum_detectable_effect,
        n_replicates=found.n_replicates,
        margin=float(scores.margin),
        design=scores.design,
        test_fraction=scores.test_fraction,
        alpha=float(alpha),
        looks=claim.looks,
        look=stage.number if stage is not None and found.n_replicates in claim.looks else None,
        p_advantage_holm=None if q_value is None else finding.p_holm,
        q_advantage=q_value,
    )
