"""Which part did the work?  Models in which the answer is known."""

import json

import numpy as np
import pennylane as qp
import pytest
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from qml.advantage import attribute
from qml.advantage.attribution.result import Part, conclude
from qml.errors import SpecError
from qml.models.hybrid.dressed import DressedClassifier
from qml.models.quantum.reuploading import ReuploadingClassifier
from qml.nn import QuantumLayer


@pytest.fixture(scope="module")
def easy():
    """Two classes with a gap between them that a line tells apart."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 2))
    y = (X.sum(axis=1) > 0).astype(int)
    return X + 0.5 * np.sign(X.sum(axis=1))[:, None], y


def hybrid():
    return nn.Sequential(nn.Linear(2, 2), QuantumLayer.from_names(n_wires=2), nn.Linear(2, 1))


def test_dense_layers_that_did_everything_are_named(easy, capsys):
    found = attribute(hybrid(), *easy, replicates=4, trials=1, twins=["frozen"])
    assert found.score > 0.98
    assert [part.finding for part in found.parts] == ["not needed"]
    assert found.conclusion == "The dense layers did the work: freezing the circuit costs nothing."
    first, second = capsys.readouterr().out.splitlines()
    # 4 splits of 2 contestants, each fitted on 2 folds and once more
    assert first == (
        "sequential against its frozen twin: 4 random splits (75% to train on), 1 tuning trial on 2 folds "
        "each and a final fit, 24 fits in all."
    )
    assert second.startswith("First replicate done; about ")


def test_a_circuit_that_matters_is_named():
    found = attribute("iqp-kernel", task="ad-hoc", replicates=5, trials=1, verbose=False)
    assert {part.twin: part.finding for part in found.parts} == {
        "separable": "needed",
        "frozen": "not applicable",
        "matched": "needed",
        "surrogate": "needed",
    }
    assert found.conclusion == "The circuit did the work: every twin does worse."
    assert found.design == "fresh"
    assert found.parts[0].difference == pytest.approx(np.mean(np.subtract(found.scores, found.parts[0].scores)))


def test_entanglement_that_is_not_there_did_no_work():
    model = ReuploadingClassifier(ansatz="product", n_layers=1, max_epochs=15)
    found = attribute(model, task="two-moons", replicates=3, trials=1, twins=["separable"], verbose=False)
    assert found.parts[0].scores == found.scores  # its twin is itself
    assert found.conclusion == "Entanglement did no work: without entanglement it does as well."


def test_noise_is_not_learned():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(80, 2)), np.arange(80) % 2
    found = attribute(hybrid(), X, y, replicates=3, trials=1, twins=["frozen"], verbose=False)
    assert found.conclusion.startswith("Nothing was learned")


class Wrapper(ClassifierMixin, BaseEstimator):
    """As other libraries wrap modules: the trained one in an attribute."""

    def __init__(self, module):
        self.module_ = module


def circuit(inputs, w):
    qp.AngleEmbedding(inputs, wires=range(2))
    qp.StronglyEntanglingLayers(w, wires=range(2))
    return qp.expval(qp.Z(0))


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (QuantumLayer(circuit, {"w": (1, 2, 3)}), "quantum-layer"),
        (hybrid, "hybrid"),
        (Wrapper(hybrid()), "wrapper"),
        (make_pipeline(StandardScaler(), DressedClassifier(n_layers=1, max_epochs=10)), "dressed-classifier"),
    ],
    ids=["layer", "function", "estimator", "pipeline"],
)
def test_whatever_holds_a_quantum_layer_can_be_asked(easy, given, name):
    found = attribute(given, *easy, replicates=2, trials=1, twins=["frozen", "surrogate"], verbose=False)
    assert found.model == name
    assert [len(part.scores) for part in found.parts] == [2, 2]
    assert found.score > 0.6


def test_a_trained_module_starts_anew(easy):
    net = hybrid()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    scores = [attribute(net, *easy, replicates=2, trials=1, twins=["frozen"], verbose=False).scores]
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    nn.init.constant_(net[0].weight, 100.0)
    scores.append(attribute(net, *easy, replicates=2, trials=1, twins=["frozen"], verbose=False).scores)
    assert scores[0] == scores[1]


class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(2))
        self.layer = QuantumLayer.from_names(n_wires=2)

    def forward(self, x):
        return self.layer(self.scale * x)


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (nn.Linear(2, 1), {}, "there is no QuantumLayer in this Linear"),
        (Own(), {}, r"the weight 'scale' belongs to a Own without reset_parameters.*give a function|'scale'"),
        (StandardScaler(), {}, "attribute takes a QuantumLayer or a module"),
        (hybrid, {"replicates": 1}, "replicates must be at least 2"),
        (
            hybrid,
            {"twins": ["freezed"]},
            r"twins must be some of separable, frozen, matched, surrogate; got \['freezed'\]",
        ),
        (hybrid, {"task": "two-moons"}, "give X and y, or task=, and not both"),
        (hybrid, {"test_fraction": 1.0}, "test_fraction must lie between 0 and 1"),
    ],
)
def test_bad_input_is_explained(easy, given, options, message):
    with pytest.raises(SpecError, match=message):
        attribute(given, *easy, **{"replicates": 2, "trials": 1, "verbose": False, **options})


def part(twin, finding):
    return Part(twin=twin, score=0.9, difference=0.0, lower=0.0, upper=0.0, finding=finding, note="")


@pytest.mark.parametrize(
    ("findings", "dense", "conclusion"),
    [
        ({"frozen": "not needed", "matched": "needed"}, False, "A classical model does the same work: freezing the"),
        (
            {"separable": "needed", "frozen": "open"},
            True,
            "No part can be ruled out. Open: whether training the circuit",
        ),
        ({"separable": "not needed", "frozen": "needed"}, True, "Entanglement did no work: without"),
        (
            {"surrogate": "not needed", "frozen": "needed"},
            True,
            "A classical model does the same work: a linear map of",
        ),
        ({"frozen": "not applicable", "matched": "needed"}, False, "The circuit did the work: every twin does worse."),
    ],
)
def test_the_conclusion_follows_from_the_findings(findings, dense, conclusion):
    parts = [part(twin, finding) for twin, finding in findings.items()]
    assert conclude(parts, learned=True, has_dense=dense).startswith(conclusion)


def test_a_result_prints_and_becomes_html_and_json():
    found = attribute("iqp-kernel", task="ad-hoc", replicates=2, trials=1, twins=["separable"], verbose=False)
    assert "entanglement  separable twin" in str(found)
    assert '<td style="text-align: left">separable twin</td>' in found._repr_html_()
    assert found.conclusion in found._repr_html_()
    plain = json.loads(json.dumps(found.to_dict()))
    assert plain["parts"][0]["twin"] == "separable"
    assert plain["replicates"] == len(plain["scores"]) == 2
