"""Tiny test sets: a standard error above the margin is no verdict, and it is shown in any case."""

from score_tables import a_clear_win, judged


def test_a_win_on_twenty_test_rows_is_no_verdict() -> None:
    groups = a_clear_win()
    verdict = judged(*(group[:10] for group in groups), replicates=10, task={"n_test": 20})
    assert verdict["label"] == "INCONCLUSIVE"
    assert verdict["reason"].startswith("test data too few: 20 test rows a replicate leave a standard error of 0.028")


def test_the_standard_error_is_in_every_verdict() -> None:
    assert judged(*a_clear_win())["test_standard_error"] < 0.02
