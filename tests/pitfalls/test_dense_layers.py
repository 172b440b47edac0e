"""The dense layers did it: no gain is put down to the circuit before frozen, matched and the other twins lost."""

import pytest
from score_tables import a_clear_win, judged, twin_of

KINDS = ("separable", "frozen", "matched", "surrogate")


def twins(**means: float) -> list[list[dict[str, object]]]:
    return [twin_of("reuploading", kind, means.get(kind, 0.8)) for kind in KINDS]


def test_without_twins_an_advantage_stays_at_l1() -> None:
    verdict = judged(*a_clear_win())
    assert (verdict["label"], verdict["level"]) == ("ADVANTAGE", "L1")
    assert "Not L2, so the cause is open" in verdict["level_note"]


@pytest.mark.parametrize("missing", KINDS)
def test_one_kind_of_twin_that_was_not_run_keeps_it_at_l1(missing: str) -> None:
    ran = [group for group in twins() if group[0]["twin"] != missing]
    verdict = judged(*a_clear_win(), *ran)
    assert verdict["level"] == "L1"
    assert missing in verdict["level_note"]


@pytest.mark.parametrize("as_good", KINDS)
def test_one_twin_that_does_as_well_keeps_it_at_l1(as_good: str) -> None:
    verdict = judged(*a_clear_win(), *twins(**{as_good: 0.95}))
    assert verdict["level"] == "L1"
    (row,) = (row for row in verdict["twins"] if row["twin"] == as_good)
    assert not row["passes"]
    assert row["note"].endswith("is not above 0.01")


def test_a_twin_with_fewer_trials_is_no_fair_opponent() -> None:
    groups = twins()
    for row in groups[1]:
        row["n_trials"] = 3
    verdict = judged(*a_clear_win(), *groups)
    assert verdict["level"] == "L1"
    assert "fewer trials" in verdict["level_note"]


def test_beating_all_of_them_is_l2() -> None:
    assert judged(*a_clear_win(), *twins())["level"] == "L2"
