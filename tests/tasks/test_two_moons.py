import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from qml import tasks
from qml.tasks.two_moons import NOISE, draw_moons


def test_both_parts_are_balanced():
    split = tasks.get("two-moons").split(0)
    assert split.y_train.sum() == 50
    assert split.test.open()[1].sum() == 500


def test_noise_around_the_outer_moon_has_the_declared_width():
    X, y = draw_moons(np.random.default_rng(0), 20_000)
    outer = X[(y == 0)]
    # The outer moon is the upper unit half circle; far enough from its ends, the radius tells the noise.
    middle = outer[outer[:, 1] > 0.8 * np.abs(outer[:, 0]) + 0.4]
    assert abs(np.std(np.hypot(*middle.T)) - NOISE) < 0.05


def test_it_can_be_learned():
    split = tasks.get("two-moons").split(0)
    X_test, y_test = split.test.open()
    assert KNeighborsClassifier().fit(split.X_train, split.y_train).score(X_test, y_test) > 0.85
