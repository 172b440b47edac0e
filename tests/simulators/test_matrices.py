import numpy as np
import pytest

from qml.simulators.matrices import LANES, _half_angle


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1.0, 10.0, 1e3, 1e6])
def test_half_angles_are_as_good_as_numpys(scale):
    rng = np.random.default_rng(0)
    for _ in range(200):
        angle = rng.uniform(-scale, scale, LANES)
        cos, sin = np.empty(LANES), np.empty(LANES)
        _half_angle(angle, cos, sin)
        np.testing.assert_allclose(cos, np.cos(angle / 2), rtol=0, atol=1e-15)
        np.testing.assert_allclose(sin, np.sin(angle / 2), rtol=0, atol=1e-15)


def test_half_angles_at_the_edges_of_the_quadrants():
    angle = np.pi / 2 * np.arange(-8, 8)
    cos, sin = np.empty(LANES), np.empty(LANES)
    _half_angle(angle, cos, sin)
    np.testing.assert_allclose(cos, np.cos(angle / 2), rtol=0, atol=1e-15)
    np.testing.assert_allclose(sin, np.sin(angle / 2), rtol=0, atol=1e-15)


def test_not_a_number_stays_not_a_number():
    cos, sin = np.empty(LANES), np.empty(LANES)
    _half_angle(np.full(LANES, np.nan), cos, sin)
    assert np.isnan(cos).all()
    assert np.isnan(sin).all()
