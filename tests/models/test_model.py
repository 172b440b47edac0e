from dataclasses import replace

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.svm import SVC

from qml.errors import SpecError
from qml.models import Model


class Drawn(ClassifierMixin, BaseEstimator):
    @staticmethod
    def draw(n_features):
        return "\n".join(f"{wire}: ──RX──" for wire in range(n_features))


def make(**changes):
    fields = {"name": "m", "kind": "classical", "summary": "-", "source": "-", "estimator": SVC}
    return Model(**{**fields, **changes})


@pytest.mark.parametrize(("kind", "side"), [("quantum", "quantum"), ("hybrid", "quantum"), ("classical", "classical")])
def test_side(kind, side):
    assert make(kind=kind).side == side


def test_a_twin_stands_on_its_own_side():
    assert make(kind="twin", twin_of="reuploading", twin="separable").side == "twin"


def test_drawing_is_the_estimators_own():
    assert make(estimator=Drawn).draw(2) == "0: ──RX──\n1: ──RX──"
    assert make().draw(2) is None


def test_a_default_may_be_a_category():
    model = make(search_space={"kernel": CategoricalDistribution(("rbf", "poly"))}, defaults={"kernel": "poly"})
    assert model.defaults == {"kernel": "poly"}


C = {"C": FloatDistribution(0.1, 10.0)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"problem": "regresion"}, "model 'm': unknown problem 'regresion'. Did you mean 'regression'?"),
        ({"kind": "quantun"}, "model 'm': unknown kind 'quantun'. Did you mean 'quantum'?"),
        (
            {"kind": "twin"},
            "twin_of and twin are given for kind 'twin' and for no other; got kind='twin', twin_of=None",
        ),
        ({"twin_of": "reuploading"}, "twin_of and twin are given for kind 'twin' and for no other"),
        ({"search_space": {"features": CategoricalDistribution(("raw",))}}, "leave 'features' out of search_space"),
        ({"fixed": {"gama": 1.0}}, "model 'm': SVC has no parameter 'gama'. Did you mean 'gamma'?"),
        ({"search_space": {"D": C["C"]}}, "model 'm': SVC has no parameter 'D'."),
        ({"fixed": {"C": 1.0}, "search_space": C}, "model 'm': C cannot be both fixed and searched."),
        ({"defaults": {"C": 1.0}}, "model 'm': the default of 'C' is not searched."),
        ({"search_space": C, "defaults": {"C": 11.0}}, "the default C=11.0 lies outside FloatDistribution("),
        ({"search_space": C, "defaults": {"C": "one"}}, "the default C='one' lies outside FloatDistribution("),
    ],
)
def test_what_does_not_fit_is_refused(changes, message):
    with pytest.raises(SpecError) as caught:
        make(**changes)
    assert message in str(caught.value)


def test_a_replaced_model_is_checked_again():
    with pytest.raises(SpecError, match="SVC has no parameter 'max_epochs'"):
        replace(make(), fixed={"max_epochs": 20})
