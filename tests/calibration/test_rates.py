import pytest
from scipy.stats import binomtest

from qml.calibration.rates import Rate


@pytest.mark.parametrize(("hits", "n"), [(0, 200), (1, 7), (10, 200), (19, 20), (20, 20), (3, 3)])
def test_the_interval_is_scipys_exact_one(hits: int, n: int) -> None:
    oracle = binomtest(hits, n).proportion_ci(confidence_level=0.95, method="exact")
    assert Rate(hits, n).interval() == pytest.approx((oracle.low, oracle.high), abs=1e-9)


def test_nine_false_alarms_in_200_nulls_are_the_most_that_the_bound_allows() -> None:
    assert Rate(9, 200).interval()[1] <= 0.09 < Rate(10, 200).interval()[1]


def test_nothing_observed_says_nothing() -> None:
    nothing = Rate(0, 0)
    assert nothing.share is None
    assert nothing.interval() == (0.0, 1.0)
    assert str(nothing) == "no repeat yet"
