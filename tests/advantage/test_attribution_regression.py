"""Which part did the work of a regression?  Models in which the answer is known."""

import numpy as np
import pytest
from torch import nn

from qml.advantage import attribute
from qml.errors import SpecError
from qml.models.quantum.reuploading import ReuploadingClassifier
from qml.models.quantum.reuploading_regressor import ReuploadingRegressor
from qml.nn import QuantumLayer


@pytest.fixture(scope="module")
def line():
    """A straight line with noise, far from zero and in large units."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 2))
    return X, 1000 + 100 * X.sum(axis=1) + 20 * rng.normal(size=100)


def hybrid():
    return nn.Sequential(nn.Linear(2, 2), QuantumLayer.from_names(n_wires=2), nn.Linear(2, 1))


def test_dense_layers_that_did_everything_are_named(line):
    found = attribute(hybrid(), *line, replicates=3, trials=1, twins=["frozen"], verbose=False)
    assert found.metric == "negative-log-rmse"
    assert found.score > found.chance + 0.5
    assert found.chance == pytest.approx(-np.log(np.std(line[1])), abs=0.2)
    (part,) = found.parts
    assert part.finding in ("not needed", "open")  # three splits of 100 rows leave a wide interval
    assert part.lower <= 0.01


def test_a_bare_layer_gets_a_head_and_reaches_any_unit(line):
    layer = QuantumLayer.from_names(n_wires=2)
    found = attribute(layer, *line, replicates=2, trials=1, twins=["separable"], verbose=False)
    assert found.score > found.chance + 0.2


def test_a_registered_regressor_on_its_task():
    found = attribute(
        "iqp-kernel-ridge", task="fourier-regression", replicates=3, trials=1, twins=["separable"], verbose=False
    )
    assert (found.metric, found.design) == ("negative-log-rmse", "fresh")
    assert np.isfinite(found.parts[0].difference)


@pytest.mark.parametrize(
    ("model", "arguments", "message"),
    [
        (
            "reuploading",
            {"task": "friedman-1"},
            "'reuploading' is a classification model, and 'friedman-1' is regressi",
        ),
        (
            "reuploading-regressor",
            {"task": "two-moons"},
            "'reuploading-regressor' is a regression model, and 'two-moons' is classification.",
        ),
        (
            ReuploadingClassifier(),
            None,
            "'reuploading-classifier' is a classification model, and these labels are regr",
        ),
        (ReuploadingRegressor(), {}, "Give whole numbers or names as labels to classify, and real numbers to a regres"),
    ],
)
def test_a_model_of_another_problem_is_refused(line, model, arguments, message):
    X, y = line
    if not arguments:
        arguments = {"X": X, "y": y if arguments is None else (y > 1000).astype(int)}
    with pytest.raises(SpecError) as error:
        attribute(model, **arguments, verbose=False)
    assert message in str(error.value)
