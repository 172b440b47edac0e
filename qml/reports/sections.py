"""The parts of a page that repeat: one section a task, the ledger, the failures."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from qml.advantage.pooled import pooled_text
from qml.advantage.words import interval_text, number, probability
from qml.reports.axes import axis_table, beside_table
from qml.reports.charts import differences, forest, pareto, scores, training_curve, verdict_forest
from qml.reports.data import ReportData
from qml.reports.embed import ChartBook
from qml.reports.secondary import adversarial_table, entry_of, hardware_table, parameter_table, tag_table
from qml.reports.survival import survival_table
from qml.reports.table import plain_word, tone, verdict_rows
from qml.reports.theme import SIDES

_DESIGNS = {"fresh": "fresh data in every replicate", "resampled": "repeated splits of one data set"}


def overview(data: ReportData, book: ChartBook) -> dict[str, str] | None:
    """Add the forest plot over all tasks; None if no task has a difference."""
    chart = verdict_forest(data.verdict)
    return None if chart is None else book.add(chart)


def pooled(data: ReportData) -> str:
    """Return what the tasks say together, as a sentence; empty for one task."""
    row = data.verdict.get("pooled")
    return pooled_text(row).partition(": ")[2] if row and len(data.tasks) > 1 else ""


def task_sections(data: ReportData, book: ChartBook) -> list[dict[str, Any]]:
    """Return what the template needs for each task, in the order of the verdict."""
    rows = zip(data.tasks, verdict_rows(data.verdict), strict=True)
    return [
        {"anchor": f"task-{index}", "row": printed, **_task(data, row, book)}
        for index, (row, printed) in enumerate(rows, 1)
    ]


def model_ledger(cells: pd.DataFrame) -> list[dict[str, Any]]:
    """Return trials, failures and time of each model over the whole study, quantum first."""
    if cells.empty:
        return []
    table = cells.groupby(["side", "model"], sort=False).agg(
        cells=("key", "size"),
        failed=("status", lambda column: int((column != "done").sum())),
        trials=("n_trials", "sum"),
        failed_trials=("n_failed_trials", "sum"),
        parameters=("n_parameters", "median"),
        tune_seconds=("tune_seconds", "sum"),
        fit_seconds=("fit_seconds", "sum"),
    )
    rows = [dict(zip(("side", "model"), key, strict=True), **row) for key, row in _records(table)]
    return sorted(rows, key=lambda row: SIDES.index(row["side"]) if row["side"] in SIDES else len(SIDES))


def side_ledger(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the judge's own ledger: one row a task and side."""
    return [
        {"task": row["task"], "side": side, **entry}
        for row in tasks
        for side, entry in (row.get("ledger") or {}).items()
        if entry
    ]


def model_notes(data: ReportData) -> list[dict[str, Any]]:
    """Return what each model of the study is, in the order of the ledger."""
    return [
        {"model": row["model"], "side": row["side"], "note": data.model_notes[row["model"]]}
        for row in model_ledger(data.cells)
        if row["model"] in data.model_notes
    ]


def failures(data: ReportData) -> list[dict[str, Any]]:
    """Return the failed cells with their errors."""
    failed = data.cells[data.cells["status"] != "done"] if len(data.cells) else data.cells
    return [
        {
            "task": row["task"],
            "replicate": row["replicate"],
            "model": row["model"],
            "error": row["error"] or "no message",
        }
        for row in failed.to_dict("records")
    ]


def failed_trials(trials: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the causes of failed tuning trials by model, most frequent first."""
    if trials.empty:
        return []
    failed = trials[trials["status"] != "done"].copy()
    if failed.empty:
        return []
    failed["cause"] = [(str(error).strip().splitlines() or ["no message"])[-1] for error in failed["error"]]
    counts = failed.groupby(["task", "model", "cause"]).size().sort_values(ascending=False, kind="stable")
    return [
        dict(zip(("task", "model", "cause"), key, strict=True), count=int(count))
        for key, count in counts.items()
        if isinstance(key, tuple)
    ]


def _task(data: ReportData, row: dict[str, Any], book: ChartBook) -> dict[str, Any]:
    cells = data.cells[data.cells["task"] == row["task"]] if len(data.cells) else data.cells
    metric = metric_words(str(row.get("metric") or "score"))
    paired = [value for value in row.get("differences") or () if value is not None]
    sides = [_comparison(row) | {"name": "winner of the side", "margin": row.get("margin")}]
    families = [
        _comparison(family) | {"name": family["model"], "margin": row.get("margin")}
        for family in _list(row, "families")
    ]
    return {
        "facts": _facts(row, metric),
        "about": data.task_notes.get(row["task"]),
        "scores": book.add(scores(cells, chance=row.get("chance"), metric=metric)) if len(cells) else None,
        "differences": book.add(
            differences(
                paired,
                margin=float(row.get("margin") or 0.0),
                interval=_interval(row),
                replicates=row.get("replicates") if len(row.get("replicates") or ()) == len(paired) else None,
            )
        )
        if paired
        else None,
        "winners": [
            {"side": side, "counts": sorted((row.get(f"{side}_winners") or {}).items(), key=lambda item: -item[1])}
            for side in ("quantum", "classical")
        ],
        "families": [_family(family) for family in _list(row, "families")],
        "families_chart": _forest(book, sides + families) if families else None,
        "twins": [
            {
                "twin": twin["twin"],
                "mean": number(twin.get("mean"), sign=True),
                "lower": number(twin.get("lower"), sign=True),
                "passes": bool(twin.get("passes")),
                "note": twin.get("note") or "",
            }
            for twin in _list(row, "twins")
        ],
        "axis": axis_table(row.get("axes") or {}),
        "beside": beside_table(row.get("axes") or {}),
        "survival": survival_table(_list(row, "survival")),
        **_beside(data, row, metric, book),
        "curves": _curves(data, row["task"], cells, book),
    }


def metric_words(name: str) -> str:
    """Write a metric's name as a title.

    >>> metric_words("balanced-accuracy"), metric_words("negative-log-rmse")
    ('balanced accuracy', '−ln RMSE')
    """
    return "−ln RMSE" if name == "negative-log-rmse" else name.replace("-", " ")


def _beside(data: ReportData, row: Mapping[str, Any], metric: str, book: ChartBook) -> dict[str, Any]:
    """Return what no claim rests on: parameters, projected hardware time, tags."""
    entry = entry_of(data.verdict, str(row["task"]))
    efficiency = entry.get("parameter_efficiency") or {}
    at = str(entry.get("at") or row["task"])  # of a learning curve, its last point
    cells = data.cells[data.cells["task"] == at] if len(data.cells) else data.cells
    return {
        "at": "" if at == row["task"] else at,
        "parameters": parameter_table(efficiency),
        "pareto": book.add(pareto(efficiency, metric=metric if at == row["task"] else "score"))
        if efficiency.get("models")
        else None,
        "hardware": hardware_table(entry.get("hardware_time")),
        "adversarial": adversarial_table(entry.get("adversarial")),
        "tags": tag_table(cells),
    }


def _facts(row: Mapping[str, Any], metric: str) -> list[tuple[str, str, str]]:
    facts = [
        (
            "replicates",
            "replicate",
            f"{row.get('n_replicates', '?')}, {_DESIGNS.get(str(row.get('design')), row.get('design'))}",
        ),
        ("look", "looks", _look(row)),
        ("metric", "", metric),
        ("margin δ", "margin", number(row.get("margin"))),
        ("chance", "chance", number(row.get("chance"))),
        ("detectable difference", "mde", number(row.get("minimum_detectable_effect"))),
        ("test error", "test-error", number(row.get("test_standard_error"))),
    ]
    return [fact for fact in facts if fact[2] != "–"]


def _look(row: Mapping[str, Any]) -> str:
    return "–" if row.get("look") is None else f"{row['look']}, after {row['n_replicates']} replicates"


def _family(family: Mapping[str, Any]) -> dict[str, Any]:
    label = str(family.get("label") or "")
    return {
        "model": family["model"],
        "mean": number(family.get("mean"), sign=True),
        "interval": interval_text(family.get("interval")),
        "p_better": probability(family.get("p_advantage")),
        "p_equal": probability(family.get("p_equivalent")),
        "p_worse": probability(family.get("p_disadvantage")),
        "p_holm": probability(family.get("p_advantage_holm")),
        "q": probability(family.get("q_advantage")),
        "reading": plain_word(label),
        "tone": tone(label),
    }


def _curves(data: ReportData, task: str, cells: pd.DataFrame, book: ChartBook) -> list[dict[str, str]]:
    if data.histories.empty:
        return []
    histories = data.histories[data.histories["task"] == task]
    present = set(histories["model"])
    models = cells[["model", "side"]].drop_duplicates().to_dict("records")
    return [
        book.add(training_curve(histories[histories["model"] == row["model"]], model=row["model"], side=row["side"]))
        for row in sorted(models, key=lambda row: SIDES.index(row["side"]) if row["side"] in SIDES else len(SIDES))
        if row["model"] in present
    ]


def _forest(book: ChartBook, rows: list[dict[str, Any]]) -> dict[str, str] | None:
    known = pd.DataFrame(rows, columns=["name", "label", "mean", "low", "high", "margin"]).dropna()
    return None if known.empty else book.add(forest(known))


def _comparison(row: Mapping[str, Any]) -> dict[str, Any]:
    low, high = _interval(row) or (None, None)
    return {"label": str(row.get("label") or "INCONCLUSIVE"), "mean": row.get("mean"), "low": low, "high": high}


def _interval(row: Mapping[str, Any]) -> tuple[float, float] | None:
    low, high = row.get("interval") or (None, None)
    return None if low is None or high is None else (float(low), float(high))


def _list(row: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    return list(row.get(key) or ())


def _records(table: pd.DataFrame) -> list[tuple[Any, dict[str, Any]]]:
    return list(
        zip(table.index, ({str(k): v for k, v in row.items()} for row in table.to_dict("records")), strict=True)
    )
