import numpy as np
import pytest
from sklearn.datasets import make_moons
from sklearn.metrics import balanced_accuracy_score
from sklearn.utils.estimator_checks import parametrize_with_checks
from torch import Generator, nn

from qml import models
from qml.models.classical.matched_mlp import MatchedMLPClassifier, reuploading_parameter_count
from qml.models.classical.mlp import MLPClassifier, perceptron

QUICK = {"max_epochs": 25, "learning_rate": 0.05}


@parametrize_with_checks([MLPClassifier(**QUICK), MatchedMLPClassifier(n_layers=3, **QUICK)])
def test_conforms_to_scikit_learn(estimator, check):
    check(estimator)


def test_perceptron_has_the_widths_it_is_given():
    layers = [layer for layer in perceptron([3, 5, 5, 2], Generator()) if isinstance(layer, nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in layers] == [(3, 5), (5, 5), (5, 2)]


@pytest.mark.parametrize(("n_classes", "expected"), [(2, 3 * 6 + 6 + 7), (3, 3 * 6 + 6 + 7 * 3)])
def test_mlp_counts_its_parameters(n_classes, expected):
    X = np.random.default_rng(0).normal(size=(30, 3))
    model = MLPClassifier(hidden_width=6, n_hidden_layers=1, max_epochs=1).fit(X, np.arange(30) % n_classes)
    assert model.n_parameters_ == expected


def test_weight_decay_shrinks_the_weights():
    X = np.random.default_rng(0).normal(size=(40, 2))
    y = (X[:, 0] > 0).astype(int)
    norms = []
    for decay in (0.0, 1.0):
        module = MLPClassifier(weight_decay=decay, validation_fraction=0, random_state=0).fit(X, y).module_
        norms.append(sum(float((p.detach() ** 2).sum()) for p in module.parameters()))
    assert norms[1] < norms[0] / 2


def test_the_reference_count_adds_circuit_and_head():
    # 2 layers x 3 wires x (3 rotations + 1 scaling) = 24; 4 outputs x (3 expectation values + 1 bias) = 16.
    assert reuploading_parameter_count(n_features=3, n_layers=2, n_outputs=4) == 40


@pytest.mark.parametrize("n_layers", [1, 2, 3, 4])
@pytest.mark.parametrize("n_features", [1, 2, 4, 8])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_matched_mlp_is_the_narrowest_with_as_many_parameters(n_layers, n_features, n_classes):
    X = np.random.default_rng(0).normal(size=(12, n_features))
    model = MatchedMLPClassifier(n_layers=n_layers, max_epochs=1).fit(X, np.arange(12) % n_classes)
    n_outputs = 1 if n_classes == 2 else n_classes
    target = reuploading_parameter_count(n_features, n_layers, n_outputs)
    one_unit = n_features + 1 + n_outputs
    assert target <= model.n_parameters_ < target + one_unit


def test_the_first_trial_learns_two_moons():
    scores = []
    for seed in range(10):
        X, y = make_moons(100, noise=0.3, random_state=seed)
        X_test, y_test = make_moons(1000, noise=0.3, random_state=1000 + seed)
        mlp = MLPClassifier(**models.get("mlp").defaults, random_state=seed).fit(X, y)
        scores.append(balanced_accuracy_score(y_test, mlp.predict(X_test)))
    assert np.mean(scores) >= 0.89


@pytest.mark.parametrize("name", ["mlp", "matched-mlp"])
def test_registered_on_the_classical_side_with_its_learning_rate_searched(name):
    model = models.get(name)
    assert model.side == "classical"
    assert model.search_space["learning_rate"].low == 1e-3
    assert model.search_space["learning_rate"].high == 1e-1
    assert model.search_space["learning_rate"].log
    assert set(model.defaults) == set(model.search_space)
    model.estimator(**model.defaults)
