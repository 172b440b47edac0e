import numpy as np

from qml import models, tasks
from qml.models.classical.fourier_surrogate import FourierSurrogateClassifier
from qml.tasks.fourier_target import frequencies, target


def test_the_series_is_the_sum_written_out():
    rng = np.random.default_rng(0)
    (a, b), x = rng.normal(size=(2, 12)), rng.uniform(-3, 3, 2)
    pairs = [(p, q) for p in range(-2, 3) for q in range(-2, 3) if p > 0 or (p == 0 and q > 0)]
    wanted = sum(
        a[k] * np.cos(p * x[0] + q * x[1]) + b[k] * np.sin(p * x[0] + q * x[1]) for k, (p, q) in enumerate(pairs)
    )
    assert np.allclose(target(x[None], a, b), wanted)
    assert len(frequencies(3, 1)) == 13


def test_labels_are_the_side_of_the_median_outside_the_gap():
    split = tasks.get("fourier-target").split(4)
    X_test, y_test = split.test.open()
    a, b = np.random.default_rng(4).normal(size=(2, 12))  # what the task draws first
    everywhere = target(np.random.default_rng(0).uniform(-np.pi, np.pi, (50_000, 2)), a, b)
    median = np.median(everywhere)
    distance = np.quantile(np.abs(everywhere - median), 0.3)
    for X, y in ((split.X_train, split.y_train), (X_test, y_test)):
        values = target(X, a, b) - median
        assert np.array_equal(values > 0, y == 1)
        assert np.abs(values).min() > 0.8 * distance


def test_fourier_ridge_solves_it():
    scores = []
    for seed in range(5):
        split = tasks.get("fourier-target").split(seed)
        X, y = split.test.open()
        model = FourierSurrogateClassifier(max_frequency=2, C=10.0).fit(split.X_train, split.y_train)
        scores.append((model.predict(X) == y).mean())
    assert np.mean(scores) > 0.9
    assert "fourier-surrogate" in models.REQUIRED_POOL
