"""How often a verdict is wrong when nothing is there: planted nulls, by the hundred."""

import numpy as np
from scipy import stats

from qml.advantage import verdict
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
    assert_rate((labels(studies, 0.0, "resampled", fraction) == "ADVANTAGE").sum(), n, 0.05)


def test_resampled_on_real_splits_where_the_naive_test_fails():
    n = 600
    studies = resplit_studies(np.random.default_rng(3), n)
    false_alarms = (labels(studies, 0.0, "resampled", 0.25) == "ADVANTAGE").sum()
    assert false_alarms <= stats.binom.isf(0.001, n, 0.05)
    naive = (labels(studies, 0.0, "fresh") == "ADVANTAGE").sum()
    assert naive > 0.15 * n


def test_planted_advantage_has_the_power_the_table_says():
    n = 2000
    found = labels(np.random.default_rng(4).normal(0.05, 0.03, (n, 11)), margin=0.02)
    assert (found == "ADVANTAGE").mean() > 0.88


def test_planted_equivalence_has_the_power_the_table_says():
    n = 2000
    found = labels(np.random.default_rng(5).normal(0.0, 0.02, (n, 13)), margin=0.02)
    assert (found == "NO ADVANTAGE").mean() > 0.88
