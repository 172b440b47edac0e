"""What came out of an attribution, as a table for people and as plain data."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any, Literal

Finding = Literal["needed", "not needed", "open", "not applicable"]

# What a twin lacks, and what follows where it does worse, or as well.
MEANINGS = {
    "separable": ("entanglement", "entanglement helps", "without entanglement it does as well"),
    "frozen": ("training the circuit", "training the circuit helps", "freezing the circuit costs nothing"),
    "matched": ("the circuit itself", "a classical layer does worse", "a classical layer in its place does as well"),
    "surrogate": (
        "more than its frequencies",
        "its frequencies alone do not explain it",
        "a linear map of its frequencies does as well",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of the model, and what happens without it.

    Attributes:
        twin: The kind of twin that lacks it.
        score: Mean test score of the twin; None if there is none.
        difference: Mean of model minus twin.
        lower: One-sided lower bound of the difference at alpha.
        upper: One-sided upper bound of the difference at alpha.
        finding: ``"needed"`` if the lower bound is above 0.01, ``"not needed"`` if the upper bound is at most the
            margin, ``"not applicable"`` if the model has no such part, else ``"open"``.
        note: The finding as a sentence.
        scores: Test score of the twin, one a replicate.
    """

    twin: str
    score: float | None
    difference: float | None
    lower: float | None
    upper: float | None
    finding: Finding
    note: str
    scores: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True, repr=False)
class Attribution:
    """The answer to "which part did the work?".

    Attributes:
        model: Name of the model.
        score: Its mean test score.
        scores: One a replicate.
        parts: One a kind of twin.
        conclusion: One sentence.
        metric: Name of the metric.
        chance: The score of guessing.
        margin: Differences up to it count as nothing.
        alpha: One-sided error rate of each bound.
        design: ``"fresh"`` draws of a task, or ``"resampled"`` splits of one data set.
        replicates: Their number.
        trials: Tuning trials of each contestant and replicate.
        plan: What was run, in words.
    """

    model: str
    score: float
    scores: tuple[float, ...]
    parts: tuple[Part, ...]
    conclusion: str
    metric: str
    chance: float
    margin: float
    alpha: float
    design: str
    replicates: int
    trials: int
    plan: str

    def to_dict(self) -> dict[str, Any]:
        """Return everything in JSON's types."""
        plain = asdict(self)
        plain["parts"] = [{**asdict(part), "scores": list(part.scores)} for part in self.parts]
        return {**plain, "scores": list(self.scores)}

    def __str__(self) -> str:
        rows = [self._head(), *self._rows()]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        return "\n".join([*lines, "", self.conclusion, self._caption()])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        head = _table_row("th", self._head())
        body = "".join(_table_row("td", row) for row in self._rows())
        return (
            f"<p><b>{escape(self.conclusion)}</b></p><table><thead>{head}</thead><tbody>{body}</tbody></table>"
            f"<p><small>{escape(self._caption())}</small></p>"
        )

    def _head(self) -> tuple[str, ...]:
        return "part", "without it", "score", "difference", f"{1 - 2 * self.alpha:.0%} interval", "finding"

    def _rows(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = [("whole model", "", f"{self.score:.3f}", "", "", "")]
        for part in self.parts:
            missing = MEANINGS[part.twin][0]
            numbers = ("–", "–", "–")
            if part.score is not None and part.difference is not None:
                interval = f"[{part.lower:+.3f}, {part.upper:+.3f}]"
                numbers = (f"{part.score:.3f}", f"{part.difference:+.3f}", interval)
            rows.append((missing, f"{part.twin} twin", *numbers, f"{part.finding}: {part.note}"))
        return rows

    def _caption(self) -> str:
        kind = "fresh draws" if self.design == "fresh" else "repeated splits (Nadeau–Bengio intervals)"
        return (
            f"{self.model}: {self.metric} on test data, {self.replicates} {kind}, {self.trials} tuning trials each; "
            f"chance {self.chance:g}. A difference is model minus twin: needed above 0.01, not needed up to "
            f"{self.margin:g}."
        )


def conclude(parts: Sequence[Part], *, learned: bool, has_dense: bool) -> str:
    """Say in one sentence which part did the work.

    Args:
        parts: Of the model.
        learned: Whether the model is better than chance by more than the margin.
        has_dense: Whether anything classical in it is trained.

    >>> part = Part(twin="frozen", score=0.9, difference=0.0, lower=0.0, upper=0.0, finding="not needed", note="")
    >>> conclude([part], learned=True, has_dense=True)
    'The dense layers did the work: freezing the circuit costs nothing.'
    """
    if not learned:
        return "Nothing was learned: the model is not better than guessing, so no part of it did any work."
    found = {part.twin: part.finding for part in parts if part.finding != "not applicable"}
    idle = [MEANINGS[twin][2] for twin in MEANINGS if found.get(twin) == "not needed"]
    unsure = [MEANINGS[twin][0] for twin in found if found[twin] == "open"]
    rest = f" Open: whether {_and(unsure)} helps; more replicates or more data would tell." if unsure else ""
    if not idle:
        if unsure:
            return f"No part can be ruled out.{rest}"
        return "The circuit did the work: every twin does worse."
    if found.get("frozen") == "not needed" and has_dense:
        who = "The dense layers did the work"
    elif found.get("separable") == "not needed" and len(idle) == 1:
        who = "Entanglement did no work"
    else:
        who = "A classical model does the same work"
    return f"{who}: {_and(idle)}.{rest}"


def _table_row(tag: str, cells: Sequence[str]) -> str:
    inner = "".join(f'<{tag} style="text-align: left">{escape(cell)}</{tag}>' for cell in cells)
    return f"<tr>{inner}</tr>"


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
