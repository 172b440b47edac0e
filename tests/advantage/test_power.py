import math

import numpy as np
import pytest
from scipy import stats

from qml.advantage.power import (
    minimum_detectable_effect,
    power_beyond,
    power_inside,
    replicates_needed,
)
from qml.errors import SpecError

SDS = (0.02, 0.03, 0.05, 0.08)


@pytest.mark.parametrize("df", [1, 4, 9, 29, 200])
@pytest.mark.parametrize("shift", [0.0, 1.0, 3.0, 6.0])
def test_power_is_the_noncentral_t(df, shift):
    theirs = stats.nct.sf(stats.t.isf(0.05, df), df, shift)
    assert power_beyond(shift, df) == pytest.approx(theirs, abs=1e-4)


def test_the_table_of_the_protocol_for_advantage():
    assert [replicates_needed(sd, 0.05, margin=0.02) for sd in SDS] == [6, 11, 26, 63]


def test_the_table_of_the_protocol_for_no_advantage():
    found = [replicates_needed(sd, 0.0, margin=0.02) for sd in SDS]
    assert np.abs(np.subtract(found, [13, 27, 70, 176])).max() <= 1


@pytest.mark.parametrize("sd", SDS)
def test_needed_replicates_are_the_fewest(sd):
    n = replicates_needed(sd, 0.05, margin=0.02)
    powers = [power_beyond(0.03 / (sd / math.sqrt(k)), k - 1) for k in (n - 1, n)]
    assert powers[0] < 0.9 <= powers[1]


def test_equivalence_power_by_simulation():
    rng = np.random.default_rng(5)
    n, sd, margin, n_studies = 26, 0.03, 0.02, 200_000
    mean = rng.normal(0.004, sd / math.sqrt(n), n_studies)
    se = sd * np.sqrt(rng.chisquare(n - 1, n_studies) / (n - 1) / n)
    inside = stats.t.cdf((margin - mean) / se, n - 1) - stats.t.cdf((-margin - mean) / se, n - 1)
    simulated = float(np.mean(inside > 0.95))
    assert power_inside(0.004, margin, sd / math.sqrt(n), n - 1) == pytest.approx(simulated, abs=0.004)


def test_no_equivalence_with_a_margin_of_nothing():
    assert power_inside(0.0, 0.0, se=0.01, df=9) == 0.0


def test_a_disadvantage_needs_as_many_as_an_advantage():
    assert replicates_needed(0.05, -0.05, margin=0.02) == replicates_needed(0.05, 0.05, margin=0.02) == 26


@pytest.mark.parametrize("df", [1, 9, 99])
def test_the_detectable_effect_has_the_power_it_says(df):
    effect = minimum_detectable_effect(0.01, df, margin=0.02)
    assert power_beyond((effect - 0.02) / 0.01, df) == pytest.approx(0.9)


def test_the_detectable_effect_grows_with_stricter_alpha_and_larger_error():
    base = minimum_detectable_effect(0.01, 9, margin=0.02)
    assert minimum_detectable_effect(0.01, 9, margin=0.02, alpha=0.05 / 4) > base
    assert minimum_detectable_effect(0.02, 9, margin=0.02) == pytest.approx(0.02 + 2 * (base - 0.02))


def test_without_spread_anything_beyond_the_margin_is_detectable():
    assert minimum_detectable_effect(0.0, 9, margin=0.02) == 0.02


def test_no_number_is_enough_on_the_margin():
    with pytest.raises(SpecError, match="is the margin itself: no number of replicates is enough"):
        replicates_needed(0.03, 0.02, margin=0.02)
    with pytest.raises(SpecError, match="more than 1000000 replicates would be needed"):
        replicates_needed(0.03, 0.02001, margin=0.02)


def test_bad_spread_is_refused():
    with pytest.raises(SpecError, match=r"sd must be > 0 and power inside \(0, 1\); got sd=0"):
        replicates_needed(0, 0.05, margin=0.02)
