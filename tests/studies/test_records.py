import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qml.errors import RecordError
from qml.studies import Cell, CellRecord, Records
from qml.studies.cell import failed_record
from qml.studies.records import FILE_NAME

CELLS = tuple(
    Cell(
        task="two-moons",
        task_version=1,
        n_train=4,
        n_test=3,
        replicate=replicate,
        model=model,
        model_version=1,
        n_trials=2,
        inner_folds=2,
        study_seed=0,
        kind="classical",
        side="classical",
    )
    for replicate in (0, 1)
    for model in ("knn", "mlp")
)
DONE = CellRecord(
    key=CELLS[0].key,
    status="done",
    score=0.75,
    validation_score=0.7,
    n_parameters=12,
    n_failed_trials=1,
    params={"k": 3, "features": "raw"},
    trials=(
        {
            "number": 0,
            "params": {"k": 3},
            "score": 0.7,
            "fold_scores": [0.6, 0.8],
            "status": "done",
            "error": None,
            "seconds": 0.1,
        },
        {
            "number": 1,
            "params": {"k": 5},
            "score": None,
            "fold_scores": [],
            "status": "failed",
            "error": "NaN",
            "seconds": 0.1,
        },
    ),
    train_losses=(0.9, 0.5),
    validation_losses=(1.0, float("nan")),
    y_true=np.array([0, 1, -1]),
    y_pred=np.array([0, 1, 1]),
    tune_seconds=0.2,
    fit_seconds=0.05,
    started_at="2026-01-01T00:00:00.000+00:00",
    finished_at="2026-01-01T00:00:01.000+00:00",
    opened_at="2026-01-01T00:00:00.900+00:00",
    warnings=("UserWarning: x",),
)


def create(folder: Path) -> Records:
    return Records.create(
        folder,
        spec={"name": "s", "seed": 0},
        spec_hash="abc",
        cells=CELLS,
        tasks=[{"name": "two-moons"}],
        protocol={"alpha": 0.05},
        provenance={"qml": "0"},
    )


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    with create(tmp_path) as records:
        records.add(DONE)
    with Records.open(tmp_path) as records:
        assert records.spec() == {"name": "s", "seed": 0}
        assert (records.spec_hash(), records.tasks(), records.protocol()) == (
            "abc",
            [{"name": "two-moons"}],
            {"alpha": 0.05},
        )
        assert records.provenance() == {"qml": "0"}
        assert records.plan() == CELLS
        (row,) = records.cells().to_dict("records")
        assert (row["key"], row["model"], row["score"], row["n_parameters"]) == (CELLS[0].key, "knn", 0.75, 12)
        assert (row["params"], row["n_trials"], row["n_failed_trials"]) == ({"k": 3, "features": "raw"}, 2, 1)
        assert row["warnings"] == ["UserWarning: x"]
        trials = records.trials()
        assert trials["fold_scores"].tolist() == [[0.6, 0.8], []]
        assert trials["status"].tolist() == ["done", "failed"]
        histories = records.histories()
        assert histories["train_loss"].tolist() == [0.9, 0.5]
        assert histories["validation_loss"].isna().tolist() == [False, True]
        predictions = records.predictions(CELLS[0].key)
        assert predictions["y_true"].tolist() == [0, 1, -1]
        assert predictions["y_pred"].dtype == np.int64
        assert records.test_accesses()["opened_at"].tolist() == [DONE.opened_at]


def test_cells_come_in_plan_order_whatever_the_order_of_writing(tmp_path: Path) -> None:
    with create(tmp_path) as records:
        for cell in reversed(CELLS[:3]):
            records.add(replace(DONE, key=cell.key))
        assert records.cells()["key"].tolist() == [cell.key for cell in CELLS[:3]]
        assert list(records.statuses().values()) == ["done", "done", "done", "pending"]


def test_a_failed_cell_may_be_tried_again_and_a_done_one_not(tmp_path: Path) -> None:
    with create(tmp_path) as records:
        records.add(failed_record(CELLS[0], "the worker died"))
        assert records.statuses()[CELLS[0].key] == "failed"
        assert records.cells()["error"].tolist() == ["the worker died"]
        records.add(DONE)
        assert records.cells()["status"].tolist() == ["done"]
        assert records.cells()["attempt"].tolist() == [1]
        with pytest.raises(RecordError, match="is recorded already"):
            records.add(DONE)


def test_a_cell_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    with create(tmp_path) as records:
        with pytest.raises(RecordError, match="cannot be used: NOT NULL constraint failed"):
            records.add(replace(DONE, trials=({"number": 0, "params": {}, "fold_scores": [], "status": "done"},)))
        assert records.statuses()[CELLS[0].key] == "pending"
        assert records.test_accesses().empty


def test_a_cell_outside_the_plan_is_refused(tmp_path: Path) -> None:
    with create(tmp_path) as records, pytest.raises(RecordError, match="FOREIGN KEY constraint failed"):
        records.add(replace(DONE, key="0" * 64))


def test_predictions_that_are_not_there_are_an_error(tmp_path: Path) -> None:
    with create(tmp_path) as records, pytest.raises(RecordError, match="no predictions of a cell 'nokey'"):
        records.predictions("nokey")


def test_records_are_not_made_twice(tmp_path: Path) -> None:
    create(tmp_path).close()
    with pytest.raises(RecordError, match="is there already"):
        create(tmp_path)


def test_there_is_no_file_until_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qml.studies.records.os.replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        create(tmp_path)
    assert not (tmp_path / FILE_NAME).exists()
    monkeypatch.undo()
    create(tmp_path).close()


def _is_refused(path: Path, message: str) -> None:
    before = path.read_bytes()
    with pytest.raises(RecordError, match=message):
        Records.open(path.parent)
    assert path.read_bytes() == before
    assert [other.name for other in path.parent.iterdir()] == [path.name]


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(
        RecordError, match=r"holds no records \(records\.sqlite\)\. Run its study first: qml run FILE\."
    ):
        Records.open(tmp_path)


@pytest.mark.parametrize("content", [b"", b"SQLite", b"SQLite format 3\0" + b"\0" * 40])
def test_a_file_cut_in_its_header_is_truncated(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    _is_refused(tmp_path / FILE_NAME, f"is truncated: it has {len(content)} bytes, less than a header")


def test_a_file_that_is_not_sqlite_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("my notes, which nobody may overwrite\n" * 10)
    _is_refused(tmp_path / FILE_NAME, "is not a records file: it is not SQLite. It was left as it is")


def test_another_programs_sqlite_file_is_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute("create table notes (text)")
    connection.commit()
    connection.close()
    _is_refused(tmp_path / FILE_NAME, "it is the SQLite file of another program")


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.95])
def test_a_truncated_file_is_left_alone(tmp_path: Path, keep: float) -> None:
    with create(tmp_path) as records:
        records.add(DONE)
    path = tmp_path / FILE_NAME
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content))])
    _is_refused(path, f"is truncated: it has {int(keep * len(content))} bytes of {len(content)}")


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    create(tmp_path).close()
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute("pragma user_version = 99")
    connection.close()
    _is_refused(tmp_path / FILE_NAME, r"was written by a newer qml \(format 99, this one reads up to 3\)")


def test_a_damaged_file_is_an_error(tmp_path: Path) -> None:
    with create(tmp_path) as records:
        records.add(DONE)
    path = tmp_path / FILE_NAME
    content = bytearray(path.read_bytes())
    content[4096:12288] = b"\xff" * 8192
    path.write_bytes(content)
    with pytest.raises(RecordError, match=r"is damaged|cannot be used"):
        Records.open(tmp_path)


def test_records_may_be_opened_by_url(tmp_path: Path) -> None:
    with create(tmp_path) as records:
        records.add(DONE)
    with Records.open(f"sqlite:///{tmp_path / FILE_NAME}") as records:
        assert len(records.cells()) == 1


def test_a_folder_that_cannot_be_written_to_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "a folder 100%"
    folder.mkdir()
    with create(folder) as records:
        records.add(DONE)
    monkeypatch.setattr("qml.studies.records.os.access", lambda *_: False)  # the tests may run as root
    with Records.open(folder) as records:
        assert records.cells()["score"].tolist() == [0.75]
        assert [path.name for path in folder.iterdir()] == [FILE_NAME]  # no log, no lock
        with pytest.raises(RecordError, match=r"records\.sqlite cannot be used: attempt to write a readonly database"):
            records.add(replace(DONE, key=CELLS[1].key))


def test_a_log_that_was_not_folded_in_is_not_overlooked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create(tmp_path).close()
    (tmp_path / f"{FILE_NAME}-wal").write_bytes(b"something")
    monkeypatch.setattr("qml.studies.records.os.access", lambda *_: False)
    with pytest.raises(RecordError, match=r"cannot be written to, and records\.sqlite-wal has records that are not"):
        Records.open(tmp_path)
