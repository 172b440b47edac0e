"""Paired scores of a quantum and a classical side -> one honest word, with the numbers behind it."""

from dataclasses import asdict, dataclass
from typing import Any

from numpy.typing import ArrayLike

from qml.advantage.comparison import compare
from qml.advantage.decision import Label, conclude
from qml.advantage.gates import not_learned, too_few_replicates
from qml.advantage.scores import (
    Design,
    check_alpha,
    check_chance,
    check_design,
    check_margin,
    json_safe,
    paired_scores,
)


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

    Returns:
        The verdict; INCONCLUSIVE below 10 replicates, whatever the scores.

    Raises:
        SpecError: If the scores are not paired, finite vectors of at least two, or another value cannot be used.

    Source: Nadeau & Bengio 2003 (repeated splits); Benavoli et al. 2017, JMLR 18(77) (the region of equivalence).

    >>> quantum = [0.95, 0.97, 0.96, 0.94, 0.95, 0.98, 0.96, 0.95, 0.97, 0.96]
    >>> classical = [0.88, 0.90, 0.87, 0.89, 0.88, 0.91, 0.90, 0.86, 0.90, 0.89]
    >>> verdict(quantum, classical, margin=0.02).label
    'ADVANTAGE'
    >>> verdict(quantum, quantum, margin=0.02).label
    'NO ADVANTAGE'
    """
    check_design(design, test_fraction)
    check_margin(margin)
    check_alpha(alpha)
    ours, theirs = paired_scores(quantum, classical)
    found = compare(ours - theirs, margin=margin, design=design, test_fraction=test_fraction, alpha=alpha)
    gates = [too_few_replicates(len(ours))]
    if chance is not None:
        check_chance(chance)
        gates.append(
            not_learned(
                ours, theirs, chance=chance, margin=margin, design=design, test_fraction=test_fraction, alpha=alpha
            )
        )
    label, reason = conclude(found, [gate for gate in gates if gate])
    return Verdict(
        label=label,
        reason=reason,
        mean=found.mean,
        interval=found.interval,
        p_advantage=found.p_advantage,
        p_equivalent=found.p_equivalent,
        p_disadvantage=found.p_disadvantage,
        minimum_detectable_effect=found.minimum_detectable_effect,
        n_replicates=found.n_replicates,
        margin=float(margin),
        design=design,
        test_fraction=test_fraction,
        alpha=float(alpha),
    )
