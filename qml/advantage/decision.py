"""The decision table: gates and probabilities in, one of four words and a sentence out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qml.advantage.comparison import Comparison
from qml.advantage.words import relation

Label = Literal["ADVANTAGE", "NO ADVANTAGE", "DISADVANTAGE", "INCONCLUSIVE"]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Which of several looks this is, and what was seen so far.

    Args:
        number: From 1.
        total: Planned looks.
        next_look: Replicates of the next one; None at the last.
        p_advantage: p-value of "better by more than the margin" over the looks so far; compare it with alpha.
        p_disadvantage: The same for "worse".
    """

    number: int
    total: int
    next_look: int | None
    p_advantage: float
    p_disadvantage: float

    def __str__(self) -> str:
        return f"look {self.number} of {self.total}"


def decide(p_advantage: float, p_equivalent: float, p_disadvantage: float, alpha: float) -> Label:
    """Return the label that the three probabilities allow when every gate is passed.

    >>> decide(0.97, 0.03, 0.0, alpha=0.05), decide(0.5, 0.5, 0.0, alpha=0.05)
    ('ADVANTAGE', 'INCONCLUSIVE')
    """
    if p_advantage > 1 - alpha:
        return "ADVANTAGE"
    if p_disadvantage > 1 - alpha:
        return "DISADVANTAGE"
    if p_equivalent > 1 - alpha:
        return "NO ADVANTAGE"
    return "INCONCLUSIVE"


def decide_by_interval(interval: tuple[float, float], margin: float) -> Label:
    """Return the label that an interval of probability 1 - 2 alpha allows.

    >>> decide_by_interval((0.03, 0.05), margin=0.02), decide_by_interval((-0.01, 0.01), margin=0.02)
    ('ADVANTAGE', 'NO ADVANTAGE')
    """
    low, high = interval
    if low > margin:
        return "ADVANTAGE"
    if high < -margin:
        return "DISADVANTAGE"
    if -margin <= low and high <= margin:
        return "NO ADVANTAGE"
    return "INCONCLUSIVE"


def decide_at_look(stage: Stage, p_equivalent: float, alpha: float) -> Label:
    """Return the label that a look allows: better or worse at any, equal at the last one only.

    >>> last = Stage(number=4, total=4, next_look=None, p_advantage=0.2, p_disadvantage=1.0)
    >>> decide_at_look(last, p_equivalent=0.97, alpha=0.05)
    'NO ADVANTAGE'
    """
    if stage.p_advantage < alpha:
        return "ADVANTAGE"
    if stage.p_disadvantage < alpha:
        return "DISADVANTAGE"
    if stage.next_look is None and p_equivalent > 1 - alpha:
        return "NO ADVANTAGE"
    return "INCONCLUSIVE"


def conclude(
    comparison: Comparison,
    gates: Sequence[str] = (),
    p_holm: float | None = None,
    n_claims: int = 1,
    stage: Stage | None = None,
) -> tuple[Label, str]:
    """Return the label and the sentence that explains it.

    Args:
        comparison: The numbers.
        gates: One sentence for each gate that failed; any of them makes the verdict INCONCLUSIVE.
        p_holm: Adjusted p-value of the claim "better by more than the margin"; None if it is the only claim.
        n_claims: How many claims were made at once.
        stage: Which look this is; None if there is only one.
    """
    if gates:
        return "INCONCLUSIVE", gates[0]
    label = (
        decide(comparison.p_advantage, comparison.p_equivalent, comparison.p_disadvantage, comparison.alpha)
        if stage is None
        else decide_at_look(stage, comparison.p_equivalent, comparison.alpha)
    )
    if label == "INCONCLUSIVE":
        return label, _undecided(comparison, stage)
    if label == "ADVANTAGE" and p_holm is not None and p_holm >= comparison.alpha:
        return "INCONCLUSIVE", (
            f"not after Holm: on its own P(difference > {comparison.margin:g}) {relation(comparison.p_advantage)} "
            f"would do, but among {_claims(n_claims)} its adjusted p-value {relation(p_holm)} "
            f"is not below {comparison.alpha:g}"
        )
    if comparison.bootstrap is not None and decide_by_interval(comparison.bootstrap, comparison.margin) != label:
        low, high = comparison.bootstrap
        return "INCONCLUSIVE", (
            f"two methods disagree: the t interval says that {_finding(label, comparison.margin)}, the BCa bootstrap "
            f"interval [{low:.3f}, {high:.3f}] does not; the differences are far from normal, "
            "more replicates are needed"
        )
    return label, _conclusive(label, comparison, p_holm, n_claims, stage)


def _conclusive(label: Label, comparison: Comparison, p_holm: float | None, n_claims: int, stage: Stage | None) -> str:
    size, margin = abs(comparison.mean), comparison.margin
    if label == "NO ADVANTAGE":
        if comparison.constant and comparison.mean == 0:
            return f"both sides score the same in all {comparison.n_replicates} replicates"
        probability = f"P(|difference| <= {margin:g}) {relation(comparison.p_equivalent)}"
        return f"the difference lies within ±{margin:g}; {probability}{'' if stage is None else f' at {stage}'}"
    same = " (the same difference in every replicate: make sure that they are different draws)"
    note = same if comparison.constant else ""
    if label == "ADVANTAGE":
        adjusted = "" if p_holm is None else f", Holm-adjusted p-value {relation(p_holm)} among {_claims(n_claims)}"
        if stage is not None:
            adjusted = f" at {stage}, p-value over the looks {relation(stage.p_advantage)}{adjusted}"
        probability = f"P(difference > {margin:g}) {relation(comparison.p_advantage)}"
        return f"quantum is better by {size:.3f}: {probability}{adjusted}{note}"
    probability = f"P(difference < -{margin:g}) {relation(comparison.p_disadvantage)}"
    if stage is not None:
        probability += f" at {stage}, p-value over the looks {relation(stage.p_disadvantage)}"
    return f"classical is better by {size:.3f}: {probability}{note}"


def _finding(label: Label, margin: float) -> str:
    """Say what one method alone would conclude; the verdict's word belongs to the verdict."""
    if label == "NO ADVANTAGE":
        return f"the difference lies within ±{margin:g}"
    return f"{'quantum' if label == 'ADVANTAGE' else 'classical'} is better by more than {margin:g}"


def _undecided(comparison: Comparison, stage: Stage | None) -> str:
    if stage is None:
        return f"underpowered: {_reach(comparison, 'study')}"
    if stage.next_look is None:
        return f"underpowered at {stage}: {_reach(comparison, 'look')}"
    return (
        f"open at {stage}: {_reach(comparison, 'look')}; go on to {stage.next_look} replicates (that there is no "
        "advantage can be said at the last look only)"
    )


def _reach(comparison: Comparison, what: str) -> str:
    unit = "replicates" if comparison.design == "fresh" else "splits of one data set"
    hint = "" if comparison.design == "fresh" else "; more splits hardly help, more data does"
    return (
        f"with {comparison.n_replicates} {unit} the smallest difference this {what} could call is "
        f"{comparison.minimum_detectable_effect:.3f} (with 90 % power); the measured one is "
        f"{comparison.mean:.3f} [{comparison.interval[0]:.3f}, {comparison.interval[1]:.3f}]{hint}"
    )


def _claims(n_claims: int) -> str:
    return f"{n_claims} claim{'' if n_claims == 1 else 's'}"
