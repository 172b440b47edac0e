"""The calibration that ships with the package, in the words that every report prints."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from qml.calibration.identity import source_hash
from qml.calibration.rates import Rate

FILE_NAME = "published.json"  # equal to results/calibration/calibration.json; docs/refresh.py copies it
PROBLEM = "classification"  # of every case that is a study; verdicts on other kinds of problem rest on the same rules


@cache
def published() -> Mapping[str, Any] | None:
    """Return the summary that came with this package, or None if there is none."""
    file = files("qml.calibration").joinpath(FILE_NAME)
    if not file.is_file():
        return None
    summary: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return summary


def holds(summary: Mapping[str, Any]) -> bool:
    """Tell whether a summary is of the code that is installed."""
    return bool(summary["source"] == source_hash())


def rates(summary: Mapping[str, Any]) -> str:
    """Return date, version and rates of a summary as one sentence.

    >>> text = rates({"date": "2026-11-21", "version": "0.1.0", "cases": [], "defects": [],
    ...               "false_alarm": {"advantage": {"hits": 2, "n": 200}}})
    >>> text.partition(": ")[2]
    'false alarms in 2 of 200 nulls (1.0 %, at most 3.6 %).'
    """
    alarms = Rate(**{key: summary["false_alarm"]["advantage"][key] for key in ("hits", "n")})
    share = 100 * (alarms.share or 0.0)
    facts = [f"false alarms in {alarms.hits} of {alarms.n} nulls ({share:.1f} %, at most {_upper(alarms)} %)"]
    positives = [case for case in summary["cases"] if case["group"] == "positive"]
    if positives:
        found = ", ".join(
            f"{case['code']} {case['advantage']['hits']} of {case['advantage']['n']}" for case in positives
        )
        facts.append(f"real differences found: {found}")
    traps = [case for case in summary["cases"] if case["group"] == "trap"]
    if traps:
        caught = sum(count for case in traps for level, count in case["levels"].items() if level not in ("L0", "L1"))
        facts.append(f"{caught} of {sum(case['finished'] for case in traps)} traps reached L2")
    if summary["defects"]:
        seen = sum(defect["flagged"] for defect in summary["defects"])
        facts.append(f"{seen} of {len(summary['defects'])} injected defects were flagged")
    made = f"Calibrated on {summary['date']} with qml {summary['version']}, by studies of {PROBLEM}"
    return f"{made}: {'; '.join(facts)}."


def statement() -> str:
    """Return what a report says about how often this package's verdicts are right."""
    summary = published()
    if summary is None:
        return "Not calibrated: this package came without a calibration; run qml calibrate."
    if holds(summary):
        return rates(summary)
    return (
        f"{rates(summary)} Not calibrated for this version: the code that decides verdicts has changed since "
        f"(source {summary['source'][:8]} then, {source_hash()[:8]} now)."
    )


def warning() -> str:
    """Return what must stand beside every verdict of a package whose calibration failed; empty if it did not."""
    summary = published()
    if summary is None or summary["safe"]:
        return ""
    missed = ", ".join(aim["name"] for aim in summary["targets"] if aim["kind"] == "safety" and not aim["met"])
    return f"no verdict: the calibration of this package failed ({missed})"


def _upper(rate: Rate) -> str:
    return f"{100 * rate.interval()[1]:.1f}"
