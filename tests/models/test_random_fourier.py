import numpy as np
from sklearn.metrics.pairwise import rbf_kernel

from qml.models.classical.random_fourier import RandomFourierClassifier


def test_features_approximate_the_gaussian_kernel():
    X = np.random.default_rng(0).normal(size=(30, 3))
    model = RandomFourierClassifier(gamma=0.3, n_components=20_000, random_state=0).fit(X, np.arange(30) % 2)
    features = model.sampler_.transform(X)
    # Each entry is a mean of 20000 terms of standard deviation below 1.
    assert np.abs(features @ features.T - rbf_kernel(X, gamma=0.3)).max() < 6 / np.sqrt(20_000)


def test_many_features_agree_with_ridge_on_the_exact_kernel():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(60, 2))
    y = (X**2).sum(axis=1) > 1.5
    X_test = rng.normal(size=(500, 2))
    model = RandomFourierClassifier(gamma=0.5, n_components=5000, C=5.0, random_state=0).fit(X, y)
    # Ridge with an intercept in the dual: centre the kernel and the targets.
    targets, kernel = np.where(y, 1.0, -1.0), rbf_kernel(X, gamma=0.5)
    centre = np.eye(60) - 1 / 60
    dual = np.linalg.solve(centre @ kernel @ centre + 0.1 * np.eye(60), targets - targets.mean())
    exact = (rbf_kernel(X_test, X, gamma=0.5) - kernel.mean(axis=0)) @ centre @ dual + targets.mean()
    assert np.mean((exact > 0) == model.predict(X_test)) > 0.98


def test_random_state_decides_the_frequencies():
    X, y = np.linspace(-1, 1, 20).reshape(-1, 1), np.arange(20) % 2

    def weights(random_state):
        return RandomFourierClassifier(random_state=random_state).fit(X, y).sampler_.random_weights_

    assert np.array_equal(weights(3), weights(3))
    assert not np.array_equal(weights(3), weights(4))
