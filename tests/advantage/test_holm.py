import pytest

from qml.advantage import holm


def test_by_hand():
    # sorted .005, .01, .03, .04 times 4, 3, 2, 1 = .02, .03, .06, .04, then never falling
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))


def test_one_claim_is_not_corrected():
    assert holm([0.04]) == (0.04,)


def test_never_above_one_and_equal_values_stay_equal():
    assert holm([0.6, 0.6, 1.0]) == (1.0, 1.0, 1.0)
    first, second = holm([0.02, 0.02])
    assert first == second == 0.04


def test_nothing_in_nothing_out():
    assert holm([]) == ()
