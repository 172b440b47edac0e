import json
import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import make_moons
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.svm import SVC

import qml
from qml.advantage import verdict
from qml.advantage.posterior import t_posterior

WIGGLE = np.array([0.01, -0.01, 0.02, -0.02, 0.0, 0.01, -0.01, 0.005, -0.005, 0.0])  # sums to 0


def shifted(by):
    return verdict(0.8 + by + WIGGLE, np.full(10, 0.8), margin=0.02)


@pytest.fixture(scope="module")
def sklearn_example():
    """AUC of an RBF and a linear support vector machine in 10 x 10-fold cross-validation."""
    X, y = make_moons(noise=0.352, random_state=1, n_samples=100)
    folds = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
    return [
        cross_val_score(SVC(kernel=kernel, random_state=0), X, y, scoring="roc_auc", cv=folds)
        for kernel in ("rbf", "linear")
    ]


def test_scikit_learns_example_corrected(sklearn_example):
    rbf, linear = sklearn_example
    posterior = t_posterior(rbf - linear, "resampled", 0.1)
    assert round(posterior.mean / posterior.se, 3) == 0.750
    assert round(posterior.below(0.0), 3) == 0.227
    at_zero = verdict(rbf, linear, margin=0.0, design="resampled", test_fraction=0.1)
    assert round(at_zero.p_advantage, 3) == 0.773
    assert at_zero.label == "INCONCLUSIVE"
    with_margin = verdict(rbf, linear, margin=0.01, design="resampled", test_fraction=0.1)
    assert round(with_margin.p_equivalent, 3) == 0.432


def test_scikit_learns_example_uncorrected_is_what_we_never_do(sklearn_example):
    rbf, linear = sklearn_example
    naive = t_posterior(rbf - linear)
    assert round(naive.mean / naive.se, 3) == 2.611
    assert round(naive.below(0.0), 3) == 0.005


def test_planted_winner():
    found = shifted(0.1)
    assert found.label == "ADVANTAGE"
    assert found.level == "L1"
    assert found.reason == "quantum is better by 0.100: P(difference > 0.02) > 0.999"
    assert found.mean == pytest.approx(0.1)
    assert found.n_replicates == 10


def test_planted_loser():
    found = shifted(-0.1)
    assert found.label == "DISADVANTAGE"
    assert found.reason == "classical is better by 0.100: P(difference < -0.02) > 0.999"
    assert found.level == "L0"


def test_planted_null():
    found = shifted(0.0)
    assert found.label == "NO ADVANTAGE"
    assert found.reason.startswith("the difference lies within ±0.02; P(|difference| <= 0.02) ")


def test_sides_are_antisymmetric():
    quantum, classical = 0.85 + WIGGLE, np.full(10, 0.8)
    there, back = (verdict(*pair, margin=0.02) for pair in ((quantum, classical), (classical, quantum)))
    assert there.p_advantage == pytest.approx(back.p_disadvantage)
    assert there.interval == pytest.approx((-back.interval[1], -back.interval[0]))
    assert there.minimum_detectable_effect == pytest.approx(back.minimum_detectable_effect)


def test_underpowered_says_what_it_could_have_seen():
    found = shifted(0.02)
    assert found.label == "INCONCLUSIVE"
    assert found.p_advantage == pytest.approx(0.5)
    effect = found.minimum_detectable_effect
    assert found.reason.startswith(
        "underpowered: with 10 replicates the smallest difference this study could call is "
        f"{effect:.3f} (with 90 % power)"
    )


def test_numbers_by_hand():
    found = shifted(0.02)
    se = float(np.std(WIGGLE, ddof=1)) / 10**0.5
    assert found.interval == pytest.approx(stats.t(9, 0.02, se).interval(0.9))
    assert found.p_disadvantage == pytest.approx(stats.t.cdf(-0.04 / se, 9))


def test_splits_of_one_data_set_say_that_more_of_them_hardly_help():
    found = verdict(0.835 + WIGGLE, np.full(10, 0.8), margin=0.02, design="resampled", test_fraction=0.5)
    assert found.label == "INCONCLUSIVE"
    assert "with 10 splits of one data set" in found.reason
    assert found.reason.endswith("more splits hardly help, more data does")
    assert shifted(0.035).label == "ADVANTAGE"  # the same scores, had they been fresh


@pytest.mark.parametrize("n", [2, 9])
def test_too_few_replicates_still_show_their_numbers(n):
    found = verdict(0.9 + WIGGLE[:n], np.full(n, 0.5), margin=0.02)
    assert found.label == "INCONCLUSIVE"
    assert found.reason == f"too few replicates: {n} given, at least 10 are needed for a verdict"
    assert found.p_advantage > 0.9


@pytest.mark.parametrize(("margin", "design", "fraction"), [(0.02, "fresh", None), (0.0, "resampled", 0.25)])
def test_identical_scores_are_no_advantage(margin, design, fraction):
    scores = 0.8 + WIGGLE
    found = verdict(scores, scores, margin=margin, design=design, test_fraction=fraction)
    assert found.label == "NO ADVANTAGE"
    assert found.reason == "both sides score the same in all 10 replicates"
    assert (found.p_advantage, found.p_equivalent, found.p_disadvantage) == (0.0, 1.0, 0.0)
    assert found.interval == (0.0, 0.0)
    assert found.minimum_detectable_effect == margin


def test_a_constant_difference_is_called_and_remarked_on():
    found = verdict(np.full(10, 0.9), np.full(10, 0.8), margin=0.02)
    assert found.label == "ADVANTAGE"
    assert found.reason.endswith("(the same difference in every replicate: make sure that they are different draws)")
    assert found.interval == pytest.approx((0.1, 0.1))


def test_two_guessers_are_not_equivalent_learners():
    guess = 0.5 + WIGGLE
    found = verdict(guess + 0.003, guess[::-1], margin=0.02, chance=0.5)
    assert found.label == "INCONCLUSIVE"
    lower = t_posterior(guess + 0.003).interval(0.05)[0]
    assert found.reason == (
        f"not learned: neither side beats chance + margin (0.52); best is quantum with 0.503, lower bound {lower:.3f}"
    )
    assert verdict(guess + 0.003, guess[::-1], margin=0.02).label == "NO ADVANTAGE"  # it cannot know


def test_one_side_that_learned_is_enough():
    assert verdict(np.full(10, 0.5) + WIGGLE, 0.8 + WIGGLE[::-1], margin=0.02, chance=0.5).label == "DISADVANTAGE"


def test_stricter_alpha_asks_for_more():
    quantum = 0.83 + WIGGLE
    assert verdict(quantum, np.full(10, 0.8), margin=0.02).label == "ADVANTAGE"
    assert verdict(quantum, np.full(10, 0.8), margin=0.02, alpha=0.01).label == "INCONCLUSIVE"


def test_prints_one_readable_line_with_the_level():
    text = str(shifted(0.1))
    assert text.startswith("ADVANTAGE (L1): quantum is better by 0.100")
    assert text.endswith("Difference +0.100 [+0.093, +0.107], margin 0.02, 10 fresh replicates.")
    assert repr(shifted(0.1)) == f"<Verdict {text}>"


def test_is_frozen_and_pickles_and_becomes_json():
    found = shifted(0.05)
    with pytest.raises(FrozenInstanceError):
        found.label = "ADVANTAGE"
    assert pickle.loads(pickle.dumps(found)) == found
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert plain["interval"] == list(found.interval)
    assert plain["level"] == found.level


def test_scores_are_not_changed():
    quantum = 0.8 + WIGGLE
    before = quantum.copy()
    verdict(quantum, quantum[::-1], margin=0.02)
    assert (quantum == before).all()


def test_is_what_the_package_offers():
    assert qml.verdict is verdict


def test_needs_numpy_and_scipy_only():
    code = (
        "import sys, numpy as np, qml.advantage\n"
        "d = np.random.default_rng(0).normal(size=30)\n"
        "qml.advantage.verdict(d, -d, margin=0.1)\n"
        "heavy = {'torch', 'pandas', 'pennylane', 'sklearn', 'optuna', 'dask', 'altair', 'numba'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
