import numpy as np
import pytest

from qml.errors import SpecError
from qml.training import inner_folds


def test_folds_are_stratified_and_cover_every_row_once():
    y = np.array(["a"] * 20 + ["b"] * 10)
    folds = inner_folds(y, 5, seed=3)
    assert sorted(np.concatenate([validation for _, validation in folds])) == list(range(30))
    for train, validation in folds:
        assert not set(train) & set(validation)
        assert np.count_nonzero(y[validation] == "a") == 4
        assert np.count_nonzero(y[validation] == "b") == 2


def test_the_seed_decides_and_may_be_of_any_size():
    y = np.arange(40) % 2
    first, again, other = (
        np.concatenate([validation for _, validation in inner_folds(y, 2, seed)]) for seed in (2**255, 2**255, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_global_state_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002  # the global state is what this test is about
    inner_folds(np.arange(40) % 2, 2, seed=0)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_folds_of_real_targets_are_random_and_cover_every_row_once():
    y = np.random.default_rng(0).normal(size=31)
    folds = inner_folds(y, 5, seed=3, stratified=False)
    assert sorted(np.concatenate([validation for _, validation in folds])) == list(range(31))
    assert {len(validation) for _, validation in folds} == {6, 7}
    assert not np.array_equal(folds[0][1], np.arange(7))
    again = inner_folds(y, 5, seed=3, stratified=False)
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(folds, again, strict=True))
    with pytest.raises(SpecError, match=r"5 inner folds need 5 training samples; there are 3\."):
        inner_folds(y[:3], 5, seed=0, stratified=False)


@pytest.mark.parametrize(
    ("y", "n_folds", "message"),
    [
        ([0, 1, 0, 1], 1, r"inner_folds must be at least 2; got 1\."),
        ([0, 0, 0, 1, 1], 3, r"3 inner folds need 3 samples of every class; class 1 has 2\. Use fewer inner folds"),
    ],
)
def test_what_cannot_be_divided_is_refused(y, n_folds, message):
    with pytest.raises(SpecError, match=message):
        inner_folds(y, n_folds, seed=0)
