import math

import pytest

from qml.errors import SpecError
from qml.tasks import Metric, metric


def test_balanced_accuracy_by_hand():
    # Three of four zeros and one of two ones are right: (3/4 + 1/2) / 2.
    assert metric("balanced-accuracy").score([0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 0]) == 0.625


def test_chance_and_margin_of_balanced_accuracy():
    entry = metric("balanced-accuracy")
    assert (entry.chance(2), entry.chance(4), entry.margin) == (0.5, 0.25, 0.02)


@pytest.mark.parametrize("margin", [0.0, -0.1, float("nan")])
def test_a_margin_is_positive(margin):
    with pytest.raises(SpecError, match=f"metric 'm': margin must be positive; got {margin}."):
        Metric(name="m", summary="-", score=lambda a, b: 0.0, chance=lambda n: 0.0, margin=margin)


def test_negative_log_rmse_by_hand():
    entry = metric("negative-log-rmse")
    # Errors of 3 and 4: the mean square is 12.5.
    assert entry.score([0.0, 0.0], [3.0, 4.0]) == pytest.approx(-0.5 * math.log(12.5))
    assert (entry.problem, entry.chance, entry.margin) == ("regression", None, math.log(1.05))


@pytest.mark.parametrize(("problem", "chance"), [("regression", lambda n: 0.0), ("classification", None)])
def test_chance_is_of_classification_only(problem, chance):
    with pytest.raises(
        SpecError, match="metric 'm': chance is given for classification and for no other; got problem="
    ):
        Metric(name="m", summary="-", score=lambda a, b: 0.0, problem=problem, chance=chance, margin=0.1)
