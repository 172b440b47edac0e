import pickle
from dataclasses import replace

import numpy as np
import pytest
from optuna.distributions import CategoricalDistribution
from sklearn.base import clone

from qml import models, tasks
from qml.errors import SpecError
from qml.models import build, default_params, search_space

MOONS = tasks.get("two-moons")
CANCER = tasks.get("breast-cancer")


def test_the_feature_map_is_searched_beside_the_models_own_parameters():
    space = search_space(models.get("logistic"), tasks.get("ad-hoc"))
    assert list(space) == ["C", "features"]
    assert space["features"] == CategoricalDistribution(("raw", "standard", "sincos"))


def test_a_model_with_nothing_to_tune_still_chooses_among_several_maps():
    bare = replace(models.get("logistic"), search_space={}, defaults={})
    assert list(search_space(bare, MOONS)) == ["features"]
    assert search_space(bare, replace(MOONS, feature_maps=("standard",))) == {}


def test_a_fixed_feature_map_is_not_searched():
    fixed = replace(models.get("logistic"), fixed={"features": "sincos"})
    assert list(search_space(fixed, MOONS)) == ["C"]
    assert default_params(fixed, MOONS) == {"C": 1.0}
    assert "sincos" in build(fixed, MOONS, {"C": 1.0}, 0)["features"].named_steps


def test_the_dummy_has_no_space_and_no_defaults():
    assert search_space(models.get("dummy"), tasks.get("ad-hoc")) == {}
    assert default_params(models.get("dummy"), tasks.get("ad-hoc")) == {}


def test_params_and_fixed_arguments_reach_the_estimator():
    estimator = build(models.get("svm-rbf"), MOONS, {"C": 7.0, "gamma": 0.1, "features": "standard"}, 5)["estimator"]
    assert (estimator.C, estimator.gamma, estimator.kernel, estimator.random_state) == (7.0, 0.1, "rbf", 5)


def test_random_state_goes_only_where_it_is_taken():
    assert "random_state" not in build(models.get("knn"), MOONS, {}, 5)["estimator"].get_params()
    assert build(models.get("random-fourier"), MOONS, {}, 5)["estimator"].random_state == 5


def test_an_unknown_feature_map_names_the_nearest():
    with pytest.raises(SpecError, match=r"task 'two-moons' has no feature map 'sincoss'\. Did you mean 'sincos'\?"):
        build(models.get("svm-rbf"), MOONS, {"features": "sincoss"}, 0)
    with pytest.raises(SpecError, match=r"task 'two-moons' has no feature map 'raw'\."):
        build(models.get("svm-rbf"), MOONS, {"features": "raw"}, 0)


@pytest.mark.parametrize("task", list(tasks.TASKS), ids=lambda task: task.name)
def test_a_pipeline_fits_clones_and_pickles_on_every_task(task):
    split = task.split(0)
    linear = {"classification": "logistic", "regression": "ridge"}
    if task.problem not in linear:
        pytest.skip(f"no linear model of {task.problem}")
    for name in task.feature_maps:
        pipeline = build(models.get(linear[task.problem]), task, {"features": name}, 0)
        fitted = clone(pipeline).fit(split.X_train, split.y_train)
        restored = pickle.loads(pickle.dumps(fitted))
        assert np.array_equal(fitted.predict(split.X_train), restored.predict(split.X_train))


def test_nothing_of_the_test_part_reaches_the_training_features():
    split = CANCER.split(0)
    X_test, _ = split.test.open()
    pipeline = build(models.get("logistic"), CANCER, {}, 0).fit(split.X_train, split.y_train)
    before = pipeline["features"].transform(split.X_train)
    pipeline.predict(1000 * X_test)
    assert np.array_equal(before, pipeline["features"].transform(split.X_train))
    assert np.allclose(pipeline["features"].named_steps["scale-columns"].mean_, split.X_train.mean(axis=0))


@pytest.mark.parametrize("name", ["dummy", "logistic", "knn", "random-forest"])
def test_a_bad_feature_is_named_by_its_column(name):
    X = CANCER.split(0).X_train.copy()
    y = CANCER.split(0).y_train
    X[[17, 20], 3] = np.nan
    with pytest.raises(ValueError, match=r"feature column 3 has 2 NaN or infinite values \(first at row 17\)"):
        build(models.get(name), CANCER, {}, 0).fit(X, y)
