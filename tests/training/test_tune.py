import logging

import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from sklearn.neighbors import KNeighborsClassifier

from qml.errors import SpecError, TrainingError
from qml.training import inner_folds, tune

SPACE = {"shift": FloatDistribution(-2.0, 2.0), "flip": CategoricalDistribution([False, True])}


class Threshold:
    """Says 1 above ``shift``; records nothing, learns nothing."""

    def __init__(self, shift=0.0, flip=False, constant=None):
        self.shift, self.flip, self.constant = shift, flip, constant

    def fit(self, X, y):
        if self.shift > 1:
            raise RuntimeError(f"shift {self.shift:.1f} is above 1")
        return self

    def predict(self, X):
        return ((X[:, 0] > self.shift) != self.flip).astype(int)


def accuracy(y_true, y_pred):
    return float(np.mean(y_true == y_pred))


@pytest.fixture
def data():
    X = np.random.default_rng(0).uniform(-2, 2, size=(60, 1))
    return X, (X[:, 0] > 0.3).astype(int)


def search(data, build=lambda params: Threshold(**params), space=SPACE, defaults=None, score=accuracy, **kwargs):
    X, y = data
    settings = {"n_trials": 25, "folds": inner_folds(y, 3, seed=0), "seed": 1} | kwargs
    return tune(build, space, X, y, score=score, defaults=defaults or {"shift": -1.5, "flip": True}, **settings)


def test_the_first_trial_is_the_defaults_and_the_best_is_found(data):
    tuned = search(data)
    assert [trial.number for trial in tuned.trials] == list(range(25))
    assert tuned.trials[0].params == {"shift": -1.5, "flip": True}
    assert tuned.best.score == max(trial.score for trial in tuned.trials if trial.score is not None)
    assert tuned.best.score > 0.9
    assert tuned.best.score == pytest.approx(np.mean(tuned.best.fold_scores))
    assert len(tuned.best.fold_scores) == 3


def test_the_first_of_equal_trials_wins(data):
    tuned = search(data, score=lambda y_true, y_pred: 0.5)
    assert tuned.best.number == 0


def test_the_seed_decides_the_settings_and_may_be_of_any_size(data):
    first, again, other = (
        [trial.params for trial in search(data, seed=seed, n_trials=6).trials] for seed in (2**255, 2**255, 3)
    )
    assert first == again
    assert first[1:] != other[1:]


def test_a_failing_fit_is_a_failed_trial_that_is_kept(data):
    tuned = search(data, defaults={"shift": 1.5, "flip": False})
    failed = [trial for trial in tuned.trials if trial.status == "failed"]
    assert tuned.trials[0] in failed
    assert failed[0].error == "RuntimeError: shift 1.5 is above 1"
    assert failed[0].score is None
    assert failed[0].fold_scores == ()
    assert tuned.best.status == "done"
    assert len(tuned.trials) == 25


def test_a_score_that_is_not_finite_is_a_failed_trial(data):
    scores = iter([0.5, float("nan"), 0.5, 0.5, 0.5])
    tuned = search(data, n_trials=2, score=lambda y_true, y_pred: next(scores))
    assert tuned.trials[0].error == "TrainingError: the validation score is nan, not a finite number."
    assert tuned.trials[0].fold_scores == (0.5,)
    assert tuned.best.number == 1


def test_if_every_trial_fails_the_last_cause_is_told(data):
    with pytest.raises(TrainingError, match=r"4 trials failed; the last cause was RuntimeError: shift 1\."):
        search(data, space={"shift": FloatDistribution(1.5, 2.0)}, n_trials=4, defaults={"shift": 1.7})


def test_an_empty_space_takes_one_trial(data):
    tuned = search(data, space={}, defaults={"shift": 0.3})
    assert len(tuned.trials) == 1
    assert tuned.best.params == {"shift": 0.3}
    assert tuned.best.score == 1.0


def test_defaults_outside_the_space_stay_constant(data):
    tuned = search(data, defaults={"shift": 0.0, "flip": False, "constant": 5}, n_trials=3)
    assert [trial.params["constant"] for trial in tuned.trials] == [5, 5, 5]


def test_defaults_may_leave_some_of_the_space_to_the_sampler(data):
    tuned = search(data, defaults={"flip": False}, n_trials=2)
    assert tuned.trials[0].params["flip"] is False
    assert -2 <= tuned.trials[0].params["shift"] <= 2


def test_a_fold_is_scored_on_its_validation_rows_only(data):
    seen = []

    class Recorder(KNeighborsClassifier):
        def fit(self, X, y):
            seen.append({tuple(row) for row in X})
            return super().fit(X, y)

        def predict(self, X):
            assert not seen[-1] & {tuple(row) for row in X}
            return super().predict(X)

    space = {"n_neighbors": IntDistribution(1, 5)}
    tuned = search(data, lambda params: Recorder(**params), space, defaults={"n_neighbors": 3}, n_trials=3)
    assert all(trial.status == "done" for trial in tuned.trials)
    assert len(seen) == 9


def test_a_build_may_change_its_parameters_without_changing_the_record(data):
    def build(params):
        return Threshold(shift=params.pop("shift"))

    tuned = search(data, build, n_trials=2)
    assert set(tuned.trials[1].params) == {"shift", "flip"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_trials": 0}, r"n_trials must be at least 1; got 0\."),
        ({"folds": []}, r"tune needs at least one inner fold; got none\."),
    ],
)
def test_a_search_over_nothing_is_refused(data, settings, message):
    with pytest.raises(SpecError, match=message):
        search(data, **settings)


def test_optuna_is_quiet_and_keeps_its_verbosity(data, capfd):
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(logging.DEBUG)
    try:
        search(data, n_trials=3)
        assert optuna.logging.get_verbosity() == logging.DEBUG
    finally:
        optuna.logging.set_verbosity(before)
    assert capfd.readouterr() == ("", "")


def test_the_global_state_is_left_alone(data):
    before = np.random.get_state()[1].copy()  # noqa: NPY002  # the global state is what this test is about
    search(data, n_trials=3)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
