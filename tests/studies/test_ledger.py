"""Whoever changes the records by hand is seen."""

import re
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from test_records import CELLS, DONE, create

from qml.studies import Records
from qml.studies.exploratory import exploratory_reasons


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """Give the records of a study of two models and two replicates, begun and added as a run does it."""
    with create(tmp_path) as records:
        for cell in CELLS:
            records.add(replace(DONE, key=cell.key, manifest=records.begin(cell.key)))
        assert records.alterations() == []
    return tmp_path


def alter(folder: Path, *statements: str) -> list[str]:
    connection = sqlite3.connect(folder / "records.sqlite")
    for statement in statements:
        assert connection.execute(statement).rowcount > 0
    connection.commit()
    connection.close()
    with Records.open(folder) as records:
        return records.alterations()


LAST = "(SELECT id FROM outcomes ORDER BY id DESC LIMIT 1)"


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["UPDATE outcomes SET score = 0.99 WHERE id = 1"], r"1 outcome was changed: knn on two-moons, replicate 0"),
        (["UPDATE outcomes SET status = 'failed' WHERE id = 1"], "1 outcome was changed: knn"),
        (["UPDATE predictions SET y_pred = y_true WHERE outcome = 2"], "1 outcome was changed: mlp"),
        (
            [f"DELETE FROM {name} WHERE outcome = 1" for name in ("trials", "predictions", "test_accesses")]
            + ["DELETE FROM outcomes WHERE id = 1"],
            "1 outcome was deleted: knn on two-moons, replicate 0",
        ),
        (
            [f"DELETE FROM {name} WHERE outcome = {LAST}" for name in ("trials", "predictions", "test_accesses")]
            + ["DELETE FROM outcomes WHERE id = " + LAST],
            "1 outcome was deleted: mlp on two-moons, replicate 1",
        ),
        (["DELETE FROM ledger WHERE number = 3"], "entry 3 of the ledger was changed, deleted or put in"),
        (["UPDATE ledger SET at = '2020' WHERE number = 2"], "entry 2 of the ledger was changed"),
        (["UPDATE ledger SET manifest = 'x' WHERE number = 5"], "entry 5 of the ledger was changed"),
        (
            ["INSERT INTO ledger SELECT number + 100, event, key, manifest, at, opened_at, digest, chain FROM ledger"],
            "entry 10 of the ledger was changed, deleted or put in",
        ),
        (["DELETE FROM ledger WHERE number > 7"], "1 outcome was put in: mlp on two-moons, replicate 1"),
        (["UPDATE manifests SET content = replace(content, '0.05', '0.5')"], "the manifest .{8} was changed"),
        (["DELETE FROM manifests"], "a manifest was deleted or put in"),
        (["DELETE FROM manifest_cells WHERE position >= 2"], "the planned cells of the manifest .{8} were changed"),
    ],
)
def test_what_is_altered_is_seen(recorded: Path, statements: list[str], said: str) -> None:
    found = alter(recorded, *statements)
    assert any(re.match(said, line) for line in found), found


def test_an_altered_file_gives_an_exploratory_verdict(recorded: Path) -> None:
    alter(recorded, "UPDATE outcomes SET score = 0.99 WHERE id = 1")
    with Records.open(recorded) as records:
        reasons = exploratory_reasons(records)
    assert reasons == [
        "the records were altered by other means than qml: 1 outcome was changed: knn on two-moons, replicate 0"
    ]


def test_the_records_have_no_way_to_change_or_delete_a_row() -> None:
    methods = {name for name in dir(Records) if not name.startswith("_")}
    writing = {"create", "add", "begin", "change"}
    reading = {
        *("open", "close", "statuses", "recorded", "plan", "spec", "spec_hash", "tasks", "protocol", "provenance"),
        *("manifest", "manifest_hash", "manifests", "ledger", "alterations", "cells", "trials", "histories"),
        *("test_accesses", "fit_seconds", "predictions"),
    }
    assert methods == writing | reading
