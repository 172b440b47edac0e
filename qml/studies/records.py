"""What a study leaves behind, in a database: written a cell at a time by one process, read as data frames."""

import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from qml.errors import RecordError
from qml.studies.cell import Cell, CellRecord, now, plain
from qml.studies.database import FILE_NAME, engine, immutable, locate
from qml.studies.hashing import digest
from qml.studies.ledger import alterations, enter, outcome_digest
from qml.studies.manifest import manifest_of
from qml.studies.schema import (
    APPLICATION_ID,
    HISTORIES,
    LEDGER,
    MANIFEST_CELLS,
    MANIFESTS,
    METADATA,
    OUTCOMES,
    PLAN,
    PREDICTIONS,
    STUDY,
    TEST_ACCESSES,
    TRIALS,
    VERSION,
)
from qml.studies.sqlite_file import check_records_file
from qml.studies.upgrade import in_memory, missing, upgrade

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FILE_NAME", "Records"]


class Records:
    """The records of one study.

    Open them with `Records.open`; `with` closes them.

    Args:
        engine: A connected SQLAlchemy engine.
        place: What to call them in messages.
    """

    def __init__(self, engine: sa.Engine, place: str) -> None:
        self._engine = engine
        self._place = place

    @classmethod
    def open(cls, where: str | Path) -> "Records":
        """Open records that are there; in a folder that cannot be written to, for reading only.

        Args:
            where: A results folder, a records file, or an SQLAlchemy URL of a database that holds one study.

        Raises:
            RecordError: If they are missing, cut short, another program's, or from a newer qml; nothing is written.
        """
        url, path = locate(where)
        if path is not None:
            check_records_file(path)
        read_only = path is not None and not os.access(path.parent, os.W_OK)
        connected = engine(immutable(path)) if path is not None and read_only else engine(url, journal="WAL")
        records = cls(connected, str(path or where))
        try:
            records._check()
            records._upgrade(read_only)
        except RecordError:
            records.close()
            raise
        return records

    @classmethod
    def create(
        cls,
        where: str | Path,
        *,
        spec: Mapping[str, Any],
        spec_hash: str,
        cells: Sequence[Cell],
        tasks: Sequence[Mapping[str, Any]],
        protocol: Mapping[str, Any],
        provenance: Mapping[str, Any],
    ) -> "Records":
        """Make new records that hold a study's manifest and plan, and no outcome yet.

        A file appears whole, or not at all.

        Args:
            where: As for `open`.
            spec: The study as plain data; its ``name`` is the study's.
            spec_hash: Hash of what must not change while the records grow.
            cells: The plan, in the order in which it is reported.
            tasks: Settings of each task, as `qml.advantage` takes them.
            protocol: Settings of the judgement.
            provenance: Versions and machine.

        Raises:
            RecordError: If records are there already, or the place cannot be written to.
        """
        url, path = locate(where)
        if path is not None and path.exists():
            raise RecordError(f"{path} is there already; open it instead.")
        draft = path.with_name(f"{path.name}.new") if path is not None else None
        if draft is not None:
            draft.unlink(missing_ok=True)
        draft_engine = engine(f"sqlite:///{draft}" if draft is not None else url, journal="DELETE")
        study = _study_row(spec, spec_hash, tasks, protocol, provenance)
        try:
            with draft_engine.begin() as connection:
                METADATA.create_all(connection)
                connection.execute(sa.insert(STUDY), [{"name": spec["name"], **study}])
                _store_manifest(connection, study, cells, now())
                if draft is not None:
                    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
                    connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")
        except sa.exc.SQLAlchemyError as error:
            raise RecordError(f"no records can be made at {path or where}: {_cause(error)}.") from error
        finally:
            draft_engine.dispose()
        if draft is not None and path is not None:
            os.replace(draft, path)
        return cls.open(where)

    def close(self) -> None:
        """Close the database; SQLite folds its write-ahead log into the file."""
        self._engine.dispose()

    def __enter__(self) -> "Records":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def change(
        self,
        *,
        spec: Mapping[str, Any],
        spec_hash: str,
        cells: Sequence[Cell],
        tasks: Sequence[Mapping[str, Any]],
        protocol: Mapping[str, Any],
        provenance: Mapping[str, Any],
    ) -> None:
        """Put the study under another manifest; the arguments are those of `create`.

        Nothing that was recorded is lost, and cells that both plans have keep their outcomes.  What was opened before
        makes a verdict under this manifest exploratory; see `qml.studies.exploratory`.
        """
        with self._begin() as connection:
            _store_manifest(connection, _study_row(spec, spec_hash, tasks, protocol, provenance), cells, now())

    def begin(self, key: str) -> str:
        """Enter in the ledger that a cell is being run, and return the hash that opens its test part.

        Raises:
            RecordError: If the cell is not in the plan.
        """
        with self._begin() as connection:
            manifest = _current_hash(connection)
            planned = _planned()
            if connection.execute(sa.select(planned.c.key).where(planned.c.key == key)).first() is None:
                raise RecordError(f"the cell {key[:12]} is not in the plan of {self._place}.")
            enter(connection, "started", key, at=now(), manifest=manifest)
        return manifest

    def add(self, record: CellRecord) -> None:
        """Write all that a cell left behind, in one transaction.

        Raises:
            RecordError: If the cell is not in the plan, or is done already.
        """
        with self._begin() as connection:
            earlier = connection.execute(
                sa.select(OUTCOMES.c.attempt, OUTCOMES.c.status)
                .where(OUTCOMES.c.key == record.key)
                .order_by(OUTCOMES.c.attempt.desc())
            ).first()
            if earlier is not None and earlier.status == "done":
                raise RecordError(f"the cell {record.key[:12]} is recorded already.")
            row = _outcome_row(record, attempt=earlier.attempt + 1 if earlier else 0)
            (outcome,) = connection.execute(sa.insert(OUTCOMES).values(row)).inserted_primary_key or (None,)
            for table, rows in _detail_rows(record):
                if rows:
                    connection.execute(sa.insert(table), [{"outcome": outcome, **row} for row in rows])
            enter(
                connection,
                "lost" if record.lost else "recorded",
                record.key,
                at=record.finished_at,
                manifest=record.manifest,
                opened_at=record.opened_at,
                content=outcome_digest(connection, outcome),
            )

    def statuses(self) -> dict[str, str]:
        """Return the status of every cell of the plan by key, in plan order: done, failed or pending."""
        with self._begin() as connection:
            latest, planned = _latest(), _planned()
            query = sa.select(planned.c.key, latest.c.status).outerjoin_from(
                planned, latest, planned.c.key == latest.c.key
            )
            return {key: status or "pending" for key, status in connection.execute(query.order_by(planned.c.position))}

    def recorded(self) -> dict[str, str]:
        """Return the status of every recorded cell by key, in the plan or not: done or failed."""
        with self._begin() as connection:
            latest = _latest()
            return {row.key: row.status for row in connection.execute(sa.select(latest.c.key, latest.c.status))}

    def plan(self) -> tuple[Cell, ...]:
        """Return every planned cell, in plan order."""
        with self._begin() as connection:
            planned = _planned()
            query = sa.select(planned.c.cell).order_by(planned.c.position)
            return tuple(Cell.from_dict(cell) for (cell,) in connection.execute(query))

    def manifest(self) -> dict[str, Any]:
        """Return what the study has decided, as plain data; see `qml.studies.manifest`."""
        return dict(self._study("content"))

    def manifest_hash(self) -> str:
        """Return the hash of the manifest that the study is under now."""
        return str(self._study("hash"))

    def manifests(self) -> "pd.DataFrame":
        """Return one row each time the study was put under a manifest: number, hash, content, stored_at and spec."""
        names = "number hash content stored_at spec"
        return self._frame(sa.select(*_columns(MANIFESTS, names)).order_by(MANIFESTS.c.number))

    def ledger(self) -> "pd.DataFrame":
        """Return the access log, one row an event in the order of events; see `qml.studies.ledger`."""
        return _with_none(self._frame(sa.select(LEDGER).order_by(LEDGER.c.number)))

    def alterations(self) -> list[str]:
        """Say what was changed in these records by other means than qml; nothing if nothing was."""
        with self._begin() as connection:
            return alterations(connection)

    def spec(self) -> dict[str, Any]:
        """Return the study as plain data."""
        return dict(self._study("spec"))

    def spec_hash(self) -> str:
        """Return the hash of the study that these records belong to."""
        return str(self._study("spec_hash"))

    def tasks(self) -> list[dict[str, Any]]:
        """Return the settings of each task, as the judge takes them."""
        return list(self._study("tasks"))

    def protocol(self) -> dict[str, Any]:
        """Return the settings of the judgement."""
        return dict(self._study("protocol"))

    def provenance(self) -> dict[str, Any]:
        """Return versions, machine and time of the study's start."""
        return dict(self._study("provenance"))

    def cells(self) -> "pd.DataFrame":
        """Return one row a recorded cell, in plan order; of a cell that was tried again, the last attempt."""
        latest, planned = _latest(), _planned()
        return self._frame(
            sa.select(
                *_columns(planned, "key task replicate model kind side twin twin_of"),
                *_columns(latest, "status score validation_score n_parameters"),
                planned.c.n_trials,
                *_columns(latest, "n_failed_trials params tune_seconds fit_seconds started_at finished_at"),
                *_columns(latest, "warnings error attempt circuit tags survival axis"),
            )
            .join_from(planned, latest, planned.c.key == latest.c.key)
            .order_by(planned.c.position)
        )

    def trials(self) -> "pd.DataFrame":
        """Return one row a tuning trial."""
        return self._details(TRIALS, "number params score fold_scores status error seconds", "number")

    def histories(self) -> "pd.DataFrame":
        """Return one row an epoch of each final fit; the losses are means over the epoch."""
        return self._details(HISTORIES, "epoch train_loss validation_loss", "epoch")

    def test_accesses(self) -> "pd.DataFrame":
        """Return one row each time a test part was opened, with the hash of the manifest; None: without one."""
        return _with_none(self._details(TEST_ACCESSES, "opened_at manifest", "opened_at"))

    def fit_seconds(self) -> list[tuple[str, str, float, int]]:
        """Return task, model, seconds and number of fits of every cell that was done."""
        query = sa.select(
            PLAN.c.task, PLAN.c.model, OUTCOMES.c.tune_seconds + OUTCOMES.c.fit_seconds, PLAN.c.n_trials, PLAN.c.cell
        ).join_from(PLAN, OUTCOMES, PLAN.c.key == OUTCOMES.c.key)
        with self._begin() as connection:
            rows = connection.execute(query.where(OUTCOMES.c.status == "done")).all()
        return [(task, model, secs, trials * cell["inner_folds"] + 1) for task, model, secs, trials, cell in rows]

    def predictions(self, key: str) -> "pd.DataFrame":
        """Return the test labels and the predicted ones of a cell, shape (n_test, 2).

        Where an answer is more than one number, such as an assignment of the nodes of a graph, a row holds its array.

        Raises:
            RecordError: If the cell left none.
        """
        import pandas as pd

        latest = _latest()
        query = sa.select(PREDICTIONS.c.y_true, PREDICTIONS.c.y_pred).join_from(
            PREDICTIONS, latest, PREDICTIONS.c.outcome == latest.c.id
        )
        with self._begin() as connection:
            row = connection.execute(query.where(latest.c.key == key)).first()
        if row is None:
            raise RecordError(f"there are no predictions of a cell {key!r} in {self._place}.")
        columns = {"y_true": _from_bytes(row.y_true), "y_pred": _from_bytes(row.y_pred)}
        return pd.DataFrame({name: list(values) if values.ndim > 1 else values for name, values in columns.items()})

    def _details(self, table: sa.Table, columns: str, order: str) -> "pd.DataFrame":
        latest, planned = _latest(), _planned()
        return self._frame(
            sa.select(*_columns(planned, "key task replicate model"), *_columns(table, columns))
            .join_from(planned, latest, planned.c.key == latest.c.key)
            .join(table, table.c.outcome == latest.c.id)
            .order_by(planned.c.position, table.c[order])
        )

    def _frame(self, query: sa.Select[Any]) -> "pd.DataFrame":
        import pandas as pd

        with self._begin() as connection:
            result = connection.execute(query)
            return pd.DataFrame(result.all(), columns=list(result.keys()))

    def _study(self, column: str) -> Any:
        with self._begin() as connection:
            query = sa.select(MANIFESTS.c[column]).order_by(MANIFESTS.c.number.desc()).limit(1)
            return connection.execute(query).scalar_one()

    def _check(self) -> None:
        with self._begin() as connection:
            if connection.dialect.name == "sqlite":
                verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
                if verdict != "ok":
                    raise RecordError(f"{self._place} is damaged: {verdict}. It was left as it is.")
            if connection.execute(sa.select(sa.func.count()).select_from(STUDY)).scalar() != 1:
                raise RecordError(f"{self._place} does not hold exactly one study.")

    def _upgrade(self, read_only: bool) -> None:
        """Bring records of an older qml to today's tables: in place, or in a copy where nothing can be written."""
        with self._begin() as connection:
            if not missing(connection):
                return
        if read_only:
            on_disk, self._engine = self._engine, in_memory(self._engine)
            on_disk.dispose()
        with self._begin() as connection:
            upgrade(connection)
            if connection.execute(sa.select(MANIFESTS.c.number)).first() is None:
                _enter_older_records(connection)

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise RecordError(f"{self._place} cannot be used: {_cause(error)}.") from error


def _latest() -> sa.Subquery:
    last = sa.select(OUTCOMES.c.key, sa.func.max(OUTCOMES.c.attempt).label("attempt")).group_by(OUTCOMES.c.key)
    newest = last.subquery()
    return (
        sa.select(OUTCOMES)
        .join(newest, (OUTCOMES.c.key == newest.c.key) & (OUTCOMES.c.attempt == newest.c.attempt))
        .subquery()
    )


def _planned() -> sa.Subquery:
    """Return the cells of the manifest that the study is under now."""
    newest = sa.select(sa.func.max(MANIFESTS.c.number)).scalar_subquery()
    columns = [column for column in PLAN.columns if column.name != "position"]
    return (
        sa.select(*columns, MANIFEST_CELLS.c.position)
        .join_from(PLAN, MANIFEST_CELLS, PLAN.c.key == MANIFEST_CELLS.c.key)
        .where(MANIFEST_CELLS.c.manifest == newest)
        .subquery()
    )


def _current_hash(connection: sa.Connection) -> str:
    query = sa.select(MANIFESTS.c.hash).order_by(MANIFESTS.c.number.desc()).limit(1)
    return str(connection.execute(query).scalar_one())


def _study_row(
    spec: Mapping[str, Any],
    spec_hash: str,
    tasks: Sequence[Mapping[str, Any]],
    protocol: Mapping[str, Any],
    provenance: Mapping[str, Any],
) -> dict[str, Any]:
    return {
        "spec": dict(spec),
        "spec_hash": spec_hash,
        "tasks": [dict(task) for task in tasks],
        "protocol": dict(protocol),
        "provenance": dict(provenance),
    }


def _store_manifest(connection: sa.Connection, study: Mapping[str, Any], cells: Sequence[Cell], at: str) -> None:
    """Add a manifest, the cells it plans, and its entry in the ledger."""
    content = manifest_of(cells, study["tasks"], study["protocol"], study["provenance"].get("plugins", {}))
    number = connection.execute(sa.select(sa.func.count()).select_from(MANIFESTS)).scalar_one()
    row = {"number": number, "hash": digest(content), "content": content, "stored_at": at, **study}
    connection.execute(sa.insert(MANIFESTS).values(row))
    known = set(connection.execute(sa.select(PLAN.c.key)).scalars())
    new = [cell for cell in cells if cell.key not in known]
    if new:
        connection.execute(sa.insert(PLAN), [_plan_row(*item) for item in enumerate(new, len(known))])
    planned = [{"manifest": number, "position": place, "key": cell.key} for place, cell in enumerate(cells)]
    connection.execute(sa.insert(MANIFEST_CELLS), planned)
    enter(connection, "manifest", row["hash"], at=at, manifest=row["hash"])


def _enter_older_records(connection: sa.Connection) -> None:
    """Begin the ledger of records whose qml kept none: plan and settings were stored before anything ran then, too."""
    study = dict(connection.execute(sa.select(STUDY)).mappings().one())
    del study["name"]
    query = sa.select(PLAN.c.cell).order_by(PLAN.c.position)
    cells = [Cell.from_dict(cell) for cell in connection.execute(query).scalars()]
    _store_manifest(connection, study, cells, str(study["provenance"].get("created_at") or now()))
    manifest = _current_hash(connection)
    connection.execute(sa.update(TEST_ACCESSES).values(manifest=manifest))
    outcomes = sa.select(OUTCOMES.c.id, OUTCOMES.c.key, OUTCOMES.c.finished_at, TEST_ACCESSES.c.opened_at)
    joined = outcomes.outerjoin_from(OUTCOMES, TEST_ACCESSES, OUTCOMES.c.id == TEST_ACCESSES.c.outcome)
    for row in connection.execute(joined.order_by(OUTCOMES.c.id)).all():
        enter(
            connection,
            "recorded",
            row.key,
            at=row.finished_at,
            manifest=manifest,
            opened_at=row.opened_at,
            content=outcome_digest(connection, row.id),
        )


def _with_none(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return a frame in which nothing is None, where pandas writes NaN, which is true."""
    frame = frame.astype(object)
    return frame.where(frame.notna(), None)


def _columns(table: sa.FromClause, names: str) -> list[Any]:
    return [table.c[name] for name in names.split()]


def _plan_row(position: int, cell: Cell) -> dict[str, Any]:
    sorted_by = ("key", "task", "replicate", "model", "kind", "side", "twin", "twin_of", "n_trials")
    row = {name: getattr(cell, name) for name in sorted_by}
    return {**row, "position": position, "cell": cell.to_dict(), "task": cell.label}


def _outcome_row(record: CellRecord, attempt: int) -> dict[str, Any]:
    left_out = {"id", "attempt", "warnings"}
    row = {column.name: getattr(record, column.name) for column in OUTCOMES.columns if column.name not in left_out}
    return {**row, "attempt": attempt, "warnings": list(record.warnings)}


def _detail_rows(record: CellRecord) -> Iterable[tuple[sa.Table, list[dict[str, Any]]]]:
    yield TRIALS, [dict(trial) for trial in record.trials]
    yield (
        HISTORIES,
        [
            {"epoch": epoch, "train_loss": plain(train), "validation_loss": plain(validation)}
            for epoch, (train, validation) in enumerate(_paired(record.train_losses, record.validation_losses))
        ],
    )
    if record.y_true is not None and record.y_pred is not None:
        yield PREDICTIONS, [{"y_true": _to_bytes(record.y_true), "y_pred": _to_bytes(record.y_pred)}]
    if record.opened_at is not None:
        yield TEST_ACCESSES, [{"opened_at": record.opened_at, "manifest": record.manifest}]


def _paired(train: Sequence[float], validation: Sequence[float]) -> Iterable[tuple[float, float | None]]:
    return zip(train, [*validation, *[None] * (len(train) - len(validation))], strict=False)


def _to_bytes(labels: NDArray[Any]) -> bytes:
    if np.issubdtype(labels.dtype, np.signedinteger) and labels.size:
        labels = labels.astype(np.result_type(np.min_scalar_type(labels.min()), np.min_scalar_type(labels.max())))
    buffer = io.BytesIO()
    np.save(buffer, labels, allow_pickle=False)
    return buffer.getvalue()


def _from_bytes(data: bytes) -> NDArray[Any]:
    labels: NDArray[Any] = np.load(io.BytesIO(data), allow_pickle=False)
    return labels.astype(np.int64) if np.issubdtype(labels.dtype, np.integer) else labels


def _cause(error: sa.exc.SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error)
