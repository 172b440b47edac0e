"""Run a suite, or continue it, and write down how often the verdicts were right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qml.calibration.defects import inject_all
from qml.calibration.identity import source_hash
from qml.calibration.outcome import summarise
from qml.calibration.suite import Suite
from qml.calibration.table_case import judge_tables
from qml.errors import RecordError
from qml.studies import Cell, Records, run_cell
from qml.studies.folder import locked_folder
from qml.studies.hashing import digest
from qml.studies.outcome import write_json
from qml.studies.provenance import provenance
from qml.studies.records import FILE_NAME
from qml.studies.run import run_pending

SUITE_FILE = "suite.json"
SUMMARY_FILE = "calibration.json"
# Code that changed since the fits were made must make them again with scores as near as this: a quarter of the margin.
REPLAY_TOLERANCE = 0.005


@dataclass(frozen=True)
class Calibration:
    """What a run of the suite left behind.

    Args:
        folder: The results folder.
        summary: Content of calibration.json.
        n_run: Cells that this run ran.
    """

    folder: Path
    summary: Mapping[str, Any]
    n_run: int


def calibrate(
    suite: Suite,
    folder: Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    show: bool = True,
    run: bool = True,
) -> Calibration:
    """Run what is pending of a suite, inject the defects, and write calibration.json.

    The suite is written to suite.json before anything runs.  Run again to continue.  New cases may join; a suite in
    which a case changed is refused.  Where the code that decides verdicts changed since the records were begun, the
    first replicate of every case is run again and compared with what is recorded.

    Args:
        suite: The cases.
        folder: The results folder; made if it is not there.
        workers: Processes of one thread each; the number of cores by default.
        scheduler: Address of a Dask scheduler to use instead.
        show: Whether progress is told.
        run: False to judge and count what is recorded, and run no study.

    Raises:
        RecordError: If the folder holds another suite, or fits that this code does not make again.
    """
    with locked_folder(folder), open_records(suite, folder) as records:
        replay = _replay(suite, records)
        n_run = run_pending(records, suite.cells, folder, workers=workers, scheduler=scheduler, show=show) if run else 0
        tables = judge_tables(suite.tables, folder)
        summary = summarise(suite, records, inject_all(), replay, tables)
    write_json(folder / SUMMARY_FILE, summary)
    return Calibration(folder, summary, n_run)


def open_records(suite: Suite, folder: Path) -> Records:
    """Open the records of a suite, or begin them; cases that are new join those that were there.

    Raises:
        RecordError: If they belong to a suite in which a case was another one; the message says which.
    """
    manifest = suite.manifest()
    if not (folder / FILE_NAME).exists():
        write_json(folder / SUITE_FILE, manifest)
        made_by = {**provenance(), "source": source_hash()}
        return Records.create(folder, **_study(suite, folder, manifest), provenance=made_by)
    records = Records.open(folder)
    if records.spec_hash() == digest(manifest):
        return records
    changed = _changed(records.spec().get("suite", {}), manifest)
    if not changed:
        write_json(folder / SUITE_FILE, manifest)
        records.change(**_study(suite, folder, manifest), provenance=records.provenance())
        return records
    records.close()
    raise RecordError(
        f"{folder} holds records of another suite: {changed}. They were left as they are. "
        "Move the folder away, or choose another: --results."
    )


def _study(suite: Suite, folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the suite as records hold a study; what its cells are judged by stands in each case's own plan."""
    return {
        "spec": {"name": folder.name, "suite": manifest},
        "spec_hash": digest(manifest),
        "cells": suite.cells,
        "tasks": [],
        "protocol": {"calibration": True},
    }


def pending(suite: Suite, folder: Path) -> tuple[Cell, ...]:
    """Return the cells that a run would run.

    Raises:
        RecordError: If the folder holds a suite in which a case was another one.
    """
    if not (folder / FILE_NAME).exists():
        return suite.cells
    with open_records(suite, folder) as records:
        statuses = records.statuses()
    return tuple(cell for cell in suite.cells if statuses[cell.key] == "pending")


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Say which case of an earlier suite is gone or another one now; empty if the suite only grew."""
    old, new = (
        {case["name"]: case for kind in ("cases", "tables") for case in suite.get(kind, ())} for suite in (before, now)
    )
    moved = [name for name in old if old[name] != new.get(name)]
    keys = [name for name in old if name not in moved and before["cells"].get(name) != now["cells"].get(name)]
    parts = [f"the case {name} is no longer the same" for name in moved]
    parts += [f"a task or a model of the case {name} has another version or search space" for name in keys]
    return ", ".join(parts)


def _replay(suite: Suite, records: Records) -> dict[str, Any] | None:
    """Run recorded cells again if the code changed since; None if it did not, or nothing is recorded yet."""
    before, now = str(records.provenance().get("source")), source_hash()
    if before == now:
        return None
    frame = records.cells()
    recorded = dict(zip(frame["key"], frame["score"], strict=True))
    cells = _first_replicates(suite, recorded)
    if not cells:
        return None
    again = {cell.key: run_cell(cell).score for cell in cells}
    worst = max((_distance(again[cell.key], recorded[cell.key]), cell.task, cell.model) for cell in cells)
    if worst[0] > REPLAY_TOLERANCE:
        raise RecordError(
            f"the records were made by other code, which scored {worst[2]} on {worst[1]} differently "
            f"(by {worst[0]:.3g}). Move the folder away and run the suite again."
        )
    return {
        "made_by": before,
        "replayed_cells": len(cells),
        "equal": sum(_distance(again[cell.key], recorded[cell.key]) == 0 for cell in cells),
        "largest_difference": worst[0],
    }


def _first_replicates(suite: Suite, recorded: Mapping[str, float]) -> Sequence[Cell]:
    return [
        cell
        for repeat in suite.repeats
        if repeat.number == 0
        for cell in repeat.cells
        if cell.replicate == 0 and cell.key in recorded
    ]


def _distance(now: float | None, before: float | None) -> float:
    """Return how far two scores are apart; a failure equals a failure, and nothing else."""
    failed = [score is None or score != score for score in (now, before)]
    if any(failed):
        return 0.0 if all(failed) else float("inf")
    return abs(float(now or 0.0) - float(before or 0.0))
