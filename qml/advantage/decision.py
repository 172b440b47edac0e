"""The decision table: gates and probabilities in, one of four words and a sentence out."""

from collections.abc import Sequence
from typing import Literal

from qml.advantage.comparison import Comparison

Label = Literal["ADVANTAGE", "NO ADVANTAGE", "DISADVANTAGE", "INCONCLUSIVE"]


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


def conclude(
    comparison: Comparison, gates: Sequence[str] = (), p_holm: float | None = None, n_claims: int = 1
) -> tuple[Label, str]:
    """Return the label and the sentence that explains it.

    Args:
        comparison: The numbers.
        gates: One sentence for each gate that failed; any of them makes the verdict INCONCLUSIVE.
        p_holm: Adjusted p-value of the claim "better by more than the margin"; None if it is the only claim.
        n_claims: How many claims were made at once.
    """
    if gates:
        return "INCONCLUSIVE", gates[0]
    label = decide(comparison.p_advantage, comparison.p_equivalent, comparison.p_disadvantage, comparison.alpha)
    if label == "INCONCLUSIVE":
        return label, _underpowered(comparison)
    if label == "ADVANTAGE" and p_holm is not None and p_holm >= comparison.alpha:
        return "INCONCLUSIVE", (
            f"not after Holm: on its own P(difference > {comparison.margin:g}) {_is(comparison.p_advantage)} would do, "
            f"but among {n_claims} claims its adjusted p-value {_is(p_holm)} is not below {comparison.alpha:g}"
        )
    if comparison.bootstrap is not None and decide_by_interval(comparison.bootstrap, comparison.margin) != label:
        low, high = comparison.bootstrap
        return "INCONCLUSIVE", (
            f"two methods disagree: the t interval says {label}, the BCa bootstrap interval "
            f"[{low:.3f}, {high:.3f}] does not; the differences are far from normal, more replicates are needed"
        )
    return label, _conclusive(label, comparison, p_holm, n_claims)


def _conclusive(label: Label, comparison: Comparison, p_holm: float | None, n_claims: int) -> str:
    size, margin = abs(comparison.mean), comparison.margin
    if label == "NO ADVANTAGE":
        if comparison.constant and comparison.mean == 0:
            return f"both sides score the same in all {comparison.n_replicates} replicates"
        return f"the difference lies within ±{margin:g}; P(|difference| <= {margin:g}) {_is(comparison.p_equivalent)}"
    same = " (the same difference in every replicate: make sure that they are different draws)"
    note = same if comparison.constant else ""
    if label == "ADVANTAGE":
        adjusted = "" if p_holm is None else f", Holm-adjusted p-value {_is(p_holm)} among {n_claims} claims"
        probability = f"P(difference > {margin:g}) {_is(comparison.p_advantage)}"
        return f"quantum is better by {size:.3f}: {probability}{adjusted}{note}"
    probability = f"P(difference < -{margin:g}) {_is(comparison.p_disadvantage)}"
    return f"classical is better by {size:.3f}: {probability}{note}"


def _underpowered(comparison: Comparison) -> str:
    unit = "replicates" if comparison.design == "fresh" else "splits of one data set"
    hint = "" if comparison.design == "fresh" else "; more splits hardly help, more data does"
    return (
        f"underpowered: with {comparison.n_replicates} {unit} the smallest difference this study could call is "
        f"{comparison.minimum_detectable_effect:.3f} (with 90 % power); the measured one is "
        f"{comparison.mean:.3f} [{comparison.interval[0]:.3f}, {comparison.interval[1]:.3f}]{hint}"
    )


def _is(probability: float) -> str:
    """Print a probability so that neither 0 nor 1 is claimed.

    >>> _is(0.99998), _is(0.04321), _is(1e-9)
    ('> 0.999', '= 0.043', '< 0.001')
    """
    if probability > 0.999:
        return "> 0.999"
    return "< 0.001" if probability < 0.001 else f"= {probability:.3f}"
