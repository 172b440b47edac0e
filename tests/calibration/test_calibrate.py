import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from qml.advantage import Verdict, verdict
from qml.calibration import Case, Suite
from qml.calibration import run as calibration_run
from qml.calibration.run import calibrate, pending
from qml.calibration.table_case import TableCase
from qml.errors import RecordError
from qml.reports import write_calibration
from qml.studies import Records, judge_records

pytestmark = pytest.mark.usefixtures("no_defects")
MakeCase = Callable[..., Case]


def test_a_suite_of_a_users_cases_is_run_judged_and_counted(tmp_path: Path, suite: Suite, inline: list[str]) -> None:
    folder = tmp_path / "calibration"
    done = calibrate(suite, folder, show=False)
    assert done.n_run == len(inline) == 12
    assert json.loads((folder / "calibration.json").read_text()) == done.summary
    assert json.loads((folder / "suite.json").read_text())["n_cells"] == 12
    assert [case["finished"] for case in done.summary["cases"]] == [2, 1]
    assert {row["reason"].split(":")[0] for row in done.summary["repeats"]} == {"too few replicates"}
    assert done.summary["false_alarm"]["advantage"]["n"] == 2
    assert "Calibration missed 1 of 2 targets" in done.summary["headline"]
    assert "1 too few replicates" in done.summary["headline"]
    assert (done.summary["safe"], done.summary["passed"], done.summary["finished"]) == (True, False, True)
    page = write_calibration(folder).read_text()
    assert page.startswith(f"**{done.summary['headline']}**\n")


def test_a_stopped_calibration_continues_where_it_was(
    tmp_path: Path, suite: Suite, inline: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = calibrate(suite, tmp_path / "whole", show=False)
    inline.clear()
    added = Records.add

    def stop_after_five(self: Records, record: object) -> None:
        added(self, record)  # type: ignore[arg-type]
        if len(inline) == 5:
            raise KeyboardInterrupt

    monkeypatch.setattr(Records, "add", stop_after_five)
    with pytest.raises(KeyboardInterrupt):
        calibrate(suite, tmp_path / "part", show=False)
    monkeypatch.setattr(Records, "add", added)
    assert len(pending(suite, tmp_path / "part")) == 7
    part = calibrate(suite, tmp_path / "part", show=False)
    assert part.n_run == 7
    assert part.summary["repeats"] == whole.summary["repeats"]
    assert calibrate(suite, tmp_path / "part", show=False).n_run == 0


def test_another_suite_is_refused_by_name(tmp_path: Path, suite: Suite, make_case: MakeCase, inline: list[str]) -> None:
    calibrate(suite, tmp_path, show=False)
    changed = Suite((make_case("one", study={"margin": 0.1}), suite.cases[1]))
    with pytest.raises(RecordError, match=r"another suite: the case one is no longer the same. They were left"):
        calibrate(changed, tmp_path, show=False)
    with pytest.raises(RecordError, match="another suite: the case two is no longer the same"):
        pending(Suite(suite.cases[:1]), tmp_path)


def test_another_version_of_a_model_is_refused(
    tmp_path: Path, suite: Suite, inline: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from qml.models import MODELS

    calibrate(suite, tmp_path, show=False)
    monkeypatch.setitem(MODELS._entries, "knn", replace(MODELS.get("knn"), version=99))
    with pytest.raises(RecordError, match="a task or a model of the case one has another version or search space"):
        pending(Suite(suite.cases), tmp_path)


def test_a_new_case_joins_those_that_were_run(
    tmp_path: Path, suite: Suite, make_case: MakeCase, inline: list[str]
) -> None:
    before = calibrate(suite, tmp_path, show=False)
    inline.clear()
    grown = Suite((*suite.cases, make_case("three", repeats=1)))
    assert len(pending(grown, tmp_path)) == 4
    after = calibrate(grown, tmp_path, show=False)
    assert len(inline) == after.n_run == 4
    assert after.summary["repeats"][:3] == before.summary["repeats"]
    assert after.summary["suite"] != before.summary["suite"]
    assert calibrate(grown, tmp_path, show=False).n_run == 0


def test_records_of_a_calibration_are_no_study(tmp_path: Path, suite: Suite, inline: list[str]) -> None:
    calibrate(suite, tmp_path, show=False)
    with Records.open(tmp_path) as records, pytest.raises(RecordError, match="records of a calibration"):
        judge_records(records)


def test_changed_code_makes_a_sample_again_and_says_so(
    tmp_path: Path, suite: Suite, inline: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = calibrate(suite, tmp_path, show=False)
    assert first.summary["replay"] is None
    monkeypatch.setattr(calibration_run, "source_hash", lambda: "f" * 64)
    again = calibrate(suite, tmp_path, show=False)
    replay = again.summary["replay"]
    assert (replay["replayed_cells"], replay["equal"], replay["largest_difference"]) == (4, 4, 0.0)
    assert replay["made_by"] == first.summary["source"]
    assert "4 of 4 scores are the same" in write_calibration(tmp_path).read_text()


def test_changed_code_that_scores_differently_is_refused(
    tmp_path: Path, suite: Suite, inline: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from qml.studies.cell import run_cell

    calibrate(suite, tmp_path, show=False)
    monkeypatch.setattr(calibration_run, "source_hash", lambda: "f" * 64)

    def worse(cell: object) -> object:
        record = run_cell(cell)  # type: ignore[arg-type]
        return replace(record, score=(record.score or 0.0) - 0.1)

    monkeypatch.setattr(calibration_run, "run_cell", worse)
    with pytest.raises(RecordError, match=r"made by other code, which scored .* differently \(by 0.1\)"):
        calibrate(suite, tmp_path, show=False)


def test_what_is_recorded_can_be_counted_without_running_more(tmp_path: Path, suite: Suite, inline: list[str]) -> None:
    done = calibrate(suite, tmp_path, show=False, run=False)
    assert (done.n_run, inline) == (0, [])
    assert [case["finished"] for case in done.summary["cases"]] == [0, 0]
    assert "(0 of 3 studies are done)" in done.summary["headline"]


def test_a_table_of_scores_is_a_case_too_and_is_judged_once(tmp_path: Path, suite: Suite, inline: list[str]) -> None:
    drawn: list[int] = []

    def judged(seed: int) -> Verdict:
        drawn.append(seed)
        return verdict([0.8, 0.82] * 5, [0.9, 0.91] * 5, margin=0.02)

    table = TableCase(
        name="table", code="T9", group="trap", summary="-", source="-", repeats=2, replicates=10, judged=judged
    )
    with_table = Suite(suite.cases, (table,))
    for _ in range(2):
        done = calibrate(with_table, tmp_path, show=False)
    assert len(set(drawn)) == len(drawn) == 2
    counted = done.summary["cases"][-1]
    assert (counted["finished"], counted["labels"]["DISADVANTAGE"], counted["levels"]) == (2, 2, {"L0": 2})
    assert counted["mean_difference"] == pytest.approx(-0.095)
