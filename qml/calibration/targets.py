"""What the suite must show, and the sentence that says whether it does."""

from collections.abc import Mapping, Sequence
from typing import Any

from qml.calibration.rates import Rate

MAX_FALSE_ALARMS = 0.05
MAX_UPPER_BOUND = 0.09
MIN_NULLS = 200
MIN_DETECTED = 0.9
ATTRIBUTED = ("L2", "L3", "L4")

Case = Mapping[str, Any]
Target = dict[str, Any]


def targets(cases: Sequence[Case], defects: Sequence[Mapping[str, Any]]) -> list[Target]:
    """Return every target with what was measured.

    Args:
        cases: Rows as calibration.json holds them.
        defects: Rows with ``name`` and ``flagged``.

    Returns:
        Rows with ``name``, ``kind`` (``"safety"`` or ``"power"``), ``target``, ``measured``, ``met`` and ``cause`` (why
        it is missed; empty if it is met).
    """
    of = {group: [case for case in cases if case["group"] == group] for group in ("null", "positive", "trap")}
    return [
        *([_false_alarms(of["null"])] if of["null"] else []),
        *(_detection(case) for case in of["positive"]),
        *(_attribution(case) for case in of["trap"]),
        *([_defects(defects)] if defects else []),
    ]


def headline(aims: Sequence[Target], cases: Sequence[Case]) -> str:
    """Return the report's first line: what is missed and why, before anything else."""
    missed = [aim for aim in aims if not aim["met"]]
    done, planned = (sum(case[key] for case in cases) for key in ("finished", "repeats"))
    part = "" if done == planned else f" ({done} of {planned} studies are done)"
    if not missed:
        return f"Calibration passed: all {len(aims)} targets are met{part}."
    causes = "; ".join(f"{aim['name']}: {aim['measured']}, target {aim['target']} ({aim['cause']})" for aim in missed)
    return f"Calibration missed {len(missed)} of {len(aims)} targets{part}. {causes}."


def _false_alarms(nulls: Sequence[Case]) -> Target:
    rate = Rate(sum(case["labels"]["ADVANTAGE"] for case in nulls), sum(case["finished"] for case in nulls))
    bounded = (
        sum(case["repeats"] for case in nulls) >= MIN_NULLS
    )  # fewer, as in the quick suite, cannot reach the bound
    met = rate.share is not None and rate.share <= MAX_FALSE_ALARMS
    if bounded:
        met = met and rate.interval()[1] <= MAX_UPPER_BOUND
    alarms = [f"{case['labels']['ADVANTAGE']} in {case['code']}" for case in nulls if case["labels"]["ADVANTAGE"]]
    return {
        "name": "nulls",
        "kind": "safety",
        "target": f"false ADVANTAGE in at most {MAX_FALSE_ALARMS:.0%}"
        + (f", upper bound at most {MAX_UPPER_BOUND:.0%}" if bounded else ""),
        "measured": str(rate),
        "met": met,
        "cause": "" if met else ", ".join(alarms) or f"{rate.n} nulls are too few for the bound",
    }


def _detection(case: Case) -> Target:
    rate = Rate(case["advantage"]["hits"], case["advantage"]["n"])
    met = rate.share is not None and rate.share >= MIN_DETECTED
    return {
        "name": f"{case['code']} {case['name']}",
        "kind": "power",
        "target": f"ADVANTAGE in at least {MIN_DETECTED:.0%} at {case['replicates']} replicates",
        "measured": str(rate),
        "met": met,
        "cause": "" if met else _otherwise(case),
    }


def _attribution(case: Case) -> Target:
    attributed = sum(count for level, count in case["levels"].items() if level in ATTRIBUTED)
    rate = Rate(attributed, case["finished"])
    met = rate.n > 0 and attributed == 0
    return {
        "name": f"{case['code']} {case['name']}",
        "kind": "safety",
        "target": "never L2",
        "measured": str(rate),
        "met": met,
        "cause": "" if met else (f"{attributed} verdicts reached L2" if attributed else "nothing was run yet"),
    }


def _defects(defects: Sequence[Mapping[str, Any]]) -> Target:
    unseen = [str(defect["name"]) for defect in defects if not defect["flagged"]]
    return {
        "name": "injected defects",
        "kind": "safety",
        "target": "all flagged",
        "measured": f"{len(defects) - len(unseen)} of {len(defects)}",
        "met": not unseen,
        "cause": f"not flagged: {', '.join(unseen)}" if unseen else "",
    }


def _otherwise(case: Case) -> str:
    """Say what came instead of ADVANTAGE, and why it stayed open."""
    other = {label: count for label, count in case["labels"].items() if count and label != "ADVANTAGE"}
    said = ", ".join(f"{count} {label}" for label, count in other.items()) or "nothing was run yet"
    reasons = ", ".join(f"{count} {reason}" for reason, count in case["reasons"].items())
    numbers = (
        f"; mean difference {case['mean_difference']:+.3f}, standard deviation {case['sd_difference']:.3f}"
        if case["sd_difference"] is not None
        else ""
    )
    return f"{said}{f' ({reasons})' if reasons else ''}{numbers}"
