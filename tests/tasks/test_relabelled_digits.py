"""The relabelled digits against dense matrices: the chain by exponentials, the labels from the formula."""

from functools import reduce

import numpy as np
import pytest
from scipy.linalg import expm, inv, sqrtm
from sklearn.metrics import balanced_accuracy_score

from qml import models, tasks
from qml.circuits.encodings.heisenberg import first_angles
from qml.tasks.relabelled_digits import GAMMAS, engineered_labels, projected_kernel

PAULIS = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


def dense_state(x):
    d = len(x)
    n = d + 1
    first = [
        expm(-0.5j * azimuth * PAULIS[2]) @ expm(-0.5j * polar * PAULIS[1]) @ [1, 0]
        for polar, azimuth in first_angles(n)
    ]
    state = reduce(np.kron, first)
    coupling = sum(np.kron(pauli, pauli) for pauli in PAULIS)
    for _ in range(10):  # T = 10 steps of t / T, with t = d
        for j in range(d):
            gate = expm(-1j * d / 10 * x[j] * coupling)
            state = reduce(np.kron, [np.eye(2**j), gate, np.eye(2 ** (n - j - 2))]) @ state
    return state


def one_wire_states(state):
    n = int(np.log2(len(state)))
    tensor = state.reshape([2] * n)
    return [
        np.tensordot(np.moveaxis(tensor, k, 0).reshape(2, -1), np.moveaxis(tensor, k, 0).reshape(2, -1).conj(), (1, 1))
        for k in range(n)
    ]


def test_the_kernel_is_that_of_the_dense_one_wire_states():
    x = np.random.default_rng(0).normal(size=(6, 4))
    states = [one_wire_states(dense_state(row)) for row in x]
    distances = np.array(
        [
            [sum(np.linalg.norm(a - b) ** 2 for a, b in zip(one, other, strict=True)) for other in states]
            for one in states
        ]
    )
    median = np.median(distances[np.triu_indices(6, 1)])
    assert np.allclose(projected_kernel(x), np.exp(-distances / median), atol=1e-9)


def test_labels_are_those_of_the_formula():
    rng = np.random.default_rng(1)
    quantum, one, other = (np.exp(-0.3 * np.square(a[:, None] - a[None]).sum(-1)) for a in rng.normal(size=(3, 12, 2)))
    total = np.zeros((12, 12))
    for kernel in (one, other):
        root_q, root_c = sqrtm(quantum).real, sqrtm(kernel).real
        middle = inv(kernel + 0.01 * np.eye(12))
        geometry = root_q @ root_c @ middle @ middle @ root_c @ root_q
        total += geometry / np.linalg.norm(geometry)
    top = np.linalg.eigh(total)[1][:, -1]
    scores = sqrtm(quantum).real @ top
    wanted = (scores > np.median(scores)).astype(int)
    found = engineered_labels(quantum, [one, other])
    assert np.array_equal(found, wanted) or np.array_equal(found, 1 - wanted)
    assert found.sum() == 6


def test_a_haar_random_one_wire_state_has_a_uniform_bloch_vector():
    angles = np.array(first_angles(4000))
    assert abs(np.cos(angles[:, 0]).mean()) < 4 / np.sqrt(3 * 4000)
    assert abs(np.exp(1j * angles[:, 1]).mean()) < 4 / np.sqrt(4000)
    assert first_angles(3) == first_angles(5)[:3]


@pytest.mark.slow
def test_the_projected_kernel_is_ahead_by_as_much_as_published():
    task = tasks.get("relabelled-digits")
    scores = {"projected-kernel": [], "random-forest": [], "svm-rbf": []}
    for seed in range(10):
        split = task.split(seed)
        X, y = split.test.open()
        for name, found in scores.items():
            pipeline = models.build(models.get(name), task, models.default_params(models.get(name), task), 0)
            found.append(balanced_accuracy_score(y, pipeline.fit(split.X_train, split.y_train).predict(X)))
    assert np.mean(scores["projected-kernel"]) == pytest.approx(0.953, abs=0.03)  # VERDICT.md P5
    best = max(np.mean(scores["random-forest"]), np.mean(scores["svm-rbf"]))
    assert best == pytest.approx(0.683, abs=0.06)  # the best of a tuned pool there, two untuned models here


def test_the_description_says_that_the_labels_are_transductive():
    task = tasks.get("relabelled-digits")
    assert "transductively" in task.summary
    assert (task.n_train + task.n_test, task.engineered, len(GAMMAS)) == (300, True, 5)
