"""From a results folder to a page: real records, read back."""

import json

import pytest

from qml.errors import RecordError
from qml.reports import write_report
from qml.studies import Study


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    study = Study(
        name="tiny",
        tasks=["ad-hoc"],
        models={"quantum": ["iqp-kernel"], "classical": ["dummy", "logistic"]},
        replicates=2,
        budget={"trials": 3, "inner_folds": 2},
    )
    return study.run(results=tmp_path_factory.mktemp("results"), workers=1).folder


def test_a_study_leaves_the_page_that_write_report_writes(folder):
    made_by_the_run = (folder / "report.html").read_bytes()
    assert write_report(folder) == folder / "report.html"
    assert (folder / "report.html").read_bytes() == made_by_the_run
    assert not list(folder.glob(".report*"))


def test_the_page_tells_of_the_records(folder):
    page = (folder / "report.html").read_text(encoding="utf-8")
    for wanted in ("6 cells, 6 done, 0 failed", "6 times; at most 1 a fit", "IsingZZ", "Havlíček", "study hash"):
        assert wanted in page, wanted


def test_a_verdict_without_records_is_refused(folder, tmp_path):
    (tmp_path / "verdict.json").write_text((folder / "verdict.json").read_text())
    with pytest.raises(RecordError):
        write_report(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["verdict.json"]


def test_a_page_is_not_lost_when_the_verdict_is_unreadable(folder):
    verdict = folder / "verdict.json"
    before, page = verdict.read_text(), (folder / "report.html").read_bytes()
    verdict.write_text(json.dumps({"tasks": None}))
    try:
        with pytest.raises(RecordError, match=r"is not a verdict: it must be an object with a list named 'tasks'\."):
            write_report(folder)
    finally:
        verdict.write_text(before)
    assert (folder / "report.html").read_bytes() == page
