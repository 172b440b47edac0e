import pytest
from hypothesis import given
from hypothesis import strategies as st

from qml.errors import SpecError
from qml.training import allocate


def test_the_remainder_goes_to_the_first_tunable_models():
    tunable = {"dummy": False, "mlp": True, "svm": True, "knn": True}
    assert allocate(12, tunable) == {"dummy": 1, "mlp": 4, "svm": 4, "knn": 3}


@given(st.lists(st.booleans(), min_size=1, max_size=12), st.integers(0, 60))
def test_the_budget_is_spent_exactly_and_equally(flags, spare):
    tunable = {f"model-{i}": flag for i, flag in enumerate(flags)}
    n_trials = len(flags) + spare
    shares = allocate(n_trials, tunable)
    searched = [shares[name] for name, flag in tunable.items() if flag]
    assert list(shares) == list(tunable)
    assert all(shares[name] == 1 for name, flag in tunable.items() if not flag)
    if searched:
        assert sum(shares.values()) == n_trials
        assert max(searched) - min(searched) <= 1
        assert searched == sorted(searched, reverse=True)


def test_too_few_trials_are_refused():
    message = r"trials must be at least the number of models of a side, 2 \(mlp, knn\); got 1\."
    with pytest.raises(SpecError, match=message):
        allocate(1, {"mlp": True, "knn": True})


def test_a_side_without_models_gets_nothing():
    assert allocate(5, {}) == {}
