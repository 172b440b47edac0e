"""PCA or scaler leakage.  The canary: change the test rows, and nothing that was learned may change."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from qml import models, tasks
from qml.models import build, default_params
from qml.models.features import feature_map
from qml.tasks import Task


def with_other_test_rows(task: Task) -> Task:
    """Return the task with a test part that is far off and wrongly labelled."""

    def sample(rng: np.random.Generator, n_train: int, n_test: int, **settings: Any) -> Any:
        X_train, y_train, X_test, y_test = task.sample(rng, n_train, n_test, **settings)
        return X_train, y_train, 100.0 * np.asarray(X_test) - 7.0, (np.asarray(y_test) + 1) % task.n_classes

    return replace(task, sample=sample)


def small(task: Task) -> Task:
    if task.design == "resampled" or task.problem == "generation":  # whose test parts have a size of their own
        return task
    return replace(task, n_train=30, n_test=40)


@pytest.mark.parametrize("name", tasks.names())
def test_no_task_lets_its_test_rows_into_the_training_features(name: str) -> None:
    task = small(tasks.get(name))
    canary = with_other_test_rows(task)
    split, changed = task.split(seed=3), canary.split(seed=3)
    for features in (*task.feature_maps, *task.quantum_maps):
        learned = feature_map(features, task).fit(split.X_train)
        again = feature_map(features, canary).fit(changed.X_train)
        assert np.array_equal(learned.transform(split.X_train), again.transform(changed.X_train))
    (X_test, y_test), (X_changed, y_changed) = split.test.open(), changed.test.open()
    assert not np.array_equal(X_test, X_changed)  # the canary did sing
    assert not np.array_equal(y_test, y_changed)


@pytest.mark.parametrize("name", models.names())
def test_no_model_learns_from_rows_that_it_predicts(name: str) -> None:
    """Fit once, predict other rows in between: the predictions stay, and no row's depends on its neighbours."""
    from qml.testing import _same, _shortened, _task_for

    model = _shortened(models.get(name))
    task = _task_for(model)
    if task.problem != "generation":
        task = replace(task, n_train=24, n_test=12)
    split = task.split(seed=0)
    X_test, _ = split.test.open()
    pipeline = build(model, task, default_params(model, task), random_state=0).fit(split.X_train, split.y_train)
    before = pipeline.predict(X_test)
    # Strings and graphs cannot be far off: these are the same rows in another order.
    pipeline.predict(X_test[::-1] if task.problem in ("generation", "optimisation") else 100.0 * X_test - 7.0)
    assert np.array_equal(pipeline.predict(X_test), before)
    assert _same(pipeline.predict(X_test[:3]), before[:3])
    again = build(model, task, default_params(model, task), random_state=0).fit(split.X_train, split.y_train)
    assert np.array_equal(again.predict(X_test), before)
