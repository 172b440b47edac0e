import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from qml.advantage import FALSE_DISCOVERY_RATE, benjamini_hochberg, judge


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_is_scipys(p_values):
    theirs = stats.false_discovery_control(p_values, method="bh")
    assert benjamini_hochberg(p_values) == pytest.approx(tuple(theirs), abs=1e-12)


def test_the_example_of_the_paper():
    # Benjamini & Hochberg 1995, section 3.2: at q = 0.05 the first four of fifteen are rejected (Bonferroni: three)
    p_values = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
        0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
    ]  # fmt: skip
    assert [q < 0.05 for q in benjamini_hochberg(p_values)] == [True] * 4 + [False] * 11


def test_nothing_in_nothing_out():
    assert benjamini_hochberg([]) == ()


def test_one_in_ten_of_what_it_shows_is_false():
    rng, shares = np.random.default_rng(0), []
    for _ in range(2000):
        null = rng.random(30) < 0.7
        p_values = stats.norm.sf(rng.normal(np.where(null, 0.0, 3.0)))
        shown = np.array(benjamini_hochberg(p_values)) < FALSE_DISCOVERY_RATE
        shares.append((shown & null).sum() / max(shown.sum(), 1))
    assert np.mean(shares) == pytest.approx(0.7 * FALSE_DISCOVERY_RATE, abs=0.01)


def test_family_rows_carry_it(bench):
    names = ["a", "b"]
    cells = [cell for name in names for cell in bench.study(0.83, 0.8, task=name)]
    study = judge(cells, [bench.task(name) for name in names], bench.protocol)
    rows = [family for row in study.tasks for family in row.families]
    theirs = stats.false_discovery_control([1 - row.p_advantage for row in rows], method="bh")
    assert [row.q_advantage for row in rows] == pytest.approx(list(theirs))
