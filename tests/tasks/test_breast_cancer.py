from dataclasses import replace

import numpy as np
from sklearn.datasets import load_breast_cancer

from qml import tasks


def test_a_replicate_is_a_split_of_the_whole_set():
    split = tasks.get("breast-cancer").split(0)
    X_test, _ = split.test.open()
    rows = np.concatenate([split.X_train, X_test])
    X, _ = load_breast_cancer(return_X_y=True)
    assert sorted(row.tobytes() for row in rows) == sorted(row.tobytes() for row in X)


def test_both_parts_have_the_shares_of_the_set():
    split = tasks.get("breast-cancer").split(0)
    _, y = load_breast_cancer(return_X_y=True)
    assert abs(split.y_train.mean() - y.mean()) < 0.005
    assert abs(split.test.open()[1].mean() - y.mean()) < 0.005


def test_the_test_part_is_a_quarter():
    assert abs(tasks.get("breast-cancer").test_fraction - 0.25) < 0.002


def test_smaller_parts_are_disjoint():
    split = replace(tasks.get("breast-cancer"), n_train=60, n_test=50).split(3)
    X_test, _ = split.test.open()
    assert (len(split.X_train), len(X_test)) == (60, 50)
    assert not {row.tobytes() for row in split.X_train} & {row.tobytes() for row in X_test}
