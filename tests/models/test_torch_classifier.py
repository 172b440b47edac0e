import copy
import pickle
from collections import OrderedDict

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import make_moons
from sklearn.metrics import balanced_accuracy_score
from torch import nn

from qml.errors import SpecError, TrainingError
from qml.models.classical.mlp import MLPClassifier
from qml.models.torch_classifier import TorchClassifier
from qml.nn.linear import linear


@pytest.fixture
def moons():
    return make_moons(60, noise=0.3, random_state=0)


class Logistic(TorchClassifier):
    """The smallest subclass: one linear layer."""

    def _build_module(self, n_features, n_outputs, generator):
        return linear(n_features, n_outputs, generator)


class Dropped(TorchClassifier):
    """A module with randomness of its own."""

    def _build_module(self, n_features, n_outputs, generator):
        return nn.Sequential(nn.Dropout(0.5), linear(n_features, n_outputs, generator))


def weights(estimator):
    return torch.cat([p.detach().reshape(-1) for p in estimator.module_.parameters()])


def test_the_smallest_subclass_learns_a_line():
    X = np.linspace(-1, 1, 100).reshape(-1, 1)
    y = np.where(X[:, 0] > 0.2, "right", "left")
    model = Logistic(learning_rate=0.1, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.95
    assert model.classes_.tolist() == ["left", "right"]
    assert model.n_parameters_ == 2


def test_the_base_class_names_what_is_missing(moons):
    with pytest.raises(NotImplementedError, match=r"TorchClassifier must give its module in _build_module\."):
        TorchClassifier().fit(*moons)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_decisions_and_labels_agree(n_classes):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 2))
    y = np.array(["a", "b", "c"])[(np.arange(90) % n_classes)]
    model = Logistic(max_epochs=3, random_state=0).fit(X, y)
    probabilities = model.predict_proba(X)
    decisions = model.decision_function(X)
    assert probabilities.shape == (90, n_classes)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_array_equal(model.classes_[probabilities.argmax(axis=1)], model.predict(X))
    if n_classes == 2:
        np.testing.assert_allclose(probabilities[:, 1], 1 / (1 + np.exp(-decisions)))
    else:
        exponentials = np.exp(decisions)
        np.testing.assert_allclose(probabilities, exponentials / exponentials.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("model", [MLPClassifier, Dropped])
def test_the_same_random_state_gives_bit_equal_weights(model, moons):
    settings = {"max_epochs": 5, "random_state": 3}
    first, second = model(**settings).fit(*moons), model(**settings).fit(*moons)
    other = model(max_epochs=5, random_state=4).fit(*moons)
    assert torch.equal(weights(first), weights(second))
    assert not torch.equal(weights(first), weights(other))


def test_random_state_takes_a_seed_of_any_size_a_state_and_none(moons):
    big = [Logistic(max_epochs=2, random_state=2**200 + 1).fit(*moons) for _ in range(2)]
    state = [Logistic(max_epochs=2, random_state=np.random.RandomState(5)).fit(*moons) for _ in range(2)]
    fresh = [Logistic(max_epochs=2).fit(*moons) for _ in range(2)]
    assert torch.equal(weights(big[0]), weights(big[1]))
    assert torch.equal(weights(state[0]), weights(state[1]))
    assert not torch.equal(weights(fresh[0]), weights(fresh[1]))


@pytest.mark.parametrize("random_state", [None, 0])
def test_fit_leaves_global_state_alone(random_state, moons):
    def global_state():
        name, keys, *rest = np.random.get_state()  # noqa: NPY002  # the global state is what this test is about
        return [
            torch.get_rng_state().tolist(),
            name,
            keys.tolist(),
            rest,
            torch.get_num_threads(),
            torch.get_default_dtype(),
        ]

    before = global_state()
    Dropped(max_epochs=2, random_state=random_state).fit(*moons).predict(moons[0])
    assert global_state() == before


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble, np.int64])
def test_any_real_features_become_float32(dtype, moons):
    X, y = (moons[0] * 4).astype(dtype), moons[1]
    model = Logistic(max_epochs=2, random_state=0).fit(X, y)
    assert {p.dtype for p in model.module_.parameters()} == {torch.float32}
    assert model.predict_proba(X).dtype == np.float64


@pytest.mark.parametrize("value", [np.nan, np.inf, -1e300])
def test_features_that_are_not_finite_name_the_column(value, moons):
    X, y = moons[0].copy(), moons[1]
    model = Logistic(max_epochs=2, random_state=0).fit(X, y)
    X[7, 1] = value
    message = r"feature column 1 has 1 NaN or infinite value \(first at row 7\)"
    with pytest.raises(ValueError, match=message):
        Logistic().fit(X, y)
    with pytest.raises(ValueError, match=message):
        model.predict(X)


def test_one_class_is_refused(moons):
    with pytest.raises(ValueError, match=r"Logistic needs at least 2 classes in y; got one class: 1\."):
        Logistic().fit(moons[0], np.ones(60, dtype=int))


def test_a_wrong_setting_is_named_at_fit(moons):
    with pytest.raises(SpecError, match=r"batch_size must be a whole number, at least 1; got 0\."):
        Logistic(batch_size=0).fit(*moons)


def test_a_fit_that_diverges_names_its_cause(moons):
    model = MLPClassifier(learning_rate=1e38, random_state=0)
    with pytest.raises(TrainingError, match=r"lower learning_rate \(now 1e\+38\) or scale the features"):
        model.fit(*moons)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_copies_predict_the_same(copied, moons):
    model = MLPClassifier(max_epochs=5, random_state=0).fit(*moons)
    np.testing.assert_array_equal(copied(model).predict_proba(moons[0]), model.predict_proba(moons[0]))


def test_a_clone_is_unfitted_and_fits_to_the_same_weights(moons):
    model = MLPClassifier(max_epochs=5, hidden_width=7, random_state=0).fit(*moons)
    cloned = clone(model)
    assert not hasattr(cloned, "module_")
    assert torch.equal(weights(cloned.fit(*moons)), weights(model))


def test_weights_survive_a_state_dict(moons):
    model = MLPClassifier(max_epochs=5, random_state=0).fit(*moons)
    other = MLPClassifier(max_epochs=1, random_state=9).fit(*moons)
    other.module_.load_state_dict(OrderedDict(model.module_.state_dict()))
    np.testing.assert_array_equal(other.predict_proba(moons[0]), model.predict_proba(moons[0]))


@pytest.mark.parametrize("n", [2, 3, 5])
def test_a_handful_of_samples_is_enough_to_fit(n):
    X = np.arange(n, dtype=float).reshape(-1, 1)
    y = np.arange(n) % 2
    assert Logistic(max_epochs=3, random_state=0).fit(X, y).history_.validation_losses == ()


def test_two_moons_are_learned_with_the_defaults():
    scores = []
    for seed in range(10):
        X, y = make_moons(100, noise=0.3, random_state=seed)
        X_test, y_test = make_moons(1000, noise=0.3, random_state=1000 + seed)
        scores.append(balanced_accuracy_score(y_test, MLPClassifier(random_state=seed).fit(X, y).predict(X_test)))
    assert np.mean(scores) >= 0.88


def test_linear_draws_from_its_generator_and_from_nothing_else():
    before = torch.get_rng_state()
    first, second = (linear(3, 2, torch.Generator().manual_seed(1)) for _ in range(2))
    assert torch.equal(first.weight, second.weight)
    assert torch.equal(first.bias, second.bias)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("width", [3, 16, 50])
def test_a_row_is_predicted_the_same_whatever_comes_with_it(n_classes, width):
    X = np.random.default_rng(0).normal(size=(301, 5))
    y = np.arange(301) % n_classes
    model = MLPClassifier(hidden_width=width, max_epochs=2, random_state=0).fit(X, y)
    together = model.decision_function(X)
    alone = np.concatenate([model.decision_function(X[[row]]) for row in range(0, 301, 10)])
    np.testing.assert_allclose(alone, together[::10], rtol=0, atol=1e-13)
    np.testing.assert_allclose(model.decision_function(X[::-1])[::-1], together, rtol=0, atol=1e-13)
