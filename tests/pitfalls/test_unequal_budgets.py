"""Unequal budgets: the trials of a side are given by the study, and more of them for quantum are no verdict."""

import pytest
from score_tables import a_clear_win, judged, rows_of

from qml.errors import SpecError
from qml.studies import Study

QUICK = {"tasks": ["two-moons"], "models": {"quantum": ["reuploading", "iqp-kernel"]}, "budget": {"trials": 24}}


def test_more_trials_for_quantum_in_one_replicate_are_no_verdict() -> None:
    groups = a_clear_win()
    groups[0][7]["n_trials"] = 11
    verdict = judged(*groups)
    assert verdict["label"] == "INCONCLUSIVE"
    assert verdict["reason"] == "budgets differ: in replicate 7 the quantum side had 11 trials, the classical side 10"


def test_many_quantum_models_share_one_budget() -> None:
    groups = [*a_clear_win(), rows_of("dressed", "quantum", 0.95)]
    assert "the quantum side had 20 trials, the classical side 10" in judged(*groups)["reason"]


def test_a_study_gives_both_sides_the_same_trials_in_total() -> None:
    budgets = Study(name="s", **QUICK).plan().budgets()["two-moons"]
    assert sum(budgets["quantum"].values()) <= sum(budgets["classical"].values()) <= 24
    assert sum(budgets["quantum"].values()) == 24


@pytest.mark.parametrize("key", ["trials", "n_trials", "budget"])
def test_no_model_can_be_given_trials_of_its_own(key: str) -> None:
    models = {"quantum": [{"name": "reuploading", "params": {key: 100}}]}
    with pytest.raises(SpecError, match=rf"'reuploading' has no parameter '{key}'"):
        Study(name="s", **{**QUICK, "models": models}).plan()
