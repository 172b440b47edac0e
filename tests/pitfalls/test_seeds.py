"""One seed, the best seed: ten replicates at least, listed beforehand, and every one that was started counts."""

from collections.abc import Callable

import pytest
from score_tables import a_clear_win, judged

from qml.errors import SpecError
from qml.studies import Study, StudyResult


@pytest.mark.parametrize("n", [1, 2, 9])
def test_fewer_than_ten_replicates_are_no_verdict(n: int) -> None:
    groups = [group[:n] for group in a_clear_win()]
    verdict = judged(*groups, replicates=n)
    assert verdict["label"] == "INCONCLUSIVE"
    assert verdict["reason"] == f"too few replicates: {n} given, at least 10 are needed for a verdict"


def test_the_best_ten_of_twenty_seeds_are_an_unfinished_study() -> None:
    groups = a_clear_win()
    best = {row["replicate"] for row in sorted(groups[0], key=lambda row: -row["score"])[:10]}
    verdict = judged(*([row for row in group if row["replicate"] in best] for group in groups))
    assert verdict["label"] == "INCONCLUSIVE"
    assert verdict["reason"].startswith("unfinished: 10 of 20 planned replicates have every cell")


def test_a_seed_without_its_quantum_cell_is_named() -> None:
    groups = a_clear_win()
    del groups[0][4]
    verdict = judged(*groups)
    assert verdict["reason"].startswith("unfinished: 19 of 20")
    assert "left out, with cells missing: replicates 4" in verdict["flags"]


def test_a_seed_that_failed_counts_as_chance_and_is_not_left_out() -> None:
    groups = a_clear_win()
    groups[0][0].update(status="failed", score=None, validation_score=None)
    verdict = judged(*groups)
    assert (verdict["n_replicates"], verdict["quantum_scores"][0]) == (20, 0.5)


def test_a_model_has_no_seed_that_could_be_chosen() -> None:
    models = {"quantum": [{"name": "reuploading", "params": {"random_state": 7}}]}
    with pytest.raises(SpecError, match="'reuploading' has no parameter 'random_state'"):
        Study(name="s", tasks=["two-moons"], models=models, budget={"trials": 12}).plan()


def test_another_seed_after_the_results_were_seen_is_exploratory(attempt: Callable[..., StudyResult]) -> None:
    attempt()
    (reason,) = attempt(seed=1, exploratory=True).verdict["exploratory"]
    assert "two-moons.study_seed: 0 -> 1" in reason
