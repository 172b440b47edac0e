"""Run a study's pending cells on Dask, and write each down as it comes back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qml.errors import RecordError
from qml.studies.cell import Cell, CellRecord, failed_record, run_cell
from qml.studies.cluster import connect, default_workers
from qml.studies.estimate import estimate
from qml.studies.exploratory import access_made
from qml.studies.folder import freeze_study, locked_folder
from qml.studies.looks import blocks, decided
from qml.studies.manifest import known_to, manifest_changes, manifest_of
from qml.studies.outcome import VERDICT_FILE, judge_records, keep_verdict, read_verdict, write_json
from qml.studies.plan import Plan
from qml.studies.progress import Progress
from qml.studies.provenance import provenance
from qml.studies.records import FILE_NAME, Records
from qml.studies.spec import StudySpec

REPORT_FILE = "report.html"


def finished(folder: Path, spec: StudySpec, sources: Mapping[str, str]) -> bool:
    """Tell whether every cell of this very study was done by this version of qml, its verdict and report written.

    Cells of a task that a look has decided need not be done.  A study that was changed is not finished, whatever its
    records hold.

    This loads no library that computes.

    Args:
        folder: The results folder.
        spec: The study.
        sources: Hash of the source of each of its plug-ins.

    Raises:
        RecordError: If the records cannot be read.
    """
    import qml

    if not (folder / FILE_NAME).exists():
        return False
    with Records.open(folder) as records:
        if not _same_study(records, spec, sources):
            return False
        if records.provenance().get("qml") != qml.__version__:
            return False
        waiting = tasks_waiting(records)
    verdict = read_verdict(folder)
    return verdict is not None and waiting <= decided(verdict) and (folder / REPORT_FILE).exists()


def tasks_waiting(records: Records) -> set[str]:
    """Return the tasks that have pending cells."""
    statuses = records.statuses()
    if "pending" not in statuses.values():
        return set()
    return {cell.task for cell in records.plan() if statuses[cell.key] == "pending"}


def pending_cells(spec: StudySpec, plan: Plan, folder: Path, *, exploratory: bool = False) -> tuple[Cell, ...]:
    """Return the cells that a run would run.

    Raises:
        RecordError: If the folder's records cannot be continued with this study; see `run_study`.
    """
    if not (folder / FILE_NAME).exists():
        return plan.cells
    with Records.open(folder) as records:
        _changes(records, spec, plan, folder, exploratory)
        recorded = records.recorded()
    return tuple(cell for cell in plan.cells if cell.key not in recorded)


@dataclass(frozen=True)
class Ran:
    """What a run did.

    Args:
        n_cells: How many cells were run.
        report_error: Why there is no report, or None.
    """

    n_cells: int
    report_error: str | None


def run_study(
    spec: StudySpec,
    plan: Plan,
    folder: Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    show: bool = True,
    retry_failed: bool = False,
    exploratory: bool = False,
) -> Ran:
    """Run what is pending, then write the verdict and the report; a task that a look has decided is not run on.

    A study that was changed before any of its test parts was opened is continued under its new manifest.  If one was
    opened, its verdict would no longer be confirmatory, so this has to be asked for.

    Args:
        spec: The study.
        plan: Its cells.
        folder: Its results folder; made if it is not there.
        workers: Processes of one thread each; the number of cores by default.
        scheduler: Address of a Dask scheduler to use instead.
        show: Whether progress is told.
        retry_failed: Whether failed cells are tried again.
        exploratory: Whether to go on in the same folder though the study was changed after test parts had been opened.

    Returns:
        How many cells were run, and why there is no report if there is none.

    Raises:
        RecordError: If the folder or the records in it cannot be used for this study.
        SpecError: If no scheduler answers at the address.
    """
    with locked_folder(folder), open_records(spec, plan, folder, exploratory=exploratory) as records:
        n_cells = 0
        for block in blocks(plan.cells, spec.looks):
            settled = decided(judge_records(records)) if spec.looks else set()
            statuses = records.statuses() if settled else {}
            n_cells += run_pending(
                records,
                [cell for cell in block if cell.task not in settled or statuses[cell.key] != "pending"],
                folder,
                workers=workers,
                scheduler=scheduler,
                show=show,
                retry_failed=retry_failed,
            )
        _, report_error = write_outcome(folder, records)
    return Ran(n_cells, report_error)


def run_pending(
    records: Records,
    cells: Sequence[Cell],
    folder: Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    show: bool = True,
    retry_failed: bool = False,
) -> int:
    """Run the planned cells that have no outcome yet, and record each as it comes back.

    Args:
        records: Where they are planned.
        cells: The plan, in the order in which it is run.
        folder: The results folder; the estimate looks at its neighbours.
        workers: Processes of one thread each; the number of cores by default.
        scheduler: Address of a Dask scheduler to use instead.
        show: Whether progress is told.
        retry_failed: Whether failed cells are tried again.

    Returns:
        How many cells were run.
    """
    workers = workers or default_workers()
    statuses = records.statuses()
    wanted = ("pending", "failed") if retry_failed else ("pending",)
    pending = [cell for cell in cells if statuses[cell.key] in wanted]
    if not pending:
        return 0
    cost = estimate(pending, workers, folder.parent).cell_seconds
    failed = 0 if retry_failed else sum(status == "failed" for status in statuses.values())
    with (
        Progress(cost, len(cells), failed, show=show) as progress,
        connect(min(workers, len(pending)), scheduler) as client,
    ):
        for record in run_cells(client, pending, progress.running, records.begin):
            records.add(record)
            progress.finished(record.key, failed=record.status == "failed")
    return len(pending)


def run_cells(
    client: Any, cells: Sequence[Cell], tell: Callable[[int], None], begin: Callable[[str], str]
) -> Iterator[CellRecord]:
    """Yield the record of each cell as it comes back, in any order.

    Each thread has one cell at a time.  Dask blames the death of a worker on every cell that it holds, so a worker
    holds none that waits.

    Args:
        client: A Dask client.
        cells: What to run.
        tell: Is told how many cells are being run.
        begin: Is told the key of each cell before it runs, and gives the hash that opens its test part.

    Raises:
        RecordError: If the scheduler is lost.
    """
    from distributed import as_completed

    cells_by_key = {f"qml-{cell.key}": cell for cell in cells}
    waiting = list(reversed(cells_by_key))
    futures: Any = as_completed([], loop=client.loop)  # type: ignore[no-untyped-call]  # distributed leaves it untyped
    running = 0

    def fill() -> int:
        threads: int = sum(client.nthreads().values())  # asked again each time: workers may come and go
        wanted = min(len(waiting), max(1, threads) - running)
        for _ in range(wanted):
            key = waiting.pop()
            cell = cells_by_key[key]
            futures.add(client.submit(run_cell, cell, begin(cell.key), key=key, pure=False))
        return running + max(wanted, 0)

    running = fill()
    tell(running)
    for future in futures:
        record = _record_of(future, cells_by_key[future.key])
        running -= 1
        running = fill()
        tell(running)
        yield record


def write_outcome(folder: Path, records: Records) -> tuple[dict[str, Any], str | None]:
    """Write verdict.json and report.html of what is recorded.

    Returns:
        The verdict, and why there is no report, or None.

    Raises:
        RecordError: If verdict.json cannot be written.
    """
    verdict = judge_records(records)
    write_json(folder / VERDICT_FILE, verdict)
    try:
        from qml.reports import write_report

        write_report(folder)
    except Exception as error:  # a page must never cost the verdict
        with suppress(OSError):
            (folder / REPORT_FILE).unlink(missing_ok=True)  # it would show another verdict
        return verdict, (
            f"{folder / REPORT_FILE} cannot be written: {type(error).__name__}: {error}\n"
            f"The verdict is in {folder / VERDICT_FILE}. To try again: qml report {folder}"
        )
    return verdict, None


def _same_study(records: Records, spec: StudySpec, sources: Mapping[str, str]) -> bool:
    """Tell whether records belong to this study with this code of its plug-ins, whatever qml first read its file."""
    before = StudySpec.model_validate(records.spec())
    return before.manifest(records.provenance().get("plugins", {})) == spec.manifest(sources)


def _changes(records: Records, spec: StudySpec, plan: Plan, folder: Path, exploratory: bool) -> list[str]:
    """Say what changed since the manifest in the records was stored.

    Raises:
        RecordError: If something did after test parts had been opened, and nobody asked for an exploratory run.
    """
    old, new = records.manifest(), manifest_of(plan.cells, plan.tasks, plan.protocol, plan.sources)
    if _same_study(records, spec, plan.sources):
        new = known_to(old, new)
    changed = manifest_changes(old, new)
    if changed and not exploratory and access_made(records):
        what = "\n".join(f"  {line}" for line in changed)
        raise RecordError(
            f"{folder} holds records of this study as it was before it changed:\n{what}\n"
            "They were left as they are. Test parts have been opened, so there are two ways on:\n"
            f"  --set name={_next_name(folder)} --set seed={spec.seed + 1}   a study of its own, on data that nobody "
            "has seen; its verdict counts\n"
            "  --exploratory   into the same folder; nothing is lost, and the verdict says that it is exploratory"
        )
    return changed


def _next_name(folder: Path) -> str:
    number = 2
    while folder.with_name(f"{folder.name}-{number}").exists():
        number += 1
    return f"{folder.name}-{number}"


def open_records(spec: StudySpec, plan: Plan, folder: Path, *, exploratory: bool = False) -> Records:
    """Open the records of a study in its folder; made if they are not there, and put under a manifest that changed.

    Raises:
        RecordError: If the study was changed after test parts had been opened, and is not to be exploratory.
    """
    study: dict[str, Any] = {
        "spec": spec.to_dict(),
        "spec_hash": spec.manifest(plan.sources),
        "cells": plan.cells,
        "tasks": plan.tasks,
        "protocol": plan.protocol,
        "provenance": {**provenance(), **({"plugins": dict(plan.sources)} if plan.sources else {})},
    }
    if not (folder / FILE_NAME).exists():
        freeze_study(folder, spec.to_dict())
        return Records.create(folder, **study)
    records = Records.open(folder)
    try:
        if _changes(records, spec, plan, folder, exploratory):
            keep_verdict(folder, records.manifest_hash())
            records.change(**study)
            freeze_study(folder, spec.to_dict())
    except RecordError:
        records.close()
        raise
    return records


def _record_of(future: Any, cell: Cell) -> CellRecord:
    if future.status == "finished":
        record: CellRecord = future.result()
        return record
    if future.status != "error":
        raise RecordError(
            f"the Dask scheduler was lost (a cell is {future.status}). "
            "What was done is recorded; run again to continue."
        )
    error = future.exception()
    if type(error).__name__ == "KilledWorker":
        return failed_record(
            cell, "the worker process died while it ran this cell, twice: out of memory, or killed from outside."
        )
    return failed_record(cell, f"the cell could not be run by its worker: {type(error).__name__}: {error}")
