import math

import numpy as np
import pytest
from scipy import stats

from qml.advantage import propose_replicates, replicates_needed
from qml.advantage.looks import nominal_level
from qml.advantage.pilot import upper_limit_of_sd
from qml.errors import SpecError

FIVE = [0.05, 0.02, 0.06, 0.03, 0.04]  # s² = .00025


def propose(differences=FIVE, **changes):
    return propose_replicates(differences, **{"margin": 0.02, "true_difference": 0.05, **changes})


def test_the_upper_limit_by_the_table():
    # chi-square with 4 degrees of freedom: 20 % lie below 1.649
    assert upper_limit_of_sd(1.0, 4) == pytest.approx(math.sqrt(4 / 1.649), abs=1e-3)


def test_the_upper_limit_is_above_the_truth_four_times_in_five():
    sds = np.random.default_rng(0).normal(size=(20_000, 5)).std(axis=1, ddof=1)
    assert np.mean(sds * upper_limit_of_sd(1.0, 4) > 1) == pytest.approx(0.8, abs=0.01)


def test_the_proposal_is_the_sample_size_for_that_limit():
    found = propose()
    assert found.sd == pytest.approx(math.sqrt(0.00025))
    assert found.sd_upper == pytest.approx(found.sd * math.sqrt(4 / stats.chi2.ppf(0.2, 4)))
    assert found.for_advantage == max(10, replicates_needed(found.sd_upper, 0.05, margin=0.02))
    assert found.for_no_advantage == replicates_needed(found.sd_upper, 0.0, margin=0.02)
    assert found.detectable is None


def test_several_tasks_and_looks_cost_replicates():
    wide = [3 * d for d in FIVE]
    alone, four = propose(wide), propose(wide, n_claims=4)
    looking = propose(wide, looks=[10, 20, 30, 40])
    assert four.for_advantage > alone.for_advantage
    assert four.for_no_advantage == alone.for_no_advantage  # Holm corrects claims of an advantage
    level = nominal_level((10, 20, 30, 40), 40, 0.05)
    assert looking.for_advantage == replicates_needed(looking.sd_upper, 0.05, margin=0.02, alpha=level)


def test_splits_of_one_data_set_get_no_number_but_a_reach():
    found = propose(design="resampled", test_fraction=0.25)
    assert found.for_advantage is found.for_no_advantage is None
    se = found.sd_upper * math.sqrt(1 / 30 + 1 / 3)
    t = stats.t(29)
    # noncentral t at 90 %: within a hundredth of the sum of both quantiles
    assert found.detectable == pytest.approx(0.02 + se * (t.ppf(0.95) + stats.norm.ppf(0.9)), rel=0.01)


def test_no_number_shows_equality_within_nothing():
    assert propose(margin=0.0).for_no_advantage is None


def test_a_pilot_without_scatter_says_so():
    found = propose([0.1] * 5)
    assert found.for_advantage == found.for_no_advantage == 10
    assert found.note == "the pilot's differences are all the same, so it says nothing about the scatter"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"true_difference": 0.02}, r"must be beyond the margin, 0\.02; got 0\.02: no number of replicates tells it"),
        ({"differences": [0.1]}, r"a pilot needs at least 2 finite differences, one a replicate; got \(1,\)"),
        ({"differences": [0.1, float("nan")]}, "a pilot needs at least 2 finite differences"),
        ({"margin": -0.1}, "margin must be a finite number >= 0"),
        ({"design": "resampled"}, "design='resampled' needs test_fraction"),
        ({"looks": [5]}, "the first look must have at least 10 replicates"),
    ],
)
def test_bad_pilots(given, message):
    with pytest.raises(SpecError, match=message):
        propose(**given)
