"""Twins made from models: ours, and one that a user might bring."""

import numpy as np
import pennylane as qp
import pytest
import torch
from optuna.distributions import FloatDistribution
from torch import nn

from qml import models, tasks
from qml.errors import SpecError
from qml.models import Model
from qml.models.torch_classifier import TorchClassifier
from qml.models.twins.automatic import NotApplicableError, automatic_twin, twin_of
from qml.nn import QuantumLayer, quantum_layers
from qml.testing import check_model

NEW = [f"{name}~{kind}" for name in ("reuploading", "dressed") for kind in ("frozen", "matched", "surrogate")]


@pytest.mark.parametrize("name", [*NEW, "iqp-kernel~separable", "iqp-kernel~matched", "iqp-kernel~surrogate"])
def test_a_twin_conforms(name):
    twin = models.get(name)
    assert (twin.name, twin.side, f"{twin.twin_of}~{twin.twin}") == (name, "twin", name)
    check_model(twin)


@pytest.mark.parametrize("name", ["reuploading", "dressed", "iqp-kernel"])
def test_the_separable_twin_made_is_the_one_written_by_hand(name):
    split = tasks.get("two-moons").split(0)
    fast = {"max_epochs": 2, "random_state": 0} if name != "iqp-kernel" else {}
    made, written = (
        twin.estimator(**fast).fit(split.X_train, split.y_train).decision_function(split.X_train)
        for twin in (automatic_twin(models.get(name), "separable"), models.get(f"{name}-separable"))
    )
    np.testing.assert_allclose(made, written, atol=1e-3)  # libsvm stops at 1e-3


def test_a_registered_twin_goes_before_one_that_is_made():
    assert twin_of(models.get("dressed"), "separable").name == "dressed-separable"
    assert twin_of(models.get("dressed"), "matched").name == "dressed~matched"


def test_a_twin_is_tuned_where_its_model_is():
    for name in NEW:
        model, twin = models.get(models.registered_name(name)), models.get(name)
        extra = {"matched": {"activation"}, "surrogate": {"C", "scale"}}.get(twin.twin, set())
        assert set(twin.search_space) - extra <= set(model.search_space)
        if "learning_rate" in twin.search_space:  # all but the one fitted without gradient steps
            assert set(model.search_space) <= set(twin.search_space)
    assert set(models.get("reuploading~surrogate").search_space) == {"n_layers", "C", "scale"}


def test_what_is_frozen_stays_and_the_rest_is_trained():
    split = tasks.get("two-moons").split(0)
    fits = [
        models.get("dressed~frozen").estimator(max_epochs=epochs, random_state=0).fit(split.X_train, split.y_train)
        for epochs in (1, 3)
    ]
    before, after = (dict(fit.module_.named_parameters()) for fit in fits)
    same = {name for name in before if torch.equal(before[name], after[name])}
    assert same == {"2.weights"}
    assert fits[0].n_parameters_ == 2 * 4 + 4 + 4 + 1


def test_a_matched_twin_has_at_least_as_many_parameters():
    split = tasks.get("two-moons").split(0)
    for name in ("reuploading", "dressed"):
        counts = [
            models.get(twin).estimator(max_epochs=1, n_layers=4).fit(split.X_train, split.y_train).n_parameters_
            for twin in (name, f"{name}~matched")
        ]
        assert counts[1] >= counts[0]


def test_the_surrogate_of_the_kernel_explains_half_of_the_ad_hoc_data():
    # Quantum scores .99 there and the generic pool .64; a surrogate on the product phases lies in between.
    scores = []
    for seed in range(4):
        split = tasks.get("ad-hoc").split(seed)
        X, y = split.test.open()
        twin = models.get("iqp-kernel~surrogate").estimator(scaling=1.0, C=10.0).fit(split.X_train, split.y_train)
        scores.append((twin.predict(X) == y).mean())
    assert 0.72 < np.mean(scores) < 0.92


def test_a_kernel_has_nothing_to_freeze():
    with pytest.raises(NotApplicableError, match="nothing is trained in the circuit of 'iqp-kernel'"):
        models.get("iqp-kernel~frozen")


def circuit(inputs, w):
    qp.IQPEmbedding(inputs, wires=range(inputs.shape[-1]))
    for wire in range(inputs.shape[-1]):
        qp.RY(w[wire], wires=wire)
    return [qp.expval(qp.Z(wire)) for wire in range(inputs.shape[-1])]


class Plain(TorchClassifier):
    """A plug-in as a user writes it: a quantum function, no head, and nothing declared."""

    def __init__(self, *, width=1.0, learning_rate=0.05, max_epochs=3, random_state=None):
        super().__init__(learning_rate=learning_rate, max_epochs=max_epochs, random_state=random_state)
        self.width = width

    def _build_module(self, n_features, n_outputs, generator):
        layer = QuantumLayer(circuit, {"w": (n_features,)}, generator=generator)
        return nn.Sequential(layer, nn.Linear(n_features, n_outputs).requires_grad_(False))


PLAIN = Model(
    name="plain",
    kind="hybrid",
    summary="a plug-in",
    source="tests",
    estimator=Plain,
    fixed={"width": 2.0},
    search_space={"learning_rate": FloatDistribution(1e-3, 1e-1, log=True)},
    defaults={"learning_rate": 0.02},
)


@pytest.mark.parametrize("kind", ["separable", "frozen", "matched", "surrogate"])
def test_a_users_model_gets_every_twin(kind):
    twin = automatic_twin(PLAIN, kind)
    assert twin.fixed == {"width": 2.0}
    split = tasks.get("two-moons").split(0)
    fitted = models.build(twin, tasks.get("two-moons"), models.default_params(twin, tasks.get("two-moons")), 0)
    fitted.fit(split.X_train, split.y_train)
    assert set(fitted.predict(split.X_train)) <= {0, 1}
    if kind == "frozen":  # nothing of it was trained, so it got a head
        assert fitted[-1].n_parameters_ == 2
        assert len(list(quantum_layers(fitted[-1].module_))) == 1


def test_what_no_twin_can_be_made_of_is_said():
    with pytest.raises(SpecError, match="twins are made of quantum and hybrid models; 'mlp' is a classical model"):
        models.get("mlp~frozen")
    with pytest.raises(SpecError, match=r"there is no 'freezed' twin\. Did you mean 'frozen'\?"):
        twin_of(models.get("dressed"), "freezed")

    class NoCircuit(TorchClassifier):
        def _build_module(self, n_features, n_outputs, generator):
            return nn.Linear(n_features, n_outputs)

    empty = Model(name="empty", kind="hybrid", summary="-", source="-", estimator=NoCircuit)
    with pytest.raises(SpecError, match="no matched twin can be made of 'empty': its module has no QuantumLayer"):
        automatic_twin(empty, "matched")
