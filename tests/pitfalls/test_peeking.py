"""Peeking, dropped seeds: one look or planned ones; what was started is in a ledger that shows every erasure."""

import sqlite3
from collections.abc import Callable

import pytest
from score_tables import a_clear_win, judged

from qml.errors import RecordError
from qml.studies import Records, StudyResult, judge_records


@pytest.mark.parametrize("n", [10, 15, 19])
def test_stopping_when_it_pleases_is_no_verdict(n: int) -> None:
    verdict = judged(*(group[:n] for group in a_clear_win()))
    assert verdict["label"] == "INCONCLUSIVE"
    assert verdict["reason"].startswith(f"unfinished: {n} of 20")


def test_fewer_replicates_after_a_look_are_exploratory(attempt: Callable[..., StudyResult]) -> None:
    attempt()
    (reason,) = attempt(replicates=1, exploratory=True).verdict["exploratory"]
    assert reason.endswith("Changed since: replicates: 2 -> 1")


def test_looks_that_are_planned_after_a_look_are_exploratory(attempt: Callable[..., StudyResult]) -> None:
    attempt()
    with pytest.raises(RecordError, match=r"  looks: \[\] -> \[10, 20\]\n"):
        attempt(replicates=20, looks=[10, 20])


def test_a_seed_that_is_deleted_from_the_file_is_missed(attempt: Callable[..., StudyResult]) -> None:
    result = attempt()
    worst = result.cells[result.cells["replicate"] == 1]["key"].tolist()
    connection = sqlite3.connect(result.folder / "records.sqlite")
    for key in worst:
        (outcome,) = connection.execute("SELECT id FROM outcomes WHERE key = ?", [key]).fetchone()
        for table in ("trials", "predictions", "test_accesses"):
            connection.execute(f"DELETE FROM {table} WHERE outcome = {outcome}")
        connection.execute(f"DELETE FROM outcomes WHERE id = {outcome}")
    connection.commit()
    connection.close()
    with Records.open(result.folder) as records:
        verdict = judge_records(records)
    assert "altered by other means than qml: 3 outcomes were deleted" in verdict["exploratory"][0]
    assert "replicate 1" in verdict["exploratory"][0]
