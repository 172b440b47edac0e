"""From the records of a suite to its summary: how often each verdict came, and whether the targets are met."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, get_args

import numpy as np

from qml.advantage import Label
from qml.calibration.case import Case
from qml.calibration.identity import source_hash
from qml.calibration.rates import Rate
from qml.calibration.reliability import Study, as_printed, curve, truths
from qml.calibration.suite import Suite
from qml.calibration.table_case import TableCase
from qml.calibration.targets import headline, targets
from qml.studies import Records
from qml.studies.cell import now
from qml.studies.outcome import judge_rows, judged_rows

LABELS: tuple[str, ...] = get_args(Label)
Verdicts = dict[str, dict[int, dict[str, Any]]]
_KEPT = ("label", "level", "reason", "mean", "interval", "margin", "p_advantage", "p_equivalent", "p_disadvantage")


def summarise(
    suite: Suite,
    records: Records,
    defects: Sequence[Mapping[str, Any]],
    replay: Mapping[str, Any] | None = None,
    tables: Verdicts | None = None,
) -> dict[str, Any]:
    """Judge every finished repeat, and count.

    Args:
        suite: The cases.
        records: Of the suite, finished or not.
        defects: What became of the injected defects.
        replay: How the records compare with the present code, where that changed.
        tables: Verdicts of the suite's cases without learners.

    Returns:
        The content of calibration.json.
    """
    import qml

    verdicts = {**judge_repeats(suite, records), **(tables or {})}
    cases = [_case(case, case.spec(0).replicates, verdicts[case.name]) for case in suite.cases]
    cases += [_case(case, case.replicates, verdicts[case.name]) for case in suite.tables]
    studies = [study for case in suite.cases for study in _studies(case, verdicts[case.name])]
    aims = targets(cases, defects)
    return {
        "headline": headline(aims, cases),
        "passed": all(aim["met"] for aim in aims),
        "safe": all(aim["met"] for aim in aims if aim["kind"] != "power"),
        "finished": all(case["finished"] == case["repeats"] for case in cases),
        "date": str(records.provenance()["created_at"])[:10],
        "judged_at": now(),
        "version": qml.__version__,
        "source": source_hash(),
        "suite": records.spec_hash(),
        "replay": None if replay is None else dict(replay),
        "targets": aims,
        "cases": cases,
        "false_alarm": _false_alarm(cases, studies),
        "reliability": {"curve": curve(studies), "as_printed": as_printed(studies)},
        "defects": [dict(defect) for defect in defects],
        "repeats": [
            {"case": name, "repeat": number, **{key: verdict[key] for key in _KEPT}}
            for name, found in verdicts.items()
            for number, verdict in found.items()
        ],
    }


def judge_repeats(suite: Suite, records: Records) -> Verdicts:
    """Return the verdict of every repeat whose cells are all recorded, by case and number."""
    rows = judged_rows(records)
    found: Verdicts = {case.name: {} for case in suite.cases}
    for repeat in suite.repeats:
        keys = [cell.key for cell in repeat.cells]
        if all(key in rows for key in keys):
            plan = suite.plans[repeat.case.name]
            verdict = judge_rows([rows[key] for key in keys], plan.tasks, plan.protocol)
            found[repeat.case.name][repeat.number] = verdict["tasks"][0]
    return found


def _case(case: Case | TableCase, replicates: int, verdicts: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    rows = list(verdicts.values())
    labels = Counter(row["label"] for row in rows)
    differences = [value for row in rows for value in row["differences"]]
    means = [row["mean"] for row in rows if row["mean"] is not None]
    return {
        "name": case.name,
        "code": case.code,
        "group": case.group,
        "summary": case.summary,
        "source": case.source,
        "expected": list(case.expected),
        "repeats": case.repeats,
        "replicates": replicates,
        "finished": len(rows),
        "labels": {label: labels[label] for label in LABELS},
        "levels": dict(sorted(Counter(row["level"] for row in rows).items())),
        "twins": sorted({twin["twin"] for row in rows for twin in row["twins"]}),
        "advantage": Rate(labels["ADVANTAGE"], len(rows)).to_dict(),
        "as_expected": Rate(sum(labels[label] for label in case.expected), len(rows)).to_dict(),
        "mean_difference": float(np.mean(means)) if means else None,
        "sd_difference": float(np.std(differences, ddof=1)) if len(differences) > 1 else None,
        "reasons": _reasons(rows),
    }


def _reasons(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Count why verdicts stayed open, by the first words of their reasons."""
    kinds = Counter(str(row["reason"]).split(":")[0] for row in rows if row["label"] == "INCONCLUSIVE")
    return dict(kinds.most_common())


def _studies(case: Case, verdicts: Mapping[int, Mapping[str, Any]]) -> list[Study]:
    rows = [row for row in verdicts.values() if len(row["differences"]) > 1]
    differences = [np.array(row["differences"], dtype=np.float64) for row in rows]
    return [
        Study(
            case=case.name,
            differences=values,
            design=row["design"],
            test_fraction=row["test_fraction"],
            truth=truth,
            margin=row["margin"],
        )
        for row, values, truth in zip(rows, differences, truths(differences, case.true_difference), strict=True)
        if truth is not None
    ]


def _false_alarm(cases: Sequence[Mapping[str, Any]], studies: Sequence[Study]) -> dict[str, Any]:
    """Count false alarms over all nulls: as judged, and had the margin been 0, where 5 % are to be expected."""
    nulls = {case["name"]: case for case in cases if case["group"] == "null"}
    alarms = Rate(sum(case["labels"]["ADVANTAGE"] for case in nulls.values()), _finished(nulls))
    false_harm = Rate(sum(case["labels"]["DISADVANTAGE"] for case in nulls.values()), _finished(nulls))
    varied = [study for study in studies if study.case in nulls and study.posterior.se > 0]
    strict = Rate(sum(study.above(0.0) > 0.95 for study in varied), len(varied))
    return {
        "advantage": alarms.to_dict(),
        "disadvantage": false_harm.to_dict(),
        "advantage_at_margin_0": strict.to_dict(),
    }


def _finished(cases: Mapping[str, Mapping[str, Any]]) -> int:
    return sum(case["finished"] for case in cases.values())
