import pytest
from hypothesis import given
from hypothesis import strategies as st

from qml.studies.hashing import canonical, digest, seed_from


@given(st.dictionaries(st.text(), st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()))
def test_the_order_of_keys_does_not_matter(data: dict[str, object]) -> None:
    backwards = dict(reversed(list(data.items())))
    assert digest(data) == digest(backwards)


def test_a_number_that_is_not_finite_has_no_hash() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"a": float("nan")})


def test_seeds_are_fixed_for_ever() -> None:
    assert seed_from("data", 7, "two-moons", 1, 100, 1000, 0) == 2682033972


@given(st.integers(), st.text())
def test_a_seed_fits_32_bits(number: int, text: str) -> None:
    assert 0 <= seed_from(number, text) < 2**32
