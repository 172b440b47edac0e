"""Several claims, each at one look or at several -> one label a claim, corrected for all of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from qml.advantage.comparison import Comparison
from qml.advantage.decision import Label, Stage, conclude
from qml.advantage.holm import holm
from qml.advantage.looks import Looks, p_value_after_looks


@dataclass(frozen=True, kw_only=True)
class Look:
    """What one look shows.

    Args:
        comparison: The numbers; None with fewer than two replicates, when a gate has failed.
        gates: One sentence for each gate that failed at this look.
    """

    comparison: Comparison | None
    gates: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim: quantum is better by more than the margin.

    Args:
        seen: The looks that were reached, at least one.
        looks: All planned looks; empty for one.
    """

    seen: tuple[Look, ...]
    looks: Looks = ()

    def p_value(self, look: int) -> float:
        """Return the p-value of the claim over the looks up to this one; one that a gate stopped says nothing."""
        return self._over_looks(look, "p_advantage")

    def stage(self, look: int) -> Stage | None:
        """Return where this look stands among several; None if there is only one."""
        if len(self.looks) < 2:
            return None
        return Stage(
            number=look + 1,
            total=len(self.looks),
            next_look=self.looks[look + 1] if look + 1 < len(self.looks) else None,
            p_advantage=self.p_value(look),
            p_disadvantage=self._over_looks(look, "p_disadvantage"),
        )

    def conclude(self, look: int, p_holm: float | None, n_claims: int) -> tuple[Label, str]:
        """Return the label and the sentence of one look."""
        seen = self.seen[look]
        if seen.comparison is None:
            return "INCONCLUSIVE", seen.gates[0]
        return conclude(seen.comparison, seen.gates, p_holm, n_claims, self.stage(look))

    def _over_looks(self, look: int, name: str) -> float:
        if len(self.looks) < 2:
            comparison = self.seen[look].comparison
            return 1.0 if comparison is None else 1.0 - float(getattr(comparison, name))
        values = [
            1.0 if seen.comparison is None or seen.gates else 1.0 - float(getattr(seen.comparison, name))
            for seen in self.seen[: look + 1]
        ]
        return p_value_after_looks(values, self.looks)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What became of a claim.

    Args:
        look: Index of the look it rests on: the first one that decides, else the last one reached.
        label: One of the four words.
        reason: One sentence.
        p_holm: Holm-adjusted p-value at that look.
    """

    look: int
    label: Label
    reason: str
    p_holm: float


def settle(claims: Sequence[Claim], *, corrected: bool = True) -> list[Finding]:
    """Settle claims that are made at once, with Holm's correction over all of them.

    A claim keeps the first look that decides it: what was run after it is not judged, so that the answer is the same
    whether anybody stopped there or not.

    Args:
        claims: In any order.
        corrected: Whether Holm's p-value decides and is named; False for a claim that is the only one.

    Source: Maurer & Bretz 2013, Statistics in Biopharmaceutical Research 5, 311 (several claims at several looks).
    """
    latest = [claim.p_value(len(claim.seen) - 1) for claim in claims]
    return [_settle(place, claim, latest, corrected) for place, claim in enumerate(claims)]


def _settle(place: int, claim: Claim, latest: Sequence[float], corrected: bool) -> Finding:
    found: Finding | None = None
    for look in range(len(claim.seen)):
        p_values = [*latest[:place], claim.p_value(look), *latest[place + 1 :]]
        adjusted = holm(p_values)[place]
        label, reason = claim.conclude(look, adjusted if corrected else None, len(latest))
        found = Finding(look=look, label=label, reason=reason, p_holm=adjusted)
        if label != "INCONCLUSIVE":
            break
    assert found is not None  # a claim has seen at least one look
    return found
