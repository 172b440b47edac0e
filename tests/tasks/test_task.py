import pickle
from dataclasses import replace

import numpy as np
import pytest

from qml import models, tasks
from qml.errors import SpecError
from qml.models import build
from qml.tasks import Task
from qml.testing import check_task


def coin(rng, n_train, n_test):
    X = rng.normal(size=(n_train + n_test, 2))
    y = np.arange(n_train + n_test) % 2
    return X[:n_train], y[:n_train], X[n_train:], y[n_train:]


def make(**changes):
    fields = {
        "name": "coin",
        "summary": "no signal",
        "source": "-",
        "sample": coin,
        "n_features": 2,
        "design": "fresh",
        "n_train": 10,
        "n_test": 30,
        "feature_maps": ("standard",),
    }
    return Task(**{**fields, **changes})


def test_split_has_the_declared_shapes_and_types():
    split = make().split(0)
    X_test, y_test = split.test.open()
    assert (split.X_train.shape, split.y_train.shape) == ((10, 2), (10,))
    assert (X_test.shape, y_test.shape) == ((30, 2), (30,))
    assert (split.X_train.dtype, split.y_train.dtype) == (np.float64, np.int64)


def test_replaced_sizes_are_drawn():
    task = replace(make(), n_train=16, n_test=5)
    assert len(task.split(0).X_train) == 16
    assert len(task.split(0).test.open()[1]) == 5


def test_test_fraction():
    assert make(n_train=75, n_test=25).test_fraction == 0.25


def test_seeds_decide():
    assert np.array_equal(make().split(3).X_train, make().split(3).X_train)
    assert not np.array_equal(make().split(3).X_train, make().split(4).X_train)


def test_a_task_can_be_pickled():
    task = pickle.loads(pickle.dumps(tasks.get("two-moons")))
    assert task == tasks.get("two-moons")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_train": 0}, "task 'coin': n_train must be a whole number, at least 2; got 0."),
        ({"n_test": 12.0}, "task 'coin': n_test must be a whole number, at least 2; got 12.0."),
        ({"n_train": True}, "task 'coin': n_train must be a whole number, at least 2; got True."),
        ({"n_classes": 1}, "task 'coin': n_classes must be a whole number, at least 2; got 1."),
        ({"problem": "clasification"}, "task 'coin': unknown problem 'clasification'. Did you mean 'classification'?"),
        (
            {"problem": "regression", "n_classes": 3},
            "n_classes is for classification; got n_classes=3 with problem='regression'. Leave it out.",
        ),
        ({"design": "resample"}, "unknown design 'resample'. Did you mean 'resampled'? Choices: fresh, resampled."),
        ({"design": "resampled"}, "n_available is given for design 'resampled' and for no other"),
        ({"n_available": 100}, "n_available is given for design 'resampled' and for no other"),
        ({"feature_maps": ()}, "feature_maps must name at least one feature map, each once; got ()."),
        ({"feature_maps": ("raw", "raw")}, "feature_maps must name at least one feature map, each once"),
        ({"pca": 3}, "with pca=3 a learner sees 3 features; set n_features=3 (got 2)."),
    ],
)
def test_what_does_not_fit_is_refused(changes, message):
    with pytest.raises(SpecError) as caught:
        make(**changes)
    assert message in str(caught.value)


def test_a_resampled_task_cannot_be_larger_than_its_set():
    with pytest.raises(SpecError) as caught:
        replace(tasks.get("breast-cancer"), n_train=500)
    assert str(caught.value) == (
        "task 'breast-cancer' is resampled from 569 rows: n_train + n_test can be at most 569; "
        "got 500 + 143 = 643. Lower one of them."
    )


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        (
            lambda rng, n, m: (np.zeros((n, 3)), np.zeros(n, int), np.zeros((m, 3)), np.zeros(m, int)),
            "sample must return a training part of 10 rows and 2 columns, and as many labels; "
            "got X of shape (10, 3) and y of shape (10,).",
        ),
        (
            lambda rng, n, m: (np.zeros((n, 2)), np.zeros(n, int), np.zeros((m - 1, 2)), np.zeros(m, int)),
            "sample must return a test part of 30 rows",
        ),
        (
            lambda rng, n, m: (np.zeros((n, 2)), np.zeros(n), np.zeros((m, 2)), np.zeros(m)),
            "labels must be integers; sample returned float64 in the training part. "
            "If they are real numbers to predict, set problem='regression'.",
        ),
    ],
)
def test_a_wrong_sampler_is_named(sample, message):
    with pytest.raises(SpecError) as caught:
        make(sample=sample).split(0)
    assert message in str(caught.value)


def slope(rng, n_train, n_test):
    X = rng.normal(size=(n_train + n_test, 2))
    y = X[:, 0].astype(np.float32)
    return X[:n_train], y[:n_train], X[n_train:], y[n_train:]


def test_labels_of_a_regression_are_floats():
    split = make(problem="regression", sample=slope).split(0)
    assert split.y_train.dtype == np.float64
    assert np.allclose(split.y_train, split.X_train[:, 0])


@pytest.mark.parametrize(("y", "what"), [(np.zeros(10, int), "int64"), (np.full(10, np.nan), "NaN or infinity")])
def test_labels_of_a_regression_that_are_no_numbers_are_refused(y, what):
    def sample(rng, n, m):
        return np.zeros((n, 2)), y, np.zeros((m, 2)), np.zeros(m)

    with pytest.raises(SpecError) as caught:
        make(problem="regression", sample=sample).split(0)
    assert str(caught.value) == (
        f"task 'coin': labels of problem='regression' must be finite floats; sample returned {what} in the "
        "training part."
    )


BLOCKS = {"left": (0, 1), "right": (2,)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"columns": {"left": (0, 3)}}, "the columns of 'left' must be different numbers from 0 to 2; got (0, 3)."),
        ({"columns": {"left": ()}}, "the columns of 'left' must be different numbers"),
        ({"columns": {"left": (1, 1)}}, "the columns of 'left' must be different numbers"),
        ({"columns": BLOCKS, "quantum_maps": ("top",)}, "the quantum map 'top' must be a block of columns"),
        ({"columns": BLOCKS, "feature_maps": ("left",), "quantum_maps": ("left",)}, "and none of the feature_maps"),
    ],
)
def test_blocks_of_columns_are_checked(changes, message):
    with pytest.raises(SpecError) as caught:
        replace(blocks(), **changes)
    assert message in str(caught.value)


def blocks():
    def draw(rng, n_train, n_test):
        X, y = rng.normal(size=(n_train + n_test, 3)), np.arange(n_train + n_test) % 2
        return X[:n_train], y[:n_train], X[n_train:], y[n_train:]

    return Task(
        name="blocks",
        summary="-",
        source="-",
        sample=draw,
        n_features=3,
        design="fresh",
        n_train=10,
        n_test=10,
        feature_maps=("left",),
        columns=BLOCKS,
        quantum_maps=("right",),
    )


def test_a_block_is_a_feature_map_and_some_are_for_quantum_models_only():
    task = blocks()
    check_task(task)
    X = task.split(0).X_train
    svm = build(models.get("svm-rbf"), task, {}, 0)
    seen = svm["features"].fit_transform(X)
    assert np.allclose(seen, (X[:, :2] - X[:, :2].mean(axis=0)) / X[:, :2].std(axis=0))
    with pytest.raises(SpecError, match="which only quantum models may read; 'svm-rbf' is classical"):
        build(models.get("svm-rbf"), task, {"features": "right"}, 0)
    assert build(models.get("iqp-kernel"), task, {"features": "right"}, 0)["features"].fit_transform(X).shape == (10, 1)
