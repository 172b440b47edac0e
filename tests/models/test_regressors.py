import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.utils.estimator_checks import parametrize_with_checks

from qml import models, tasks
from qml.models import REQUIRED_POOLS, build, default_params
from qml.models.classical.fourier_ridge import FourierRidge
from qml.models.classical.kernel_ridge import GaussianKernelRidge
from qml.models.classical.knn_regressor import NearestNeighborsRegressor
from qml.models.classical.mlp_regressor import MLPRegressor
from qml.models.classical.svr_rbf import SupportVectorRegressor
from qml.models.quantum.iqp_kernel_ridge import IQPKernelRegressor
from qml.models.quantum.reuploading_regressor import ReuploadingRegressor
from qml.models.targets import Scale
from qml.models.twins.automatic import NotApplicableError, twin_of
from qml.testing import check_model

QUANTUM = ["dressed-regressor", "iqp-kernel-ridge", "reuploading-regressor"]
KINDS = ["separable", "frozen", "matched", "surrogate"]
TWINS = [f"{name}~{kind}" for name in QUANTUM for kind in KINDS if (name, kind) != ("iqp-kernel-ridge", "frozen")]


@parametrize_with_checks(
    [
        FourierRidge(),
        GaussianKernelRidge(),
        MLPRegressor(max_epochs=15),
        NearestNeighborsRegressor(),
        SupportVectorRegressor(),
    ]
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_the_pool_is_registered_on_the_classical_side():
    pool = [models.get(name) for name in REQUIRED_POOLS["regression"]]
    assert {(model.side, model.problem) for model in pool} == {("classical", "regression")}
    assert sorted(
        model.name for model in models.MODELS if model.problem == "regression" and model.side == "quantum"
    ) == (QUANTUM)


@pytest.mark.parametrize("name", TWINS)
def test_an_automatic_twin_conforms(name):
    twin = models.get(name)
    assert (twin.problem, twin.side) == ("regression", "twin")
    check_model(twin)


def test_a_kernel_without_weights_has_no_frozen_twin():
    with pytest.raises(NotApplicableError, match="nothing is trained in the circuit of 'iqp-kernel-ridge'"):
        twin_of(models.get("iqp-kernel-ridge"), "frozen")


def test_targets_are_scaled_on_the_training_part_only():
    X = np.linspace(-1, 1, 20).reshape(-1, 1)
    y = np.linspace(500.0, 700.0, 20)
    fitted = ReuploadingRegressor(max_epochs=1, random_state=0).fit(X[:10], y[:10])
    assert fitted.scale_ == Scale(float(np.mean(y[:10])), float(np.std(y[:10])))
    assert Scale.of(np.array([3.0, 3.0])) == Scale(3.0, 1.0)


def test_fourier_ridge_is_ridge_on_the_frequencies_written_out():
    rng = np.random.default_rng(0)
    X, y = rng.uniform(-np.pi, np.pi, (30, 1)), rng.normal(size=30)
    columns = [np.ones(30), *(np.sqrt(2) * f(k * X[:, 0]) for k in (1, 2) for f in (np.cos, np.sin))]
    features = np.stack(columns, axis=1) / np.sqrt(5)
    scaled = (y - y.mean()) / y.std()
    by_hand = Ridge(alpha=1 / (2 * 3.0), fit_intercept=False).fit(features, scaled).predict(features)
    fitted = FourierRidge(max_frequency=2, C=3.0).fit(X, y).predict(X)
    np.testing.assert_allclose(fitted, by_hand * y.std() + y.mean(), atol=1e-10)


def test_what_learns_a_fourier_series_beats_chance():
    task = tasks.get("fourier-regression")
    split = task.split(0)
    X, y = split.test.open()
    scores = {}
    for name in ("fourier-ridge", "reuploading-regressor", "ridge", "dummy-regressor"):
        model = models.get(name)
        fitted = build(model, task, default_params(model, task), 0).fit(split.X_train, split.y_train)
        scores[name] = tasks.metric("negative-log-rmse").score(y, fitted.predict(X))
    assert scores["fourier-ridge"] > scores["reuploading-regressor"] > scores["dummy-regressor"] + 0.1
    assert scores["dummy-regressor"] == pytest.approx(tasks.chance_level(task), abs=0.1)


def test_a_fitted_kernel_regressor_predicts_under_shots():
    task = tasks.get("fourier-regression")
    split = task.split(0)
    fitted = IQPKernelRegressor(scaling=0.5, C=1.0).fit(split.X_train, split.y_train)
    exact, sampled = fitted.predict(split.X_train[:5]), fitted.with_backend(shots=100_000).predict(split.X_train[:5])
    assert not np.array_equal(exact, sampled)
    np.testing.assert_allclose(sampled, exact, atol=0.3)
