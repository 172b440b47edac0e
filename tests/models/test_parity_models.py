from itertools import product

import numpy as np
import pytest
import torch
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from qml import tasks
from qml.circuits.parity import ParityCircuit
from qml.models.classical.gf2 import GF2Classifier, solve_gf2
from qml.models.quantum.parity_circuit import ParityCircuitClassifier
from qml.nn import QuantumLayer


@parametrize_with_checks([ParityCircuitClassifier()])
def test_scikit_learns_checks(estimator, check):
    if check.func.__name__ == "check_classifiers_train":
        pytest.skip("a parity of two features is not what separates three blobs")
    check(estimator)


def test_on_bits_the_circuit_is_a_cosine():
    layer = QuantumLayer.from_circuit(ParityCircuit(3), dtype=torch.float64)
    bits = np.array(list(product([0.0, 1.0], repeat=3)))
    weights = layer.weights.detach().numpy()
    angles = weights[3] + bits @ weights[:3]
    assert np.allclose(layer(torch.tensor(bits)).detach().numpy()[:, 0], np.cos(angles), atol=1e-12)


def test_elimination_finds_every_solution_that_there_is():
    rng = np.random.default_rng(0)
    for _ in range(20):
        rows, hidden = rng.integers(0, 2, (12, 6), dtype=np.uint8), rng.integers(0, 2, 6, dtype=np.uint8)
        found = solve_gf2(rows, rows @ hidden % 2)
        assert np.array_equal(rows @ found % 2, rows @ hidden % 2)
    assert solve_gf2(np.zeros((2, 3), dtype=np.uint8), np.zeros(2, dtype=np.uint8)).tolist() == [0, 0, 0]


def test_on_the_task_elimination_is_perfect_the_circuit_learns_and_a_gaussian_kernel_does_not():
    split = tasks.get("parity").split(0)
    X, y = split.test.open()
    assert np.array_equal(GF2Classifier().fit(split.X_train, split.y_train).predict(X), y)
    fits = [
        ParityCircuitClassifier(start=start, random_state=0).fit(split.X_train, split.y_train) for start in range(8)
    ]
    best = min(fits, key=lambda fitted: fitted.history_.train_losses[-1])
    assert (best.predict(X) == y).mean() > 0.95
    assert (SVC(gamma=0.5).fit(split.X_train, split.y_train).predict(X) == y).mean() < 0.75


def test_elimination_survives_a_few_wrong_labels():
    rng = np.random.default_rng(1)
    bits = rng.integers(0, 2, (200, 5))
    y = bits[:, 0] ^ bits[:, 3]
    y[:6] ^= 1
    selection = GF2Classifier(n_orders=50).fit(bits, y).selection_
    assert selection.tolist() == [1, 0, 0, 1, 0, 0]


def test_more_than_two_classes_are_refused():
    with pytest.raises(ValueError, match="a parity has 2 classes; got 3"):
        GF2Classifier().fit(np.eye(3), [0, 1, 2])
