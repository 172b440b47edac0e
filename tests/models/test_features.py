from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from qml import tasks
from qml.errors import SpecError
from qml.models.features import FiniteFeatures, SinCos, feature_map

AD_HOC, MOONS, CANCER = tasks.get("ad-hoc"), tasks.get("two-moons"), tasks.get("breast-cancer")


@parametrize_with_checks([FiniteFeatures(), SinCos()])
def test_transformers_pass_scikit_learns_checks(estimator, check):
    check(estimator)


def test_raw_is_the_identity():
    X = AD_HOC.split(0).X_train
    assert np.array_equal(feature_map("raw", AD_HOC).fit_transform(X), X)


@pytest.mark.parametrize("task", [AD_HOC, MOONS, CANCER], ids=lambda task: task.name)
def test_standard_has_mean_zero_and_variance_one(task):
    Z = feature_map("standard", task).fit_transform(task.split(0).X_train)
    assert Z.shape[1] == task.n_features
    assert np.allclose(Z.mean(axis=0), 0, atol=1e-12)
    assert np.allclose(Z.std(axis=0), 1)


def test_sincos_of_angles_is_of_the_angles_themselves():
    X = AD_HOC.split(0).X_train
    assert np.array_equal(feature_map("sincos", AD_HOC).fit_transform(X), np.hstack([np.sin(X), np.cos(X)]))


@pytest.mark.parametrize("task", [MOONS, CANCER], ids=lambda task: task.name)
def test_sincos_elsewhere_is_of_the_standard_features(task):
    X = task.split(0).X_train
    Z = feature_map("standard", task).fit_transform(X)
    assert np.allclose(feature_map("sincos", task).fit_transform(X), np.hstack([np.sin(Z), np.cos(Z)]))


def test_components_are_those_with_most_variance():
    X = CANCER.split(0).X_train
    Z = feature_map("standard", CANCER).fit_transform(X)
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    left, *_ = np.linalg.svd(scaled, full_matrices=False)
    # Scaled components are the left singular vectors, up to sign.
    assert np.allclose(np.abs(Z), np.abs(left[:, :4]) * np.sqrt(len(X)))


def test_a_map_that_nobody_defined_is_named():
    task = replace(MOONS, feature_maps=("standard", "squared"))
    with pytest.raises(SpecError, match=r"task 'two-moons': unknown feature map 'squared'\. "):
        feature_map("squared", task)


def test_a_named_column_is_called_by_its_name():
    X = pd.DataFrame({"radius": [1.0, 2.0], "texture": [3.0, np.inf]})
    with pytest.raises(
        SpecError, match=r"feature column 1 \('texture'\) has 1 NaN or infinite value \(first at row 1\)"
    ):
        FiniteFeatures().fit(X)
