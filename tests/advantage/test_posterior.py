import numpy as np
import pytest
from scipy import stats

from qml.advantage.posterior import Posterior, t_posterior, variance_factor

FIVE = np.array([0.01, 0.03, 0.02, 0.05, 0.04])  # mean 0.03, s² = 0.001/4 = 0.00025


def test_fresh_by_hand():
    found = t_posterior(FIVE)
    assert found.mean == pytest.approx(0.03)
    assert found.se == pytest.approx((0.00025 / 5) ** 0.5)  # 0.00707107
    assert found.df == 4
    # t = (0.03 - 0.02) / 0.00707107 = sqrt(2); F(sqrt 2) for 4 degrees of freedom is 1/2 + (5/9) / sqrt(3/2) ...
    # closed form for nu = 4: 1/2 + (3/8) x/sqrt(1+x²/4) (1 - x²/(12 (1+x²/4))), x² = 2
    x2 = 2.0
    by_hand = 0.5 + 3 / 8 * np.sqrt(x2) / np.sqrt(1 + x2 / 4) * (1 - x2 / (12 * (1 + x2 / 4)))
    assert found.above(0.02) == pytest.approx(by_hand, abs=1e-12)


def test_resampled_by_hand():
    found = t_posterior(FIVE, "resampled", 0.25)  # 1/5 + 1/3
    assert found.se == pytest.approx((0.00025 * (1 / 5 + 1 / 3)) ** 0.5)
    assert found.df == 4


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5])
def test_nadeau_bengio_equals_the_correlated_t_test(fraction):
    # Corani & Benavoli: variance (1/n + rho / (1 - rho)) s², with rho = n_test / (n_test + n_train)
    assert variance_factor(30, "resampled", fraction) == pytest.approx(1 / 30 + fraction / (1 - fraction))


def test_agrees_with_scipys_t_distribution():
    found = t_posterior(FIVE)
    theirs = stats.t(found.df, found.mean, found.se)
    for value in (-0.05, 0.0, 0.02, 0.031, 0.2):
        assert found.below(value) == pytest.approx(theirs.cdf(value), abs=1e-12)
        assert found.above(value) == pytest.approx(theirs.sf(value), abs=1e-12)
    assert found.interval(0.05) == pytest.approx(theirs.interval(0.9), abs=1e-12)
    assert found.inside(0.02) == pytest.approx(theirs.cdf(0.02) - theirs.cdf(-0.02), abs=1e-12)


def test_interval_ends_are_the_one_sided_bounds():
    found = t_posterior(FIVE)
    low, high = found.interval(0.05)
    assert found.below(low) == pytest.approx(0.05)
    assert found.above(high) == pytest.approx(0.05)


def test_one_sided_p_value_is_that_of_the_paired_t_test():
    p_value = stats.ttest_1samp(FIVE, 0.02, alternative="greater").pvalue
    assert 1 - t_posterior(FIVE).above(0.02) == pytest.approx(p_value)


@pytest.mark.parametrize(
    ("value", "expected"), [(0.0, (0.0, 1.0, 0.0)), (0.1, (1.0, 0.0, 0.0)), (-0.1, (0.0, 0.0, 1.0))]
)
def test_equal_differences_are_a_point_mass(value, expected):
    found = t_posterior(np.full(10, value))
    assert (found.above(0.02), found.inside(0.02), found.below(-0.02)) == expected
    assert found.interval(0.05) == pytest.approx((value, value))


def test_rounding_is_no_spread():
    differences = np.array([0.9 - 0.8, 1.1 - 1.0, 0.3 - 0.2])
    assert np.ptp(differences) > 0
    assert t_posterior(differences).se == 0


def test_a_point_mass_on_the_margin_is_not_beyond_it():
    found = t_posterior(np.full(10, 0.92 - 0.9))  # 0.020000000000000018
    assert found.inside(0.02) == 1.0


def test_probabilities_sum_to_one():
    rng = np.random.default_rng(3)
    for _ in range(50):
        found = t_posterior(rng.normal(0.01, 0.05, size=12))
        assert found.above(0.02) + found.inside(0.02) + found.below(-0.02) == pytest.approx(1.0)
        assert found.inside(0.02) >= 0


def test_zero_margin_leaves_nothing_inside():
    assert Posterior(mean=0.01, se=0.01, df=9).inside(0.0) == pytest.approx(0.0, abs=1e-12)
