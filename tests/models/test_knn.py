import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from qml import models, tasks
from qml.models.classical.knn import NearestNeighborsClassifier


@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_it_is_scikit_learns_where_there_are_enough_rows(weights):
    split = tasks.get("two-moons").split(0)
    X_test, _ = split.test.open()
    ours = NearestNeighborsClassifier(7, weights=weights).fit(split.X_train, split.y_train)
    theirs = KNeighborsClassifier(7, weights=weights).fit(split.X_train, split.y_train)
    assert np.array_equal(ours.predict(X_test), theirs.predict(X_test))


def test_the_whole_search_space_is_valid_on_the_inner_folds_of_forty_rows():
    split = tasks.get("ad-hoc").split(0)
    for n_neighbors in range(1, models.get("knn").search_space["n_neighbors"].high + 1):
        knn = NearestNeighborsClassifier(n_neighbors).fit(split.X_train[:20], split.y_train[:20])
        assert knn.predict(split.X_train[20:]).shape == (20,)
        assert knn.knn_.n_neighbors == min(n_neighbors, 20)
