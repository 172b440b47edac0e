from dataclasses import replace

import numpy as np
import pytest

from qml import tasks
from qml.errors import SpecError
from qml.tasks import Task, chance_level
from qml.tasks.fourier_regression import NOISE
from qml.tasks.fourier_target import target

REGRESSIONS = [task.name for task in tasks.TASKS if task.problem == "regression"]


def test_there_are_fresh_finite_and_null_ones():
    designs = {name: (tasks.get(name).design, tasks.get(name).null) for name in REGRESSIONS}
    assert designs == {
        "diabetes": ("resampled", False),
        "fourier-regression": ("fresh", False),
        "friedman-1": ("fresh", False),
        "noise-regression": ("fresh", True),
    }
    assert {tasks.get(name).metric for name in REGRESSIONS} == {"negative-log-rmse"}


def test_friedman_is_the_formula_written_out():
    split = replace(tasks.get("friedman-1"), n_train=4000).split(0)
    X, y = split.X_train, split.y_train
    wanted = 10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - 0.5) ** 2 + 10 * X[:, 3] + 5 * X[:, 4]
    assert np.std(y - wanted) == pytest.approx(1, abs=0.05)
    assert abs(np.mean(y - wanted)) < 0.06


def test_the_series_has_unit_variance_and_the_stated_noise():
    split = replace(tasks.get("fourier-regression"), n_train=20_000).split(5)
    coefficients = np.random.default_rng(5).normal(size=(2, 12))  # what the task draws first
    values = target(split.X_train, *(coefficients * np.sqrt(2 / (coefficients**2).sum())))
    assert np.std(values) == pytest.approx(1, abs=0.02)
    assert np.std(split.y_train - values) == pytest.approx(NOISE, abs=0.01)


def test_the_diabetes_set_is_split_without_overlap():
    split = tasks.get("diabetes").split(1)
    X_test, y_test = split.test.open()
    rows = {row.tobytes() for row in np.vstack([split.X_train, X_test])}
    assert len(rows) == 442
    assert 25 <= min(split.y_train.min(), y_test.min()) <= max(split.y_train.max(), y_test.max()) <= 346


def test_chance_is_the_score_of_the_training_mean():
    # With targets of variance 1, a mean of n of them errs by sqrt(1 + 1/n).
    task = replace(tasks.get("noise-regression"), n_train=10, n_test=20_000)
    assert chance_level(task) == pytest.approx(-0.5 * np.log(1.1), abs=0.03)
    assert chance_level(task) == round(chance_level(task), 4)
    assert chance_level(tasks.get("two-moons")) == 0.5


def test_chance_follows_the_units():
    task = tasks.get("noise-regression")

    def larger(rng, n_train, n_test):
        X_train, y_train, X_test, y_test = task.sample(rng, n_train, n_test)
        return X_train, 100 * y_train, X_test, 100 * y_test

    assert chance_level(replace(task, sample=larger)) == pytest.approx(chance_level(task) - np.log(100), abs=2e-4)


def test_a_problem_without_a_default_metric_asks_for_one():
    task = tasks.get("noise-regression")
    with pytest.raises(SpecError, match=r"task 'new': give metric; problem='[a-z]+' has no default one\."):
        Task(**{**vars(task), "name": "new", "problem": "generation", "metric": ""})
