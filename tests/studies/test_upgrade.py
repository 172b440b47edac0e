"""Records written by the first version: tests/studies/records_v1.sql is a dump of what that code wrote."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_records import CELLS, DONE

from qml.studies import Records
from qml.studies.exploratory import exploratory_reasons
from qml.studies.outcome import judged_rows, secondary_rows
from qml.studies.records import FILE_NAME
from qml.studies.schema import VERSION

OLD = Path(__file__).with_name("records_v1.sql").read_text()


@pytest.fixture
def old(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.executescript(OLD)
    connection.close()
    return tmp_path


def version(folder: Path) -> int:
    connection = sqlite3.connect(folder / FILE_NAME)
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    return int(found)


def test_old_records_are_read_and_continued(old: Path) -> None:
    with Records.open(old) as records:
        assert records.plan() == CELLS
        assert list(records.statuses().values()) == ["done", "failed", "pending", "pending"]
        assert records.cells()["score"].tolist()[0] == 0.75
        records.add(replace(DONE, key=CELLS[2].key, tags=("light-cone",), survival={"shots=100,p=0.01": 0.5}))
    with Records.open(old) as records:
        rows = list(judged_rows(records).values())
        assert [row["tags"] for row in rows] == [None, None, ["light-cone"]]
        assert [row["survival"] for row in rows] == [None, None, {"shots=100,p=0.01": 0.5}]
        assert [row["axis"] for row in rows] == [None, None, None]
        assert np.array_equal(records.predictions(CELLS[0].key)["y_pred"], DONE.y_pred)


def test_what_old_records_did_not_keep_is_said(old: Path) -> None:
    circuit = {"n_wires": 2, "n_gates": 4, "depth": 3, "shots": None, "noise": False, "tags": []}
    task = {"name": "two-moons", "design": "fresh", "test_fraction": None, "n_test": 100, "metric": "accuracy",
            "chance": 0.5, "margin": 0.02}  # fmt: skip
    protocol = {"alpha": 0.05, "trials": 2, "inner_folds": 2, "replicates": 2, "required_pool": []}
    with Records.open(old) as records:
        done = next(row for row in judged_rows(records).values() if row["status"] == "done")
    rows = [{**done, "side": "quantum", "twin": None}]
    (entry,) = secondary_rows(rows, [task], protocol)
    assert [row["reason"] for row in entry["hardware_time"]["not_projected"]] == ["no circuit was looked at"]
    (entry,) = secondary_rows([{**row, "circuit": circuit} for row in rows], [task], protocol)
    (row,) = entry["hardware_time"]["not_projected"]
    assert row["reason"] == "its record is of an older version, which kept neither rows nor steps"


def test_an_upgrade_happens_once_and_changes_no_old_value(old: Path) -> None:
    before = [line for line in OLD.splitlines() if line.startswith("INSERT")]
    Records.open(old).close()
    assert version(old) == VERSION
    content = (old / FILE_NAME).read_bytes()
    Records.open(old).close()
    assert (old / FILE_NAME).read_bytes() == content
    connection = sqlite3.connect(old / FILE_NAME)
    after = "\n".join(connection.iterdump())
    connection.close()
    for line in before:
        assert line.removesuffix(");") in after


def test_old_records_are_read_where_nothing_can_be_written(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qml.studies.records.os.access", lambda *_: False)  # the tests may run as root
    content = (old / FILE_NAME).read_bytes()
    with Records.open(old) as records:
        assert records.cells()["score"].tolist()[0] == 0.75
        assert next(iter(judged_rows(records).values()))["tags"] is None
    assert (old / FILE_NAME).read_bytes() == content
    assert [path.name for path in old.iterdir()] == [FILE_NAME]


def test_old_records_get_the_manifest_that_they_were_begun_with(old: Path) -> None:
    with Records.open(old) as records:
        assert records.ledger()["event"].tolist() == ["manifest", "recorded", "recorded"]
        assert records.ledger()["opened_at"].tolist() == [None, None, DONE.opened_at]
        assert records.manifest()["protocol"] == {"alpha": 0.05}
        assert records.test_accesses()["manifest"].tolist() == [records.manifest_hash()]
        assert exploratory_reasons(records) == []


def test_old_records_in_any_database_are_upgraded(old: Path) -> None:
    with Records.open(f"sqlite:///{old / FILE_NAME}") as records:
        assert records.cells()["tags"].tolist() == [None, None]
