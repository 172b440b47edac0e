import numpy as np
import pytest

from qml.calibration.reliability import Study, as_printed, curve, truths


def studies(n: int, *, overconfident: float = 1.0, truth: float = 0.03, seed: int = 0) -> list[Study]:
    """Draw studies of ten replicates; overconfident ones scatter less about their own mean than their means do."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(n):
        values = rng.normal(truth, 0.05, size=10)
        values = values.mean() + (values - values.mean()) / overconfident
        found.append(Study(case="c", differences=values, design="fresh", test_fraction=None, truth=truth, margin=0.02))
    return found


def test_probabilities_of_honest_draws_are_kept() -> None:
    found = curve(studies(400))
    assert found["n_studies"] == 400
    assert found["uniform_p"] > 0.01
    for row in found["bins"]:
        low, high = row["interval"]
        assert low - 0.02 <= row["stated"] <= high + 0.02, row


def test_overconfident_draws_are_found_out() -> None:
    found = curve(studies(400, overconfident=3.0))
    assert found["uniform_p"] < 1e-6
    by_place = {round(row["low"], 1): row for row in found["bins"]}
    assert by_place[0.8]["interval"][1] < by_place[0.8]["stated"]
    assert by_place[0.1]["interval"][0] > by_place[0.1]["stated"]


def test_printed_probabilities_are_counted_by_hand() -> None:
    sure = Study(
        case="a", differences=np.array([0.10, 0.11] * 5), design="fresh", test_fraction=None, truth=0.1, margin=0.02
    )
    wrong = Study(
        case="b", differences=np.array([0.10, 0.11] * 5), design="fresh", test_fraction=None, truth=0.0, margin=0.02
    )
    none = Study(
        case="b", differences=np.array([-0.10, -0.11] * 5), design="fresh", test_fraction=None, truth=0.0, margin=0.02
    )
    rows = as_printed([sure, wrong, none])
    assert [(row["low"], row["hits"], row["n"]) for row in rows] == [(0.0, 0, 1), (0.9, 1, 2)]


def test_studies_without_scatter_are_left_out() -> None:
    constant = Study(case="c", differences=np.full(10, 0.1), design="fresh", test_fraction=None, truth=0.1, margin=0.02)
    found = curve([constant])
    assert (found["bins"], found["n_studies"], found["n_constant"], found["uniform_p"]) == ([], 0, 1, None)


def test_the_truth_of_a_repeat_does_not_use_the_repeat() -> None:
    draws = [np.array([1.0, 1.0]), np.array([2.0, 2.0]), np.array([6.0, 6.0])]
    assert truths(draws, None) == pytest.approx([4.0, 3.5, 1.5])
    assert truths(draws, 0.0) == [0.0, 0.0, 0.0]
    assert truths(draws[:1], None) == [None]
