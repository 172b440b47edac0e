"""The conformance suites find the faults they are there to find."""

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from optuna.distributions import FloatDistribution
from sklearn.base import BaseEstimator
from sklearn.svm import SVC

from qml import models, tasks
from qml.models import Model
from qml.tasks.two_moons import draw_moons
from qml.testing import check_metric, check_model, check_task

MOONS = tasks.get("two-moons")
SVM = models.get("svm-rbf")
ACCURACY = tasks.metric("balanced-accuracy")


class Broken(SVC):
    """A support vector machine with one fault, given by ``fault``."""

    def __init__(self, fault="", random_state=None):
        super().__init__()
        self.fault = fault
        self.random_state = random_state

    def fit(self, X, y):
        if self.fault == "global":
            np.random.rand()  # noqa: NPY002  # the fault
        if self.fault == "unrepeatable":
            y = np.random.default_rng().permutation(y)
        if self.fault == "text" and y.dtype.kind == "U":
            y = y[::-1]
        return super().fit(X, y)

    def predict(self, X):
        predicted = super().predict(X)
        if self.fault == "batch":
            return np.roll(predicted, 1)
        if self.fault == "shape":
            return predicted.reshape(-1, 1)
        return predicted

    def __setstate__(self, state):
        super().__setstate__(state)
        if self.fault == "pickle":
            self.classes_ = self.classes_[::-1]


class Epochs(SVC):
    seen: ClassVar[list[int]] = []

    def __init__(self, max_epochs=1000, random_state=None):
        super().__init__()
        self.max_epochs = max_epochs
        self.random_state = random_state

    def fit(self, X, y):
        self.seen.append(self.max_epochs)
        return super().fit(X, y)


class NoClassifier(BaseEstimator):
    def fit(self, X, y):
        return self


def broken(fault):
    return Model(name="broken", kind="classical", summary="-", source="-", estimator=Broken, fixed={"fault": fault})


def test_an_estimator_without_a_fault_passes():
    check_model(broken(""))


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("global", "model 'broken': it uses the global random state of numpy."),
        ("unrepeatable", "model 'broken': two fits with the same random_state predict differently."),
        ("batch", "model 'broken': the prediction of a row depends on the other rows it is predicted with."),
        ("shape", "model 'broken': predict returned shape (20, 1) for 20 rows."),
        ("pickle", "model 'broken': it predicts differently after pickling."),
        ("text", "model 'broken': it predicts otherwise when the labels are text."),
    ],
)
def test_a_faulty_estimator_is_found(fault, message):
    with pytest.raises(AssertionError) as caught:
        check_model(broken(fault))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"defaults": {"C": 1.0}}, "model 'svm-rbf': gamma is searched, but has no default for the first trial."),
        ({"source": " "}, "model 'svm-rbf': source must say where it comes from."),
        ({"summary": "two\nlines"}, "model 'svm-rbf': summary must be one line of text."),
        ({"name": "SVM_rbf"}, "model 'SVM_rbf': the name must be in kebab-case."),
        ({"kind": "quantum"}, "model 'svm-rbf': a quantum model must draw its circuit"),
    ],
)
def test_a_faulty_model_is_found(changes, message):
    with pytest.raises(AssertionError) as caught:
        check_model(replace(SVM, **changes))
    assert message in str(caught.value)


def test_a_search_space_with_an_end_that_fails_is_found():
    negative = replace(SVM, search_space={**SVM.search_space, "gamma": FloatDistribution(-1.0, 1.0)})
    with pytest.raises(AssertionError, match=r"model 'svm-rbf': the end .*'gamma': -1\.0.* cannot be fitted: "):
        check_model(negative)


def test_an_estimator_must_be_a_classifier():
    with pytest.raises(
        AssertionError, match=r"model 'm': the estimator is not a classifier; derive it from ClassifierMixin\."
    ):
        check_model(Model(name="m", kind="classical", summary="-", source="-", estimator=NoClassifier))


def test_an_estimator_with_epochs_runs_a_few():
    Epochs.seen.clear()
    space = {"max_epochs": FloatDistribution(1, 2000)}
    check_model(
        Model(
            name="m",
            kind="classical",
            summary="-",
            source="-",
            estimator=Epochs,
            search_space=space,
            defaults={"max_epochs": 500},
        )
    )
    assert set(Epochs.seen) == {3}


def constant_seed(rng, n_train, n_test):
    return MOONS.sample(np.random.default_rng(0), n_train, n_test)


def own_entropy(rng, n_train, n_test):
    return MOONS.sample(np.random.default_rng(), n_train, n_test)


def shared_rows(rng, n_train, n_test):
    X, y = draw_moons(rng, n_test)
    return X[:n_train], y[:n_train], X, y


def one_class(rng, n_train, n_test):
    X_train, y_train, X_test, y_test = MOONS.sample(rng, n_train, n_test)
    return X_train, y_train, X_test, np.zeros_like(y_test)


def rare_class(rng, n_train, n_test):
    X_train, _, X_test, y_test = MOONS.sample(rng, n_train, n_test)
    return X_train, (np.arange(n_train) < 2).astype(int), X_test, y_test


def not_finite(rng, n_train, n_test):
    X_train, y_train, X_test, y_test = MOONS.sample(rng, n_train, n_test)
    X_test[4, 0] = np.nan
    return X_train, y_train, X_test, y_test


def global_state(rng, n_train, n_test):
    np.random.rand()  # noqa: NPY002  # the fault
    return MOONS.sample(rng, n_train, n_test)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sample": constant_seed}, "task 'two-moons': two seeds give the same training part."),
        ({"sample": own_entropy}, "two splits of one seed differ in the training part; draw everything from rng."),
        ({"sample": shared_rows}, "task 'two-moons': training and test part share rows."),
        ({"sample": one_class}, "the labels of the test part must be all of 0 to 1; got [0]."),
        ({"sample": rare_class}, "the rarest class holds 2.0% of the training part; at least 10% is needed."),
        ({"sample": not_finite}, "task 'two-moons': the test part has NaN or infinite features."),
        ({"sample": global_state}, "task 'two-moons': it uses the global random state of numpy."),
        (
            {"feature_maps": ("standard", "cube")},
            "there is no feature map 'cube'; the maps are ['raw', 'sincos', 'standard'].",
        ),
        ({"summary": ""}, "task 'two-moons': summary must be one line of text."),
    ],
)
def test_a_faulty_task_is_found(changes, message):
    with pytest.raises(AssertionError) as caught:
        check_task(replace(MOONS, **changes))
    assert message in str(caught.value)


def test_an_unknown_metric_of_a_task_is_found():
    with pytest.raises(ValueError, match="unknown metric 'acuracy'"):
        check_task(replace(MOONS, metric="acuracy"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"score": lambda a, b: 1 - ACCURACY.score(a, b)}, "not above chance (0.5): is it a loss?"),
        ({"chance": lambda n: 0.5}, "guessing scores 0.33"),
        ({"score": lambda a, b: np.float32(ACCURACY.score(a, b))}, "score must return a float; got float32."),
        ({"name": "Balanced accuracy"}, "the name must be in kebab-case."),
    ],
)
def test_a_faulty_metric_is_found(changes, message):
    with pytest.raises(AssertionError) as caught:
        check_metric(replace(ACCURACY, **changes))
    assert message in str(caught.value)
