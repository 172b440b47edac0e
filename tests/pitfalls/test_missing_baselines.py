"""Weak or missing baselines: without the required pool there is no verdict."""

from collections.abc import Callable

import pytest
from score_tables import POOL, a_clear_win, judged, rows_of

from qml.models import REQUIRED_POOL
from qml.studies import StudyResult


@pytest.mark.parametrize("missing", POOL)
def test_a_win_against_a_part_of_the_pool_is_no_verdict(missing: str) -> None:
    groups = [group for group in a_clear_win() if group[0]["model"] != missing]
    verdict = judged(*groups)
    assert verdict["label"] == "INCONCLUSIVE"
    assert verdict["reason"] == f"pool incomplete: the classical side lacks {missing}"


def test_a_baseline_that_nearly_always_fails_is_a_missing_one() -> None:
    groups = a_clear_win()
    for row in groups[1][:5]:
        row.update(status="failed", score=None, validation_score=None)
    assert judged(*groups)["reason"] == "pool incomplete: the required model knn failed in 5 of 20 replicates"


def test_a_baseline_that_never_learned_does_not_stand_in_for_the_pool() -> None:
    groups = [a_clear_win()[0], rows_of("dummy", "classical", 0.5)]
    assert "lacks knn, logistic" in judged(*groups)["reason"]


def test_a_study_cannot_drop_the_requirement(attempt: Callable[..., StudyResult]) -> None:
    verdict = attempt().verdict
    assert verdict["protocol"]["required_pool"] == list(REQUIRED_POOL)
    said = [verdict["tasks"][0]["reason"], *verdict["tasks"][0]["flags"]]
    assert any("pool incomplete: the classical side lacks" in line for line in said)
