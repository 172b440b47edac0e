import numpy as np
import pytest

from qml.advantage.comparison import compare
from qml.advantage.decision import conclude, decide, decide_by_interval


@pytest.mark.parametrize(
    ("probabilities", "label"),
    [
        ((0.96, 0.04, 0.0), "ADVANTAGE"),
        ((0.95, 0.05, 0.0), "INCONCLUSIVE"),  # strictly above
        ((0.04, 0.96, 0.0), "NO ADVANTAGE"),
        ((0.0, 0.04, 0.96), "DISADVANTAGE"),
        ((0.5, 0.0, 0.5), "INCONCLUSIVE"),
        ((0.94, 0.05, 0.01), "INCONCLUSIVE"),
    ],
)
def test_the_table(probabilities, label):
    assert decide(*probabilities, alpha=0.05) == label


@pytest.mark.parametrize(
    ("interval", "label"),
    [
        ((0.021, 0.05), "ADVANTAGE"),
        ((0.02, 0.05), "INCONCLUSIVE"),
        ((-0.02, 0.02), "NO ADVANTAGE"),
        ((-0.05, -0.021), "DISADVANTAGE"),
        ((-0.03, 0.01), "INCONCLUSIVE"),
    ],
)
def test_the_table_for_intervals(interval, label):
    assert decide_by_interval(interval, margin=0.02) == label


def winner(mean=0.05, sd=0.02):
    wiggle = np.array([1.0, -1.0] * 5) * sd
    return compare(mean + wiggle, margin=0.02, design="fresh", test_fraction=None, alpha=0.05, n_claims=4)


@pytest.mark.parametrize("mean", [0.3, 0.0, -0.3])
def test_a_failed_gate_stops_every_conclusion(mean):
    found = winner(mean, sd=0.001)
    assert conclude(found)[0] != "INCONCLUSIVE"
    assert conclude(found, ["no pool", "no budget"]) == ("INCONCLUSIVE", "no pool")


def test_advantage_must_survive_holm():
    found = winner()
    assert found.p_advantage > 0.99
    assert conclude(found, p_holm=0.049, n_claims=4) == (
        "ADVANTAGE",
        "quantum is better by 0.050: P(difference > 0.02) > 0.999, Holm-adjusted p-value = 0.049 among 4 claims",
    )
    assert conclude(found, p_holm=0.05, n_claims=4) == (
        "INCONCLUSIVE",
        "not after Holm: on its own P(difference > 0.02) > 0.999 would do, "
        "but among 4 claims its adjusted p-value = 0.050 is not below 0.05",
    )


def test_one_claim_is_one_claim():
    assert conclude(winner(), p_holm=0.01, n_claims=1)[1].endswith("Holm-adjusted p-value = 0.010 among 1 claim")


def test_the_other_conclusions_do_not_ask_holm():
    assert conclude(winner(-0.3), p_holm=1.0, n_claims=4)[0] == "DISADVANTAGE"
    assert conclude(winner(0.0), p_holm=1.0, n_claims=4)[0] == "NO ADVANTAGE"


def test_detectable_effect_is_stated_at_holms_first_step():
    differences = np.linspace(-0.05, 0.05, 10)
    settings = {"margin": 0.02, "design": "fresh", "test_fraction": None}
    four_claims = compare(differences, alpha=0.05, n_claims=4, **settings)
    assert four_claims.minimum_detectable_effect == pytest.approx(
        compare(differences, alpha=0.0125, **settings).minimum_detectable_effect
    )
    assert four_claims.interval == compare(differences, alpha=0.05, **settings).interval
