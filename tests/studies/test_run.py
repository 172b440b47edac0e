import json
import shutil
from pathlib import Path

import filelock
import pytest

from qml.errors import RecordError
from qml.studies import Records, Study
from qml.studies.outcome import whole_replicates
from qml.studies.run import pending_cells


def test_a_run_leaves_the_whole_folder(study_file: Path, inline: list[str]) -> None:
    result = Study.from_yaml(study_file, ["seed=9"]).run(progress=False)
    assert result.n_run == result.n_cells == len(inline) == 12
    assert result.n_failed == 0
    names = {path.name for path in result.folder.iterdir()}
    assert {"study.yaml", "records.sqlite", "verdict.json", "report.html"} <= names
    assert Study.from_yaml(result.folder / "study.yaml").spec.seed == 9
    assert [task["task"] for task in result.verdict["tasks"]] == ["two-moons"]
    assert result.cells["status"].tolist() == ["done"] * 12
    assert "two-moons: INCONCLUSIVE (L0)" in repr(result)


def test_running_again_does_nothing(study_file: Path, inline: list[str]) -> None:
    Study.from_yaml(study_file).run(progress=False)
    inline.clear()
    assert Study.from_yaml(study_file).run(progress=False).n_run == 0
    assert inline == []


def test_a_stopped_run_continues_where_it_was(
    study_file: Path, inline: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Study.from_yaml(study_file, ["name=whole"]).run(progress=False)
    inline.clear()
    study = Study.from_yaml(study_file)
    added = Records.add

    def stop_after_five(self: Records, record: object) -> None:
        added(self, record)  # type: ignore[arg-type]
        if len(inline) == 5:
            raise KeyboardInterrupt

    monkeypatch.setattr(Records, "add", stop_after_five)
    with pytest.raises(KeyboardInterrupt):
        study.run(progress=False)
    monkeypatch.setattr(Records, "add", added)
    assert len(pending_cells(study.spec, study.plan(), Path("results/mini"))) == 7
    result = study.run(progress=False)
    assert result.n_run == 7
    assert len(set(inline)) == len(inline) == 12
    assert result.cells["score"].tolist() == whole.cells["score"].tolist()
    assert result.verdict == whole.verdict


def test_the_order_of_cells_does_not_change_the_verdict(
    study_file: Path, inline: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from qml.studies import run

    forward = Study.from_yaml(study_file, ["name=forward"]).run(progress=False)
    in_order = run.run_cells
    monkeypatch.setattr(run, "run_cells", lambda client, cells, *how: in_order(client, cells[::-1], *how))
    backward = Study.from_yaml(study_file, ["name=backward"]).run(progress=False)
    assert (backward.folder / "verdict.json").read_bytes() == (forward.folder / "verdict.json").read_bytes()


def test_a_changed_study_is_refused_and_another_name_offered(study_file: Path, inline: list[str]) -> None:
    before = Study.from_yaml(study_file).run(progress=False)
    content = (before.folder / "records.sqlite").read_bytes()
    with pytest.raises(RecordError) as error:
        Study.from_yaml(study_file, ["budget.trials=4", "margin=0.1"]).run(progress=False)
    assert "  trials: 3 -> 4\n  two-moons.margin: 0.02 -> 0.1\n" in str(error.value)
    assert "--set name=mini-2" in str(error.value)
    assert (before.folder / "records.sqlite").read_bytes() == content
    assert Study.from_yaml(study_file, ["description=other words"]).run(progress=False).n_run == 0


def test_another_version_of_a_model_is_refused(study_file: Path, inline: list[str]) -> None:
    from dataclasses import replace

    from qml.models import MODELS

    study = Study.from_yaml(study_file)
    study.run(progress=False)
    (Path("results/mini") / "verdict.json").unlink()
    MODELS._entries["toy"] = replace(MODELS.get("toy"), version=2)
    with pytest.raises(RecordError, match=r"  toy\.version: 1 -> 2\n"):
        study.run(progress=False)


def test_a_lost_verdict_is_written_again(study_file: Path, inline: list[str]) -> None:
    result = Study.from_yaml(study_file).run(progress=False)
    verdict = (result.folder / "verdict.json").read_bytes()
    (result.folder / "verdict.json").write_text("{")
    assert Study.from_yaml(study_file).run(progress=False).n_run == 0
    assert (result.folder / "verdict.json").read_bytes() == verdict


def test_failed_cells_are_kept_and_tried_again_only_on_request(study_file: Path, inline: list[str]) -> None:
    study_file.write_text(
        study_file.read_text().replace("[toy]", "[toy-broken]").replace("twins: [separable]", "twins: []")
    )
    study = Study.from_yaml(study_file)
    result = study.run(progress=False)
    assert (result.n_failed, result.n_cells) == (3, 9)
    assert result.verdict["tasks"][0]["ledger"]["quantum"]["failed_cells"] == 3
    assert study.run(progress=False).n_run == 0
    again = study.run(progress=False, retry_failed=True)
    assert (again.n_run, again.n_failed) == (3, 3)
    assert again.cells["attempt"].max() == 1


def test_a_folder_in_use_is_refused(study_file: Path, inline: list[str]) -> None:
    folder = Path("results/mini")
    folder.mkdir(parents=True)
    with filelock.FileLock(folder / ".lock"), pytest.raises(RecordError, match="is in use by another run"):
        Study.from_yaml(study_file).run(progress=False)
    assert Study.from_yaml(study_file).run(progress=False).n_run == 12


def test_a_results_folder_that_cannot_be_made_stops_before_anything_runs(study_file: Path, inline: list[str]) -> None:
    Path("taken").write_text("a file")
    with pytest.raises(RecordError, match="the results folder taken/mini cannot be written to"):
        Study.from_yaml(study_file).run("taken", progress=False)
    assert inline == []
    assert Path("taken").read_text() == "a file"


def test_bad_records_stop_before_anything_runs(study_file: Path, inline: list[str]) -> None:
    folder = Path("results/mini")
    folder.mkdir(parents=True)
    (folder / "records.sqlite").write_text("not ours")
    with pytest.raises(RecordError, match="is not a records file"):
        Study.from_yaml(study_file).run(progress=False)
    assert (folder / "records.sqlite").read_text() == "not ours"
    assert inline == []


def test_a_reference_verdict_without_records_does_not_count_as_finished(study_file: Path, inline: list[str]) -> None:
    result = Study.from_yaml(study_file).run(progress=False)
    for name in ("records.sqlite", ".lock"):
        (result.folder / name).unlink()
    assert Study.from_yaml(study_file).run(progress=False).n_run == 12


def test_an_unfinished_study_is_judged_on_whole_replicates(study_file: Path, inline: list[str]) -> None:
    result = Study.from_yaml(study_file).run(progress=False)
    shutil.copytree(result.folder, "results/part")
    import sqlite3

    connection = sqlite3.connect("results/part/records.sqlite")
    (last,) = connection.execute("select max(id) from outcomes").fetchone()
    for table in ("trials", "histories", "predictions", "test_accesses"):
        connection.execute(f"delete from {table} where outcome = ?", (last,))
    connection.execute("delete from outcomes where id = ?", (last,))
    connection.commit()
    connection.close()
    with Records.open("results/part") as records:
        assert {cell["replicate"] for cell in whole_replicates(records)} == {0, 1}


def test_the_verdict_holds_no_time(study_file: Path, inline: list[str]) -> None:
    result = Study.from_yaml(study_file).run(progress=False)
    assert "seconds" not in json.dumps({**result.verdict, "secondary": None})  # a projection is there, and no time
