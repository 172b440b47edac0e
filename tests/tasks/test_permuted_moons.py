import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from qml import tasks


def test_it_is_a_null():
    assert tasks.get("permuted-moons").null


def test_labels_stay_balanced_in_both_parts():
    split = tasks.get("permuted-moons").split(0)
    assert split.y_train.sum() == 50
    assert split.test.open()[1].sum() == 500


def test_nothing_is_learned_in_either_direction():
    scores = []
    for seed in range(40):
        split = tasks.get("permuted-moons").split(seed)
        scores.append(KNeighborsClassifier().fit(split.X_train, split.y_train).score(*split.test.open()))
    # One score has a standard deviation of about 0.016 around 1/2.
    assert abs(np.mean(scores) - 0.5) < 5 * 0.016 / np.sqrt(40)


def test_the_test_labels_tell_nothing_about_the_test_features():
    scores = []
    for seed in range(20):
        X, y = tasks.get("permuted-moons").split(seed).test.open()
        scores.append(KNeighborsClassifier().fit(X[:500], y[:500]).score(X[500:], y[500:]))
    assert abs(np.mean(scores) - 0.5) < 5 * 0.023 / np.sqrt(20)
