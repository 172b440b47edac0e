"""The append-only ledger of a records file: what was decided, started and recorded, in this order.

Three events: a ``manifest`` was stored; a cell was ``started``, so that from then on its test part may be open; an
outcome was ``recorded``, or ``lost`` with its worker.  Each row carries a hash of itself and of the row before, so that
rows which are changed, deleted or put in by hand show.  There is no secret in it: it guards against slips and second
thoughts, not against somebody who writes the whole file anew.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import sqlalchemy as sa

from qml.studies.hashing import digest
from qml.studies.schema import LEDGER, MANIFEST_CELLS, MANIFESTS, OUTCOMES, PLAN, PREDICTIONS

Event = Literal["manifest", "started", "recorded", "lost"]
_CHAINED = ("number", "event", "key", "manifest", "at", "opened_at", "digest")


def enter(
    connection: sa.Connection,
    event: Event,
    key: str,
    *,
    at: str,
    manifest: str | None,
    opened_at: str | None = None,
    content: str | None = None,
) -> None:
    """Add a row.

    Args:
        connection: In a transaction.
        event: What happened.
        key: Of the cell, or the hash of the manifest.
        at: When.
        manifest: Under which.
        opened_at: When the test part was opened, if it was.
        content: Digest of what was recorded.
    """
    newest = sa.select(LEDGER.c.number, LEDGER.c.chain).order_by(LEDGER.c.number.desc()).limit(1)
    last = connection.execute(newest).first()
    row = {
        "number": last.number + 1 if last else 1,
        "event": event,
        "key": key,
        "manifest": manifest,
        "at": at,
        "opened_at": opened_at,
        "digest": content,
    }
    connection.execute(sa.insert(LEDGER).values({**row, "chain": _chained(last.chain if last else "", row)}))


def outcome_digest(connection: sa.Connection, outcome: Any) -> str:
    """Hash what the verdict takes from an outcome: status, scores, failed trials and labels."""
    columns = (OUTCOMES.c.key, OUTCOMES.c.attempt, OUTCOMES.c.status, OUTCOMES.c.score, OUTCOMES.c.validation_score)
    query = _outcomes(*columns, OUTCOMES.c.n_failed_trials).where(OUTCOMES.c.id == outcome)
    return _digest_of(connection.execute(query).one())


def alterations(connection: sa.Connection) -> list[str]:
    """Say what was changed in the records by other means than qml; nothing if nothing was."""
    rows = [dict(row) for row in connection.execute(sa.select(LEDGER).order_by(LEDGER.c.number)).mappings()]
    found = [*_broken_chain(rows), *_manifests(connection, rows), *_cells(connection)]
    return found + _altered_outcomes(connection, rows)


def _chained(before: str, row: Mapping[str, Any]) -> str:
    return digest([before, *(row[name] for name in _CHAINED)])


def _broken_chain(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    before = ""
    for number, row in enumerate(rows, 1):
        if row["number"] != number or row["chain"] != _chained(before, row):
            return [f"entry {number} of the ledger was changed, deleted or put in"]
        before = row["chain"]
    return []


def _manifests(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    entered = [row["key"] for row in rows if row["event"] == "manifest"]
    query = sa.select(MANIFESTS.c.hash, MANIFESTS.c.content).order_by(MANIFESTS.c.number)
    stored = connection.execute(query).all()
    if entered != [row.hash for row in stored]:
        return ["a manifest was deleted or put in"]
    return [f"the manifest {row.hash[:8]} was changed" for row in stored if digest(row.content) != row.hash]


def _cells(connection: sa.Connection) -> list[str]:
    planned: dict[int, list[str]] = defaultdict(list)
    query = sa.select(MANIFEST_CELLS.c.manifest, MANIFEST_CELLS.c.key)
    for number, key in connection.execute(query.order_by(MANIFEST_CELLS.c.position)):
        planned[number].append(key)
    stored = connection.execute(sa.select(MANIFESTS.c.number, MANIFESTS.c.hash, MANIFESTS.c.content)).all()
    return [
        f"the planned cells of the manifest {row.hash[:8]} were changed"
        for row in stored
        if digest(planned[row.number]) != row.content.get("cells")
    ]


def _altered_outcomes(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    entered: dict[tuple[str, int], str] = {}
    attempts: dict[str, int] = defaultdict(int)
    for row in rows:
        if row["event"] in ("recorded", "lost"):
            entered[row["key"], attempts[row["key"]]] = row["digest"]
            attempts[row["key"]] += 1
    columns = (OUTCOMES.c.key, OUTCOMES.c.attempt, OUTCOMES.c.status, OUTCOMES.c.score, OUTCOMES.c.validation_score)
    outcomes = connection.execute(_outcomes(*columns, OUTCOMES.c.n_failed_trials)).all()
    stored = {(row.key, row.attempt): _digest_of(row) for row in outcomes}
    groups = {
        "deleted": entered.keys() - stored.keys(),
        "put in": stored.keys() - entered.keys(),
        "changed": {place for place in entered.keys() & stored.keys() if entered[place] != stored[place]},
    }
    names = _names(connection)
    return [
        f"{len(places)} outcome{'s were' if len(places) > 1 else ' was'} {what}: {_list(places, names)}"
        for what, places in groups.items()
        if places
    ]


def _outcomes(*columns: Any) -> sa.Select[Any]:
    return sa.select(*columns, PREDICTIONS.c.y_true, PREDICTIONS.c.y_pred).outerjoin_from(
        OUTCOMES, PREDICTIONS, PREDICTIONS.c.outcome == OUTCOMES.c.id
    )


def _digest_of(row: sa.Row[Any]) -> str:
    values = tuple(row)
    return digest([*values[:-2], *(hashlib.sha256(labels or b"").hexdigest() for labels in values[-2:])])


def _names(connection: sa.Connection) -> dict[str, str]:
    query = sa.select(PLAN.c.key, PLAN.c.task, PLAN.c.replicate, PLAN.c.model)
    return {row.key: f"{row.model} on {row.task}, replicate {row.replicate}" for row in connection.execute(query)}


def _list(places: set[tuple[str, int]], names: Mapping[str, str]) -> str:
    shown = sorted(names.get(key, key[:8]) for key, _ in places)
    return "; ".join(shown[:3]) + ("; …" if len(shown) > 3 else "")
