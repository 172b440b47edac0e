import numpy as np

from qml import tasks


def test_one_set_of_four_bits_explains_every_label_and_no_string_comes_twice():
    split = tasks.get("parity").split(2)
    X_test, y_test = split.test.open()
    X, y = np.vstack([split.X_train, X_test]), np.concatenate([split.y_train, y_test])
    assert len({row.tobytes() for row in X}) == len(X) == 256
    # By counting: the set is that of the bits whose flip flips the label.
    label = {tuple(row): value for row, value in zip(X.astype(int), y, strict=True)}
    flips = [label[tuple(np.eye(8, dtype=int)[i])] != label[(0,) * 8] for i in range(8)]
    assert sum(flips) == 4
    assert np.array_equal(y, X[:, flips].sum(axis=1) % 2)
    assert (tasks.get("parity").solver, tasks.get("parity").solver_pooled) == ("gf2", True)
