"""How often a verdict is wrong when nothing is there: planted nulls, two thousand draws each."""

import numpy as np
import pytest
from scipy import stats

from qml.advantage import holm, verdict
from qml.advantage.decision import decide
from qml.advantage.posterior import t_posterior


def labels(studies, margin, design="fresh", fraction=None, alpha=0.05):
    """Label each row of differences, shape (n_studies, n_replicates)."""
    posteriors = [t_posterior(row, design, fraction) for row in studies]
    return np.array([decide(p.above(margin), p.inside(margin), p.below(-margin), alpha) for p in posteriors])


def assert_rate(hits, n, rate):
    """The count fits a binomial of that rate (two-sided, 1 in 1000)."""
    low, high = stats.binom.interval(0.999, n, rate)
    assert low <= hits <= high, f"{hits} of {n}, expected {low:.0f} to {high:.0f}"


def resplit_studies(rng, n_studies, n_splits=30, n_rows=100, n_features=4):
    """Differences of two learners that see two exchangeable blocks of features (so neither is better), on repeated
    75/25 splits of one finite data set each; nearest centroid, accuracy.  Shape (n_studies, n_splits)."""
    n_test = n_rows // 4
    studies = np.empty((n_studies, n_splits))
    for study in studies:
        y = rng.permuted(np.repeat([-1.0, 1.0], n_rows // 2))
        X = rng.normal(size=(2, n_rows, n_features)) + 0.25 * y[:, None]
        test = np.argsort(rng.random((n_splits, n_rows)), axis=1) < n_test
        weights = np.einsum("sn,n,bnd->bsd", ~test, y, X)
        right = np.einsum("bsd,bnd,n->bsn", weights, X, y) > 0
        accuracy = (right & test).sum(axis=2) / n_test
        study[:] = accuracy[0] - accuracy[1]
    return studies


def test_fresh_replicates_at_margin_zero():
    n = 4000
    found = labels(np.random.default_rng(0).normal(0.0, 0.05, (n, 10)), margin=0.0)
    assert_rate((found == "ADVANTAGE").sum(), n, 0.05)
    assert_rate((found == "DISADVANTAGE").sum(), n, 0.05)


def whole_verdicts(studies):
    n = studies.shape[1]
    return np.array([verdict(0.8 + row, np.full(n, 0.8), margin=0.0).label for row in studies])


def test_the_whole_verdict_with_its_bootstrap_check():
    n = 400
    found = whole_verdicts(np.random.default_rng(6).normal(0.0, 0.05, (n, 20)))
    assert 0 < (found == "ADVANTAGE").sum() <= stats.binom.isf(0.001, n, 0.05)


def test_the_bootstrap_check_only_takes_advantages_away():
    studies = 0.05 - np.random.default_rng(7).exponential(0.05, (200, 20))  # a long left tail, where t is too sure
    with_check, without = whole_verdicts(studies) == "ADVANTAGE", labels(studies, margin=0.0) == "ADVANTAGE"
    assert with_check.sum() < without.sum()
    assert not (with_check & ~without).any()


def test_fresh_replicates_on_the_margin():
    n = 4000
    found = labels(np.random.default_rng(1).normal(0.02, 0.03, (n, 12)), margin=0.02)
    assert_rate((found == "ADVANTAGE").sum(), n, 0.05)


def test_resampled_under_its_own_model():
    # equicorrelated differences, correlation = test fraction: where Nadeau-Bengio is exact
    rng, n, splits, fraction = np.random.default_rng(2), 4000, 30, 0.25
    shared, own = rng.normal(size=(n, 1)), rng.normal(size=(n, splits))
    studies = 0.05 * (fraction**0.5 * shared + (1 - fraction) ** 0.5 * own)
    found = labels(studies, 0.0, "resampled", fraction)
    assert_rate((found == "ADVANTAGE").sum(), n, 0.05)
    assert_rate((found == "DISADVANTAGE").sum(), n, 0.05)


def test_resampled_on_real_splits_where_the_naive_test_fails():
    n = 2000
    studies = resplit_studies(np.random.default_rng(3), n)
    found = labels(studies, 0.0, "resampled", 0.25)
    for word in ("ADVANTAGE", "DISADVANTAGE"):
        assert (found == word).sum() <= stats.binom.isf(0.001, n, 0.05)
    naive = (labels(studies, 0.0, "fresh") == "ADVANTAGE").sum()
    assert naive > 0.15 * n


# (sd, replicates): the fewest with a power of 90 %, so that few replicates overshoot by up to one replicate's worth
TABLE_FOR_ADVANTAGE = [(0.02, 6), (0.03, 11), (0.05, 26), (0.08, 63)]
TABLE_FOR_NO_ADVANTAGE = [(0.02, 13), (0.03, 26), (0.05, 70), (0.08, 175)]


def assert_power(found, label):
    """Within 3 points of 90 %, and three standard errors of 2,000 draws."""
    assert (found == label).mean() == pytest.approx(0.9, abs=0.03 + 3 * (0.9 * 0.1 / len(found)) ** 0.5)


@pytest.mark.parametrize(("sd", "n_replicates"), TABLE_FOR_ADVANTAGE)
def test_planted_advantages_have_the_power_the_table_says(sd, n_replicates):
    studies = np.random.default_rng(4).normal(0.05, sd, (2000, n_replicates))
    assert_power(labels(studies, margin=0.02), "ADVANTAGE")
    assert_power(labels(-studies, margin=0.02), "DISADVANTAGE")


@pytest.mark.parametrize(("sd", "n_replicates"), TABLE_FOR_NO_ADVANTAGE)
def test_planted_equivalence_has_the_power_the_table_says(sd, n_replicates):
    found = labels(np.random.default_rng(5).normal(0.0, sd, (2000, n_replicates)), margin=0.02)
    assert_power(found, "NO ADVANTAGE")


@pytest.mark.parametrize("shape", ["t with 3 degrees", "uniform", "scores near their ceiling"])
def test_symmetric_and_bounded_shapes_keep_the_rate(shape):
    rng, n = np.random.default_rng(8), 2000
    if shape == "scores near their ceiling":
        studies = (rng.binomial(1000, 0.97, (n, 10)) - rng.binomial(1000, 0.97, (n, 10))) / 1000
    else:
        studies = rng.standard_t(3, (n, 10)) if shape.startswith("t") else rng.uniform(-1, 1, (n, 10))
    found = labels(studies, margin=0.0)
    for word in ("ADVANTAGE", "DISADVANTAGE"):
        assert (found == word).sum() <= stats.binom.isf(0.001, n, 0.05)


def test_skewed_differences_break_the_rate_on_the_side_of_their_short_tail():
    # a limit, not a promise: the mean of ten exponentials is too often far below its true value, with a small spread
    n = 2000
    studies = np.random.default_rng(9).exponential(1.0, (n, 10)) - 1.0
    found = labels(studies, margin=0.0)
    assert_rate((found == "DISADVANTAGE").sum(), n, 0.15)
    assert (found == "ADVANTAGE").mean() < 0.025


def test_holm_keeps_the_rate_of_a_family():
    n, n_tasks = 2000, 5
    studies = np.random.default_rng(10).normal(0.02, 0.03, (n, n_tasks, 10))
    posteriors = [[t_posterior(row) for row in study] for study in studies]
    p_values = np.array([[posterior.below(0.02) for posterior in row] for row in posteriors])
    corrected = np.array([min(holm(row)) < 0.05 for row in p_values])
    assert_rate(corrected.sum(), n, 1 - (1 - 0.05 / n_tasks) ** n_tasks)  # .049: independent tasks, Holm's first step
    assert (p_values < 0.05).any(axis=1).mean() > 0.15  # without a correction, 1 - .95^5 = .23


def test_holm_lets_the_true_ones_through():
    # two planted advantages do not make the three nulls beside them pass more often than alpha
    n = 2000
    means = np.array([0.1, 0.1, 0.02, 0.02, 0.02])
    studies = np.random.default_rng(11).normal(means[:, None], 0.03, (n, 5, 10))
    adjusted = np.array([holm([t_posterior(row).below(0.02) for row in study]) for study in studies])
    assert (adjusted[:, 2:].min(axis=1) < 0.05).sum() <= stats.binom.isf(0.001, n, 0.05)
    assert (adjusted[:, :2] < 0.05).mean() > 0.9
