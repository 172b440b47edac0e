"""The teacher tasks against dense matrices that share nothing with the engine."""

from functools import reduce

import numpy as np
import pytest

from qml import tasks
from qml.tasks.teacher import teacher_values

PAULI = {"X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]]), "Z": np.diag([1, -1])}


def rotation(axis, angle):
    return np.cos(angle / 2) * np.eye(2) - 1j * np.sin(angle / 2) * PAULI[axis]


def layer(angles):
    """One RZ(c) RY(b) RZ(a) a wire, then CZ between neighbours on a ring; shape (n_wires, 3) to a dense matrix."""
    n = len(angles)
    gates = reduce(np.kron, [rotation("Z", c) @ rotation("Y", b) @ rotation("Z", a) for a, b, c in angles])
    bits = (np.arange(2**n)[:, None] >> np.arange(n)[::-1]) & 1
    pairs = [(i, (i + 1) % n) for i in range(n)] if n > 2 else [(0, 1)][: n - 1]
    signs = np.prod([(-1.0) ** (bits[:, i] * bits[:, j]) for i, j in pairs] or [np.ones(2**n)], axis=0)
    return signs[:, None] * gates


def dense_value(x, weights):
    state = layer(weights[0])[:, 0]
    for angles in weights[1:]:
        state = layer(angles) @ reduce(np.kron, [rotation("X", value) for value in x]) @ state
    half = len(state) // 2
    return (np.abs(state[:half]) ** 2).sum() - (np.abs(state[half:]) ** 2).sum()


@pytest.mark.parametrize(("n_wires", "n_layers"), [(1, 2), (2, 2), (4, 1), (4, 3)])
def test_values_equal_the_dense_construction(n_wires, n_layers):
    rng = np.random.default_rng(0)
    x, weights = rng.uniform(-3, 3, (7, n_wires)), rng.uniform(0, 6, (n_layers + 1, n_wires, 3))
    assert np.allclose(teacher_values(x, weights), [dense_value(row, weights) for row in x], atol=1e-12)


@pytest.mark.parametrize(("name", "n_layers"), [("teacher", 3), ("teacher-raw", 3), ("teacher-shallow", 1)])
def test_labels_are_the_side_of_the_median_outside_the_gap(name, n_layers):
    split = tasks.get(name).split(5)
    X_test, y_test = split.test.open()
    weights = np.random.default_rng(5).uniform(0, 2 * np.pi, (n_layers + 1, 4, 3))  # what the task draws first
    x = np.random.default_rng(1).uniform(-np.pi, np.pi, (20_000, 4))
    everywhere = teacher_values(x, weights)
    median = np.median(everywhere)
    distance = np.quantile(np.abs(everywhere - median), 0.3)
    for X, y in ((split.X_train, split.y_train), (X_test, y_test)):
        values = np.array([dense_value(row, weights) for row in X])
        far = np.abs(values - median) > 0.05  # the task knows the median to about 0.01
        assert np.array_equal(y[far], (values > median)[far])
        assert np.abs(values - median).min() > distance - 0.05
        assert np.abs(X).max() <= np.pi


def test_the_shallow_teacher_sees_its_first_angle_only():
    rng = np.random.default_rng(3)
    weights = rng.uniform(0, 2 * np.pi, (2, 4, 3))
    x = rng.uniform(-np.pi, np.pi, (50, 4))
    other = x.copy()
    other[:, 1:] = rng.uniform(-np.pi, np.pi, (50, 3))
    assert np.allclose(teacher_values(x, weights), teacher_values(other, weights), atol=1e-12)
    deep = rng.uniform(0, 2 * np.pi, (4, 4, 3))
    assert np.abs(teacher_values(x, deep) - teacher_values(other, deep)).max() > 0.1


def test_the_shallow_teachers_labels_follow_from_the_first_angle():
    split = tasks.get("teacher-shallow").split(0)
    X_test, y_test = split.test.open()
    nearest = np.abs(X_test[:, :1] - split.X_train[:, 0]).argmin(axis=1)
    assert (split.y_train[nearest] == y_test).mean() > 0.97


def test_the_tasks_differ_in_what_the_models_may_see():
    assert tasks.get("teacher").feature_maps == ("raw", "sincos")
    assert tasks.get("teacher-raw").feature_maps == ("raw",)
    assert np.array_equal(tasks.get("teacher").split(0).X_train, tasks.get("teacher-raw").split(0).X_train)
    assert all(tasks.get(name).engineered for name in ("teacher", "teacher-raw", "teacher-shallow"))
