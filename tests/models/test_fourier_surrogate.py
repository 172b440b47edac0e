from itertools import product

import numpy as np
import pytest
from sklearn.svm import SVC

from qml.models.classical.fourier_surrogate import FourierSurrogateClassifier, fourier_kernel


def enumerated_features(X, max_frequency, scale):
    """[cos ω·x, sin ω·x] over all ω in {−L..L}^d, written out."""
    frequencies = np.array(list(product(range(-max_frequency, max_frequency + 1), repeat=X.shape[1])))
    angles = scale * X @ frequencies.T
    return np.hstack([np.cos(angles), np.sin(angles)]) / np.sqrt(len(frequencies))


@pytest.mark.parametrize(("n_features", "max_frequency"), [(1, 3), (2, 2), (3, 1)])
def test_the_kernel_equals_the_sum_over_every_frequency(n_features, max_frequency):
    rng = np.random.default_rng(0)
    X, Z = rng.normal(size=(12, n_features)), rng.normal(size=(9, n_features))
    enumerated = enumerated_features(X, max_frequency, 0.7) @ enumerated_features(Z, max_frequency, 0.7).T
    assert np.allclose(fourier_kernel(X, Z, max_frequency=max_frequency, scale=0.7), enumerated, atol=1e-13)


def test_the_classifier_equals_a_linear_machine_on_the_enumerated_features():
    rng = np.random.default_rng(1)
    X, X_test = rng.uniform(-2, 2, size=(50, 2)), rng.uniform(-2, 2, size=(200, 2))
    y = np.sin(2 * X[:, 0]) * np.cos(X[:, 1]) > 0
    ours = FourierSurrogateClassifier(max_frequency=2, scale=0.9, C=3.0).fit(X, y)
    linear = SVC(kernel="linear", C=3.0).fit(enumerated_features(X, 2, 0.9), y)
    expected = linear.decision_function(enumerated_features(X_test, 2, 0.9))
    assert np.allclose(ours.decision_function(X_test), expected, atol=1e-2)
    assert np.mean((expected > 0) == ours.predict(X_test)) > 0.98


def test_it_learns_a_target_inside_its_spectrum_and_not_one_outside():
    rng = np.random.default_rng(2)
    X, X_test = rng.uniform(-np.pi, np.pi, size=(300, 1)), rng.uniform(-np.pi, np.pi, size=(1000, 1))

    def score(max_frequency):
        model = FourierSurrogateClassifier(max_frequency=max_frequency, C=100.0).fit(X, np.cos(4 * X[:, 0]) > 0)
        return model.score(X_test, np.cos(4 * X_test[:, 0]) > 0)

    assert score(4) > 0.95
    assert score(1) < 0.65
