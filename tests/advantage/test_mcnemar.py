import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from qml.advantage import mcnemar
from qml.errors import SpecError


def labels(both, ours, theirs, neither):
    """True labels are 1; the counts say who found them."""
    quantum = [1] * (both + ours) + [0] * (theirs + neither)
    classical = [1] * both + [0] * ours + [1] * theirs + [0] * neither
    return np.ones(len(quantum)), quantum, classical


def test_by_hand():
    found = mcnemar(*labels(10, 5, 0, 2))
    assert found.p_value == 2 * 0.5**5
    assert (found.n, found.quantum_only, found.classical_only) == (17, 5, 0)
    assert found.difference == 5 / 17
    assert found.reading == "open"


def test_the_approval_ratings():
    # Agresti 1990, p. 350 (R: mcnemar.test): 794, 150, 86, 570; R's exact2x2 gives p = 3.716e-05
    found = mcnemar(*labels(794, 150, 86, 570))
    assert found.p_value == pytest.approx(3.716e-05, abs=5e-9)
    assert found.reading == "better"
    assert mcnemar(*labels(794, 86, 150, 570)).reading == "worse"


@given(st.integers(0, 40), st.integers(0, 40))
def test_is_the_binomial_test(ours, theirs):
    found = mcnemar(*labels(1, ours, theirs, 1))
    expected = stats.binomtest(ours, ours + theirs).pvalue if ours + theirs else 1.0
    assert found.p_value == pytest.approx(expected, rel=1e-9)


def test_false_alarms_stay_below_alpha():
    rng, n = np.random.default_rng(0), 2000
    right = rng.random((n, 2, 100)) < 0.8
    alarms = sum(mcnemar(np.ones(100), *pair).reading != "open" for pair in right)
    assert alarms <= stats.binom.isf(0.001, n, 0.05)


def test_says_how_little_it_concludes():
    text = str(mcnemar(*labels(10, 12, 1, 2)))
    assert text.startswith(
        "the quantum model is better on this test set: 12 of 25 rows right only by the quantum model"
    )
    assert "This holds for these two fitted models only" in text
    assert "ADVANTAGE" not in text


def test_labels_may_be_words():
    assert mcnemar(["cat", "dog"], ["cat", "dog"], ["dog", "dog"]).quantum_only == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (([1, 0], [1, 0], [1]), r"same test rows.*got y_true \(2,\), quantum \(2,\), classical \(1,\)"),
        (([], [], []), r"n >= 1; got y_true \(0,\)"),
        (([[1]], [[1]], [[1]]), r"each of shape \(n,\), n >= 1; got y_true \(1, 1\)"),
        (([1.0, 0.0], [1.0, float("nan")], [1, 0]), "quantum holds a value that is not finite"),
    ],
)
def test_bad_labels(given, message):
    with pytest.raises(SpecError, match=message):
        mcnemar(*given)


def test_bad_alpha():
    with pytest.raises(SpecError, match=r"alpha must lie strictly between 0 and 0\.5"):
        mcnemar([1], [1], [1], alpha=0.7)


def test_real_targets_are_neither_right_nor_wrong():
    with pytest.raises(SpecError, match=r"y_true holds numbers that are not whole: .* Compare regressors over repl"):
        mcnemar([0.5, 1.5], [0.5, 1.0], [0.4, 1.5])
