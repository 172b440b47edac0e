import numpy as np
import pytest

from qml.advantage import verdict
from qml.advantage.crosscheck import bca_interval
from qml.advantage.posterior import t_posterior


def test_agrees_with_t_on_normal_differences():
    differences = np.random.default_rng(0).normal(0.05, 0.02, 40)
    assert bca_interval(differences) == pytest.approx(t_posterior(differences).interval(0.05), abs=0.001)


def test_the_same_scores_give_the_same_interval():
    differences = np.random.default_rng(1).normal(size=30)
    assert bca_interval(differences) == bca_interval(differences.copy())


def test_global_random_state_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - it must not move
    bca_interval(np.random.default_rng(1).normal(size=30))
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002 - as above


@pytest.mark.parametrize("differences", [np.linspace(0, 1, 19), np.zeros(30), np.full(30, 0.9 - 0.8)])
def test_does_not_apply_to_few_or_equal_differences(differences):
    assert bca_interval(differences) is None


def test_one_outlier_among_equals_stays_finite():
    differences = np.zeros(20)
    differences[3] = 0.1
    assert np.isfinite(bca_interval(differences)).all()


def test_disagreement_is_inconclusive():
    # a long left tail: the symmetric t interval still clears the margin, the bootstrap, which sees the tail, does not
    differences = np.array([0.05] * 19 + [-0.0775] + [0.048, 0.052])
    t_low = t_posterior(differences).interval(0.05)[0]
    bca_low = bca_interval(differences)[0]
    assert bca_low < 0.5 * (t_low + bca_low) < t_low
    margin = 0.5 * (t_low + bca_low)
    found = verdict(0.8 + differences, np.full(22, 0.8), margin=margin)
    assert found.p_advantage > 0.95
    assert found.label == "INCONCLUSIVE"
    start = f"two methods disagree: the t interval says that quantum is better by more than {margin:g}, the BCa "
    assert found.reason.startswith(start)
    assert "ADVANTAGE" not in found.reason


def test_splits_of_one_data_set_are_not_bootstrapped():
    differences = np.array([0.05] * 19 + [-0.0775] + [0.048, 0.052])
    found = verdict(0.8 + differences, np.full(22, 0.8), margin=0.0, design="resampled", test_fraction=0.001)
    assert found.label == "ADVANTAGE"
