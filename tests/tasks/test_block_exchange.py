import numpy as np
import pytest
from scipy.stats import ks_2samp, pearsonr
from sklearn.metrics import balanced_accuracy_score

from qml import models, tasks
from qml.tasks.block_exchange import draw_blocks


def test_the_blocks_have_one_distribution_given_the_label_and_are_independent_given_it():
    X, y = draw_blocks(np.random.default_rng(0), 4000)
    for label in (0, 1):
        rows = X[y == label]
        for one, other in ((0, 2), (1, 3)):
            assert ks_2samp(rows[:, one], rows[:, other]).pvalue > 1e-3
        for one in (0, 1):
            for other in (2, 3):
                assert pearsonr(rows[:, one], rows[:, other]).pvalue > 1e-3
    assert not np.array_equal(X[:, :2], X[:, 2:])


def test_exchanging_the_blocks_exchanges_the_learners():
    task = tasks.get("block-exchange")
    split = task.split(3)
    X, y = split.test.open()
    swap = [2, 3, 0, 1]
    first, second = (models.build(models.get(f"svm-block-{k}"), task, {}, 0) for k in (1, 2))
    predicted = first.fit(split.X_train, split.y_train).predict(X)
    assert np.array_equal(predicted, second.fit(split.X_train[:, swap], split.y_train).predict(X[:, swap]))
    other = second.fit(split.X_train, split.y_train).predict(X)
    assert 0.85 < balanced_accuracy_score(y, predicted) < 0.97
    assert (predicted != other).mean() > 0.05  # truly different learners


def test_the_mean_difference_of_the_two_learners_is_zero():
    task = tasks.get("block-exchange")
    differences = []
    for seed in range(40):
        split = task.split(seed)
        X, y = split.test.open()
        scores = [
            balanced_accuracy_score(
                y, models.build(models.get(name), task, {}, 0).fit(split.X_train, split.y_train).predict(X)
            )
            for name in ("svm-block-1", "svm-block-2")
        ]
        differences.append(scores[0] - scores[1])
    assert abs(np.mean(differences)) < 4 * np.std(differences, ddof=1) / np.sqrt(40)


def test_a_finite_set_is_split_anew_and_its_number_names_it():
    task = tasks.get("block-exchange-finite")
    assert (task.design, task.n_available) == ("resampled", 200)

    def rows(split):
        return {row.tobytes() for row in np.vstack([split.X_train, split.test.open()[0]])}

    assert rows(task.split(0)) == rows(task.split(1))
    assert not rows(task.split(0)) & rows(task.with_params(dataset=1).split(0))
    with pytest.raises(ValueError, match="has no parameter 'data'"):
        task.with_params(data=1)
