import numpy as np
import pytest
import torch
from sklearn.utils.estimator_checks import parametrize_with_checks

from qml import models, tasks
from qml.errors import CircuitError
from qml.models.classical.matched_mlp import reuploading_parameter_count
from qml.models.hybrid.dressed import DressedClassifier
from qml.models.quantum.iqp_kernel import IQPKernelClassifier
from qml.models.quantum.reuploading import ReuploadingClassifier
from qml.simulators import NoiseModel

QUANTUM = [model.name for model in models.MODELS if (model.side, model.problem) == ("quantum", "classification")]


@parametrize_with_checks(
    [
        ReuploadingClassifier(max_epochs=15, n_layers=1),
        DressedClassifier(max_epochs=15, n_layers=1),
        IQPKernelClassifier(),
    ]
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("name", QUANTUM)
def test_every_quantum_model_has_a_separable_twin_with_as_many_parameters(name):
    twin = models.get(f"{name}-separable")
    assert (twin.twin_of, twin.twin, twin.side) == (name, "separable", "twin")
    assert twin.search_space == models.get(name).search_space
    split = tasks.get("two-moons").split(0)
    counts = []
    for model in (models.get(name), twin):
        fast = {"max_epochs": 1} if "learning_rate" in model.search_space else {}
        fitted = model.estimator(**fast).fit(split.X_train, split.y_train)
        counts.append(getattr(fitted, "n_parameters_", None))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", [*QUANTUM, *(f"{name}-separable" for name in QUANTUM)])
def test_a_twins_drawing_has_no_gate_between_wires(name):
    drawing = models.get(name).draw(3)
    assert drawing is not None
    assert ("╭" in drawing) == (name in QUANTUM)


@pytest.mark.parametrize(("n_features", "n_layers", "n_classes"), [(1, 1, 2), (2, 3, 2), (3, 2, 4)])
def test_the_matched_network_counts_the_reuploading_circuits_parameters(n_features, n_layers, n_classes):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, n_features)), np.arange(40) % n_classes
    fitted = ReuploadingClassifier(n_layers=n_layers, max_epochs=1).fit(X, y)
    n_outputs = 1 if n_classes == 2 else n_classes
    assert fitted.n_parameters_ == reuploading_parameter_count(n_features, n_layers, n_outputs)


def test_the_kernel_learns_the_ad_hoc_data_and_its_twin_does_not():
    split = tasks.get("ad-hoc").split(1)
    X, y = split.test.open()
    scores = [
        (
            models.get(name).estimator(**models.get(name).defaults).fit(split.X_train, split.y_train).predict(X) == y
        ).mean()
        for name in ("iqp-kernel", "iqp-kernel-separable")
    ]
    assert scores[0] > 0.95
    assert scores[1] < 0.9


def test_trained_circuits_learn_two_moons():
    split = tasks.get("two-moons").split(0)
    X, y = split.test.open()
    for name in ("reuploading", "dressed"):
        fitted = models.build(
            models.get(name), tasks.get("two-moons"), models.default_params(models.get(name), tasks.get("two-moons")), 0
        )
        assert (fitted.fit(split.X_train, split.y_train).predict(X) == y).mean() > 0.8


def test_too_many_features_for_a_kernel_are_explained():
    with pytest.raises(CircuitError, match="25 features ask for 25 wires, and the kernel takes up to 20"):
        IQPKernelClassifier().fit(np.ones((4, 25)), [0, 1, 0, 1])
    with pytest.raises(CircuitError, match="'amplitude' does not take one feature a wire"):
        IQPKernelClassifier(encoding="amplitude").fit(np.ones((4, 3)), [0, 1, 0, 1])


def test_the_quantum_layers_weights_come_from_the_seed():
    split = tasks.get("two-moons").split(0)
    first, second = (
        ReuploadingClassifier(max_epochs=2, random_state=seed).fit(split.X_train, split.y_train) for seed in (3, 3)
    )
    state = first.module_.state_dict()
    assert all(torch.equal(value, second.module_.state_dict()[name]) for name, value in state.items())


# Predictions under shots and noise, without training anew.


@pytest.mark.parametrize("estimator", [IQPKernelClassifier(), ReuploadingClassifier(max_epochs=20, random_state=0)])
def test_a_fitted_classifier_predicts_under_shots_and_noise(estimator):
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (60, 2))
    y = X[:, 0] > 0
    fitted = estimator.fit(X, y)
    before = fitted.decision_function(X)
    noisy = fitted.with_backend(shots=100, noise=NoiseModel.depolarizing(0.01, 0.01), random_state=5)
    values = noisy.decision_function(X)
    assert (values != before).any()
    assert np.array_equal(values, noisy.decision_function(X))
    assert np.array_equal(noisy.predict(X), noisy.classes_[(values > 0).astype(int)])
    assert not np.array_equal(values, fitted.with_backend(shots=100, random_state=6).decision_function(X))
    assert np.array_equal(fitted.decision_function(X), before)
    np.testing.assert_allclose(fitted.with_backend().decision_function(X), before, atol=1e-4)
    many = fitted.with_backend(shots=10**7, random_state=0).decision_function(X)
    np.testing.assert_allclose(many, before, atol=0.02 * np.abs(before).max())
