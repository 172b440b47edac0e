"""The verdict as rows: the same words in the page, in a terminal and in markdown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qml.advantage.words import detectable, interval_name, interval_text, number, probability
from qml.calibration.published import warning

# What a comparison without a level of its own may be called.
_PLAIN_WORDS = {
    "ADVANTAGE": "better",
    "NO ADVANTAGE": "equal",
    "DISADVANTAGE": "worse",
    "INCONCLUSIVE": "open",
}
_TONES = {"ADVANTAGE": "up", "DISADVANTAGE": "down", "NO ADVANTAGE": "same", "INCONCLUSIVE": "open"}


@dataclass(frozen=True, kw_only=True)
class VerdictRow:
    """One task's verdict, ready to print; every field is text.

    Args:
        task: Name of the task.
        verdict: The word with its evidence level.
        tone: up, same, down or open; picks a colour.
        difference: Mean paired difference.
        interval: Ends of its 90 % interval.
        margin: Half width of the band of practical equality.
        p_better: Probability that the difference is above the margin.
        p_equal: Probability that it is inside the margin.
        p_worse: Probability that it is below minus the margin.
        p_holm: Corrected p-value of the claim.
        quantum: Mean test score of the quantum side's winners.
        classical: Mean test score of the classical side's winners.
        reason: Why this word.
        note: What the level rests on.
        banner: What to know about the task before reading the row; empty if nothing.
        flags: Things that weaken or strengthen the result.
    """

    task: str
    verdict: str
    tone: str
    difference: str
    interval: str
    margin: str
    p_better: str
    p_equal: str
    p_worse: str
    p_holm: str
    quantum: str
    classical: str
    reason: str
    note: str
    banner: str
    flags: tuple[str, ...]


def verdict_text(row: Mapping[str, Any]) -> str:
    """Return the verdict's word with its level, which it is never printed without.

    >>> verdict_text({"label": "ADVANTAGE", "level": "L1"})
    'ADVANTAGE (L1)'
    >>> verdict_text({"label": "ADVANTAGE", "level": "L1", "exploratory": True})
    'ADVANTAGE (L1, exploratory)'
    """
    stamp = ", exploratory" if row.get("exploratory") else ""
    return f"{row.get('label') or 'INCONCLUSIVE'} ({row.get('level') or 'L0'}{stamp})"


def plain_word(label: str) -> str:
    """Return the word for a secondary comparison, which claims nothing and has no level.

    >>> plain_word("NO ADVANTAGE")
    'equal'
    """
    return _PLAIN_WORDS.get(label, "open")


def tone(label: str) -> str:
    """Return up, same, down or open for a verdict's word."""
    return _TONES.get(label, "open")


def sentence(text: Any) -> str:
    """Return text with a capital at its start and a full stop at its end; nothing stays nothing.

    >>> sentence("too few replicates"), sentence(None)
    ('Too few replicates.', '')
    """
    words = str(text or "").strip()
    return words[:1].upper() + words[1:] + ("" if not words or words.endswith((".", "!", "?")) else ".")


def verdict_rows(verdict: Mapping[str, Any]) -> list[VerdictRow]:
    """Return the verdict's rows in the order of the study.

    Args:
        verdict: The content of verdict.json.
    """
    return [_row(row) for row in verdict.get("tasks", ())]


def verdict_markdown(verdict: Mapping[str, Any]) -> str:
    """Return the verdict as a markdown table, followed by one line of reason a task.

    Args:
        verdict: The content of verdict.json.

    >>> task = {"task": "two-moons", "label": "NO ADVANTAGE", "level": "L0", "mean": 0.001, "interval": [-0.01, 0.012],
    ...         "margin": 0.02, "quantum_score": 0.91, "classical_score": 0.909, "reason": "inside the margin"}
    >>> print(verdict_markdown({"tasks": [task]}))
    | task | verdict | difference [90 %] | margin | quantum | classical |
    |---|---|---|---|---|---|
    | two-moons | NO ADVANTAGE (L0) | +0.001 [−0.010 to +0.012] | 0.020 | 0.910 | 0.909 |
    <BLANKLINE>
    - **two-moons**: Inside the margin.
    """
    rows = verdict_rows(verdict)
    name = interval_name(float(verdict.get("protocol", {}).get("alpha", 0.05)))
    lines = [f"| task | verdict | difference [{name}] | margin | quantum | classical |", "|---|---|---|---|---|---|"]
    for row in rows:
        difference = f"{row.difference} [{row.interval}]"
        cells = (row.task, row.verdict, difference, row.margin, row.quantum, row.classical)
        lines.append(f"| {' | '.join(map(_markdown_cell, cells))} |")
    reasons = [
        f"- **{row.task}**: {' '.join(filter(None, (row.reason, row.note, sentence(row.banner))))}" for row in rows
    ]
    stamps = [f"- **exploratory**: {sentence(why)}" for why in verdict.get("exploratory", ())]
    return "\n".join([*lines, "", *reasons, *stamps])


def _row(row: Mapping[str, Any]) -> VerdictRow:
    label = str(row.get("label", "INCONCLUSIVE"))
    banner = _banner(row)
    said = tuple(part.split(":")[0] for part in banner.split("; ") if part)
    flags = [str(flag) for flag in row.get("flags", ()) if not str(flag).startswith((*said, "robust"))]
    if row.get("robust"):
        flags.append("robust")
    return VerdictRow(
        task=str(row["task"]),
        verdict=verdict_text(row),
        tone=tone(label),
        difference=number(row.get("mean"), sign=True),
        interval=interval_text(row.get("interval")),
        margin=number(row.get("margin")),
        p_better=probability(row.get("p_advantage")),
        p_equal=probability(row.get("p_equivalent")),
        p_worse=probability(row.get("p_disadvantage")),
        p_holm=probability(row.get("p_advantage_holm")),
        quantum=number(row.get("quantum_score")),
        classical=number(row.get("classical_score")),
        reason=sentence(row.get("reason"))
        + detectable(label, str(row.get("reason") or ""), row.get("minimum_detectable_effect")),
        note=" ".join(filter(None, [sentence(row.get("level_note")), sentence(row.get("circuits"))])),
        banner=banner,
        flags=tuple(dict.fromkeys(flags)),
    )


def _banner(row: Mapping[str, Any]) -> str:
    parts = [failed] if (failed := warning()) else []
    if row.get("engineered"):
        parts.append("engineered: the generator favours quantum models")
    if row.get("null"):
        parts.append("null: there is nothing to learn here")
    return "; ".join(parts)


def _markdown_cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
