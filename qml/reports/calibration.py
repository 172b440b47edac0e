"""The calibration suite's summary as a page of markdown and a picture."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from qml.advantage.words import number, probability
from qml.errors import RecordError
from qml.reports.charts import figure, reliability

FILE_NAME = "report.md"
PICTURE = "reliability.png"
_GROUPS = {"null": "Nulls", "positive": "Positives", "trap": "Traps"}


def write_calibration(folder: str | os.PathLike[str]) -> Path:
    """Write report.md and reliability.png beside calibration.json; nothing is run.

    Args:
        folder: The results folder of a calibration.

    Returns:
        The path of the page.

    Raises:
        RecordError: If there is no calibration.json, or it cannot be read.
    """
    place = Path(folder)
    summary = read_calibration(place / "calibration.json")
    bins = summary["reliability"]["curve"]["bins"]
    if bins:
        figure(reliability(bins), place / PICTURE, width=320)
    target = place / FILE_NAME
    target.write_text(calibration_markdown(summary), encoding="utf-8")
    return target


def read_calibration(path: Path) -> dict[str, Any]:
    """Read calibration.json.

    Raises:
        RecordError: If it is not there, or cannot be read.
    """
    try:
        summary: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RecordError(f"{path} cannot be read as a calibration ({error}). Make it with: qml calibrate") from None
    return summary


def calibration_markdown(summary: Mapping[str, Any]) -> str:
    """Return the page; its first line says whether every target is met, and if not, which and why.

    Args:
        summary: The content of calibration.json.
    """
    parts = [
        f"**{summary['headline']}**",
        "# How often is the verdict right?",
        _about(summary),
        "## Targets",
        _targets(summary["targets"]),
        "## Verdicts",
        *(_cases(summary, group) for group in _GROUPS),
        _alarms(summary["false_alarm"]),
        "## Is a stated probability kept?",
        _reliability(summary["reliability"]),
        "## Defects, injected on purpose",
        _table(
            ("defect", "pitfall", "flagged", "what the answer says"),
            ((row["name"], row["pitfall"], _yes(row["flagged"]), row["answer"]) for row in summary["defects"]),
        ),
        "## What was run",
        _table(
            ("case", "what is compared", "why the answer is known", "studies", "replicates each"),
            (
                (f"{row['code']} {row['name']}", row["summary"], row["source"], row["repeats"], row["replicates"])
                for row in summary["cases"]
            ),
        ),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _about(summary: Mapping[str, Any]) -> str:
    lines = [
        f"Begun on {summary['date']}, judged by qml {summary['version']} (source `{summary['source'][:12]}`, suite "
        f"`{summary['suite'][:12]}`). Written by `qml calibrate`; every number is also in calibration.json.",
        "Each study below was run from data to verdict like any other, and its right answer was known beforehand.",
    ]
    if replay := summary.get("replay"):
        lines.append(
            f"The fits were made by an earlier source (`{replay['made_by'][:12]}`). This one made the first replicate "
            f"of every case again: {replay['equal']} of {replay['replayed_cells']} scores are the same, the largest "
            f"difference is {replay['largest_difference']:.3g}."
        )
    return "\n".join(lines)


def _targets(rows: Sequence[Mapping[str, Any]]) -> str:
    return _table(
        ("target", "must be", "measured", "met", "cause"),
        ((row["name"], row["target"], row["measured"], _yes(row["met"]), row["cause"]) for row in rows),
    )


def _cases(summary: Mapping[str, Any], group: str) -> str:
    rows = [case for case in summary["cases"] if case["group"] == group]
    if not rows:
        return ""
    labels = list(rows[0]["labels"])
    return _table(
        (_GROUPS[group], "studies", *labels, "levels", "mean difference", "sd", "open because"),
        (
            (
                f"{row['code']} {row['name']}",
                row["finished"],
                *(row["labels"][label] for label in labels),
                ", ".join(f"{count} {level}" for level, count in row["levels"].items()),
                number(row["mean_difference"], sign=True),
                number(row["sd_difference"]),
                ", ".join(f"{count} {reason}" for reason, count in row["reasons"].items()),
            )
            for row in rows
        ),
    )


def _alarms(rates: Mapping[str, Mapping[str, Any]]) -> str:
    if not rates["advantage"]["n"]:
        return ""
    return (
        f"Over all nulls: false ADVANTAGE {_rate(rates['advantage'])}, false DISADVANTAGE "
        f"{_rate(rates['disadvantage'])}. The margin makes both rarer than α. Without a margin, P(difference > 0) "
        f"passed 0.95 in {_rate(rates['advantage_at_margin_0'])}; 5 % are to be expected there."
    )


def _reliability(found: Mapping[str, Any]) -> str:
    curve = found["curve"]
    if not curve["bins"]:
        return "No study is finished yet."
    uniform = "" if curve["uniform_p"] is None else f" (Kolmogorov–Smirnov p = {probability(curve['uniform_p'])})"
    constant = (
        f" {curve['n_constant']} studies whose differences are all the same number are left out."
        if curve["n_constant"]
        else ""
    )
    return "\n\n".join(
        [
            f"Each of {curve['n_studies']} studies was asked for P(difference > m) at many m around the true "
            "difference, which is known by construction or is the mean over all other studies of the case. Of the "
            f"answers near 0.7, seven in ten should be true{uniform}.{constant}",
            f"![Stated probability against the share in which it is true]({PICTURE})",
            _bins(curve["bins"], "answers"),
            "The same for P(better) as the studies print it, at their own margin:",
            _bins(found["as_printed"], "studies"),
        ]
    )


def _bins(rows: Iterable[Mapping[str, Any]], unit: str) -> str:
    return _table(
        ("stated", "mean stated", "true in", "95 % interval", unit),
        (
            (
                f"{row['low']:.1f} to {row['high']:.1f}",
                number(row["stated"]),
                number(row["share"]),
                f"{number(row['interval'][0])} to {number(row['interval'][1])}",
                row["n"],
            )
            for row in rows
        ),
    )


def _rate(rate: Mapping[str, Any]) -> str:
    low, high = rate["interval"]
    share = "–" if rate["share"] is None else f"{rate['share']:.1%}"
    return f"{rate['hits']} of {rate['n']} ({share}, 95 % interval {low:.1%} to {high:.1%})"


def _yes(value: bool) -> str:
    return "yes" if value else "**no**"


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(_cell(value) for value in row)} |" for row in rows]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    return " ".join(str(value).replace("|", "\\|").split())
