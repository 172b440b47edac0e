"""From records to the verdict, and to verdict.json."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qml.errors import RecordError
from qml.studies.records import Records

if TYPE_CHECKING:
    from qml.advantage.settings import Protocol, TaskSettings

VERDICT_FILE = "verdict.json"

_JUDGED = [
    "task",
    "replicate",
    "model",
    "side",
    "twin",
    "twin_of",
    "status",
    "score",
    "validation_score",
    "n_trials",
    "n_failed_trials",
    "circuit",
    "tags",
    "survival",
    "axis",
    "n_parameters",
]


def judge_records(records: Records) -> dict[str, Any]:
    """Judge what has been recorded.

    A replicate of a task counts when all of its cells are recorded, so an unfinished study is judged on whole
    replicates only.

    Args:
        records: Of a study, finished or not.

    Returns:
        The verdict as plain data, which depends on the scores alone and not on the order in which they came; with the
        hash of the manifest that it was judged by, and why it is exploratory, if it is.
    """
    from qml.studies.exploratory import exploratory_reasons

    if not records.tasks():
        raise RecordError("these are the records of a calibration, not of one study; see its report, or qml calibrate.")
    reasons = exploratory_reasons(records)
    rows, tasks, protocol = whole_replicates(records), records.tasks(), records.protocol()
    found = judge_rows(rows, tasks, protocol, exploratory=reasons)
    return {"manifest": records.manifest_hash(), **found, "secondary": secondary_rows(rows, tasks, protocol)}


def secondary_rows(
    rows: Iterable[Mapping[str, Any]], tasks: Iterable[Mapping[str, Any]], protocol: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return what stands beside the verdict, of cells as plain data; see `qml.advantage.secondary_results`."""
    from qml.advantage import secondary_results

    settings, known = _settings(tasks, protocol)
    return secondary_results(rows, settings, known)


def judge_rows(
    rows: Iterable[Mapping[str, Any]],
    tasks: Iterable[Mapping[str, Any]],
    protocol: Mapping[str, Any],
    *,
    exploratory: Sequence[str] = (),
) -> dict[str, Any]:
    """Judge cells as plain data, under the settings that a `Plan` has; see `qml.advantage.judge`.

    Args:
        rows: As `judged_rows` gives them, in plan order.
        tasks: Settings of each task.
        protocol: Settings of the judgement.
        exploratory: Why it is exploratory, if it is.
    """
    from qml.advantage.judge import judge

    settings, known = _settings(tasks, protocol)
    return dict(judge(rows, settings, known).stamped(exploratory).to_dict())


def _settings(
    tasks: Iterable[Mapping[str, Any]], protocol: Mapping[str, Any]
) -> tuple[list["TaskSettings"], "Protocol"]:
    from qml.advantage.settings import Protocol, TaskSettings

    known = Protocol(**{**protocol, "required_pool": tuple(protocol["required_pool"])})
    return [TaskSettings(**task) for task in tasks], known


def whole_replicates(records: Records) -> list[dict[str, Any]]:
    """Return the cells of every (task, replicate) in which all cells are recorded, in plan order, as plain data."""
    statuses = records.statuses()
    missing = (
        {(cell.label, cell.replicate) for cell in records.plan() if statuses[cell.key] == "pending"}
        if "pending" in statuses.values()
        else set()
    )
    return [row for row in judged_rows(records).values() if (row["task"], row["replicate"]) not in missing]


def judged_rows(records: Records) -> dict[str, dict[str, Any]]:
    """Return the recorded cells by key, in plan order, as the judge takes them; nothing recorded is None."""
    rows = records.cells()[["key", *_JUDGED]].astype(object)
    rows = rows.where(rows.notna(), None)
    found = {str(row.pop("key")): {str(name): value for name, value in row.items()} for row in rows.to_dict("records")}
    if records.protocol().get("axis") == "steps-to-target":
        losses = records.histories().groupby("key")["train_loss"].apply(list)
        for key, row in found.items():
            row["axis"] = row["axis"] and {**row["axis"], "losses": losses.get(key, [])}
    return found


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write a file whole or not at all.

    Raises:
        RecordError: If it cannot be written.
    """
    draft = path.with_name(f"{path.name}.new")
    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, path)
    except OSError as error:
        raise RecordError(f"{path} cannot be written: {error}.") from error


def keep_verdict(folder: Path, manifest: str) -> None:
    """Put verdict.json aside under the manifest it was judged by, before another takes its place.

    Raises:
        RecordError: If it cannot be written.
    """
    verdict = read_verdict(folder)
    if verdict is not None:
        write_json(folder / f"verdict-{manifest[:8]}.json", verdict)


def read_verdict(folder: Path) -> dict[str, Any] | None:
    """Return what is in verdict.json, or None if it is not there or cut short."""
    try:
        data = json.loads((folder / VERDICT_FILE).read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return None
    return data if isinstance(data, dict) else None
