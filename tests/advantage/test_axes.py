"""The axes by hand: small tables whose answers can be checked with pencil and paper, or that were published."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qml.advantage.axes import (
    AXES,
    HARDWARE,
    REGRESSION_MARGIN,
    Hardware,
    Reached,
    all_values,
    area_over_log,
    expected_best_of,
    expected_quality,
    first_reaching,
    get_axis,
    hardware_seconds,
    log2_saving,
    logrank_p,
    mmd_squared,
    n_circuits_kernel,
    n_circuits_parameter_shift,
    negative_log_likelihood,
    negative_log_rmse,
    novelty,
    pareto_front,
    primary_axis,
    quality,
    relative_change,
    savings,
    smallest_reaching,
    steps_to_target,
    total_variation,
    validity,
)
from qml.errors import SpecError

# The table.


def test_margins_are_those_of_the_protocol():
    assert {axis.name: axis.margin for axis in AXES} == {
        "generalisation": 0.02,
        "sample-efficiency": 0.32,
        "parameter-efficiency": None,
        "steps-to-target": pytest.approx(0.3219, abs=1e-4),
        "optimisation": 0.01,
        "generative": 0.02,
        "robustness": 0.1,
        "copies": 1.0,
        "hardware-time": None,
    }
    assert pytest.approx(0.04879, abs=1e-5) == REGRESSION_MARGIN


@pytest.mark.parametrize("name", ["parameter-efficiency", "hardware-time"])
def test_what_cannot_carry_a_claim_is_refused(name):
    with pytest.raises(SpecError, match=f"no claim can rest on {name}: .+ Primary axes: generalisation, sample-eff"):
        primary_axis(name)


def test_an_unknown_axis_names_the_nearest():
    with pytest.raises(SpecError, match=r"there is no axis 'sample-eficiency'\. Did you mean 'sample-efficiency'"):
        get_axis("sample-eficiency")


# Reaching a target.


def test_the_first_crossing_counts_even_if_the_curve_falls_again():
    assert first_reaching([8, 16, 32], [0.6, 0.8, 0.7], 0.8) == Reached(16, False)


def test_never_reached_is_censored_at_the_next_step_of_the_grid():
    assert first_reaching([10, 30, 90], [0.1, 0.2, 0.3], 0.8) == Reached(270, True)
    assert first_reaching([10, 30, 90], [0.1, 0.2, 0.3], 0.8, horizon=100) == Reached(100, True)


def test_savings_of_a_hand_table():
    quantum = [[0.9, 0.9, 0.9], [0.5, 0.9, 0.9], [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]
    classical = [[0.5, 0.5, 0.9], [0.5, 0.5, 0.5], [0.9, 0.9, 0.9], [0.5, 0.5, 0.5]]
    differences, n_censored = savings([16, 32, 64], quantum, classical, target=0.8)
    # 64/16; at least 128/32; at most 16/128; nothing known.
    assert differences.tolist() == [2, 2, -3, 0]
    assert n_censored == 3


@given(st.floats(0.5, 60), st.floats(0.5, 60), st.floats(1, 64))
def test_a_restricted_saving_never_exaggerates(quantum, classical, horizon):
    def seen(cost):
        return Reached(min(cost, horizon), cost > horizon)

    true, found = math.log2(classical / quantum), log2_saving(seen(quantum), seen(classical))
    assert abs(found) <= abs(true) + 1e-12
    assert found * true >= 0


def test_area_is_the_mean_over_the_logarithm():
    # Widths 1 and 3 in log2; means .6 and .8.
    assert area_over_log([2, 4, 32], [0.5, 0.7, 0.9]) == pytest.approx((0.6 + 3 * 0.8) / 4)
    assert area_over_log([16, 32, 64], [0.7, 0.7, 0.7]) == pytest.approx(0.7)


def test_steps_are_counted_to_the_end_of_the_epoch():
    assert steps_to_target([0.9, 0.5, 0.2, 0.1], 7, 0.5, max_steps=28) == Reached(14, False)
    assert steps_to_target([0.9, 0.5, 0.2, 0.1], 7, 0.15, max_steps=21) == Reached(21, True)
    assert steps_to_target([], 7, 0.15, max_steps=21) == Reached(21, True)


def test_the_log_rank_test_of_freireich():
    """Remission times of leukaemia, 6-MP against placebo: chi-squared 16.79 (Freireich 1963; Cox & Oakes 1984)."""
    treated = [(6, 0), (6, 0), (6, 0), (6, 1), (7, 0), (9, 1), (10, 0), (10, 1), (11, 1), (13, 0), (16, 0), (17, 1),
               (19, 1), (20, 1), (22, 0), (23, 0), (25, 1), (32, 1), (32, 1), (34, 1), (35, 1)]  # fmt: skip
    placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    p = logrank_p([Reached(t, bool(c)) for t, c in treated], [Reached(t, False) for t in placebo])
    assert p == pytest.approx(math.erfc(math.sqrt(16.79 / 2)), rel=0.01)  # survival of chi-squared with one degree


def test_sides_that_are_there_at_once_cannot_be_told_apart():
    assert logrank_p([Reached(5, False)] * 3, [Reached(5, False)] * 3) == 1.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: first_reaching([16, 8], [0.1, 0.2], 0.5), "costs must be positive and increase"),
        (lambda: first_reaching([8, 16], [0.1], 0.5), "one score a cost"),
        (lambda: first_reaching([8, 16], [0.1, math.nan], 0.5), "a failed fit scores chance"),
        (lambda: first_reaching([8, 16], [0.1, 0.2], 0.5, horizon=10), "the horizon 10 lies below"),
        (lambda: first_reaching([8], [0.1], 0.5), "at least 2 costs"),
        (lambda: savings([8, 16], [[0.1, 0.2]], [[0.1, 0.2]] * 2, 0.5), r"shape \(n_replicates, n_costs\)"),
        (lambda: area_over_log([8], [0.1]), "at least 2 costs"),
        (lambda: steps_to_target([0.1], 0, 0.5, 10), "steps are at least 1"),
        (lambda: relative_change([0.0, 0.0], [0.5, 0.5]), "at least 2 different strengths"),
        (lambda: relative_change([0.0, 1.0], [-0.5, -0.5]), "relative change needs it above 0"),
        (lambda: all_values(lambda bits: bits.sum(axis=1), 17), "n from 1 to 16; got n=17"),
        (lambda: all_values(lambda bits: 1.0, 2), "one number a bit string"),
        (lambda: quality([1, 1], [1]), "nothing to optimise"),
        (lambda: quality([0, 1], [2]), "belongs to another problem"),
        (lambda: expected_quality([0, 1], [0.5, 0.6]), "sum to one"),
        (lambda: expected_best_of([0, 1], [0.5, 0.5], 0), "n_samples must be at least 1"),
        (lambda: total_variation([1.0], [0.5, 0.5]), "the same outcomes"),
        (lambda: total_variation([0.5, 0.6], [0.5, 0.5]), "sum to one"),
        (lambda: mmd_squared([[0.0]], [[1.0], [2.0]], 1.0), "n, m >= 2"),
        (lambda: mmd_squared([[0.0]] * 2, [[1.0]] * 2, 0.0), "bandwidth must be positive"),
        (lambda: negative_log_likelihood([0.5, 0.5], []), "at least one"),
        (lambda: negative_log_rmse([1.0], [1.0]), "predictions are exact"),
        (lambda: smallest_reaching({}, 0.5), "no models"),
        (lambda: hardware_seconds(1, 0, 1, HARDWARE[0]), "shots and parallel at least 1"),
        (lambda: Hardware("x", -1.0, 0.0, 0.0, ""), "must not be negative"),
    ],
)
def test_bad_tables_are_refused(call, message):
    with pytest.raises(SpecError, match=message):
        call()


# The others.


def test_the_pareto_front_leaves_out_what_is_beaten():
    models = {"a": (10, 0.8), "b": (10, 0.9), "c": (20, 0.9), "d": (30, 0.95), "e": (5, 0.6)}
    assert pareto_front(models) == ("e", "b", "d")
    assert smallest_reaching(models, 0.9) == 10
    assert smallest_reaching(models, 0.99) is None


def test_a_ring_of_four_is_cut_in_six_ways():
    def cut(bits):
        return (bits != np.roll(bits, 1, axis=1)).sum(axis=1)

    values = all_values(cut, 4)
    # 0000 and 1111 cut none, 0101 and 1010 all four, the other twelve two.
    assert sorted(values.tolist()) == [0] * 2 + [2] * 12 + [4] * 2
    assert values[0b0101] == 4
    uniform = np.full(16, 1 / 16)
    assert expected_quality(values, uniform) == pytest.approx(0.5)
    # Best of two: 1 unless both miss the optimum; 1/2 unless both are worst.
    wanted = 1 * (1 - (14 / 16) ** 2) + 0.5 * ((14 / 16) ** 2 - (2 / 16) ** 2)
    assert expected_best_of(values, uniform, 2) == pytest.approx(wanted)
    assert expected_best_of(values, uniform, 1) == pytest.approx(0.5)


def test_generators_by_hand():
    assert total_variation([0.7, 0.3], [0.2, 0.8]) == pytest.approx(0.5)
    # k = 1 within, exp(-1/2) across: 1 + 1 - 2 exp(-1/2).
    assert mmd_squared([[0], [0], [0]], [[1], [1]], 1.0) == pytest.approx(2 - 2 * math.exp(-0.5))
    # X = {0, 1}, Y = {0, 1}: exp(-1/2) + exp(-1/2) - 2 (2 + 2 exp(-1/2)) / 4.
    assert mmd_squared([[0], [1]], [[0], [1]], 1.0) == pytest.approx(math.exp(-0.5) - 1)
    assert negative_log_likelihood([0.25, 0.75], [0, 0]) == pytest.approx(math.log(4))
    assert negative_log_likelihood([1.0, 0.0], [1]) == math.inf
    samples, valid = [0, 1, 1, 2, 3], [True, True, True, False]
    assert validity(samples, valid) == 0.8
    assert novelty(samples, valid, seen=[1]) == 0.5
    assert novelty([3], valid, seen=[1]) == 0.0


def test_a_slope_is_relative_to_the_undisturbed_score():
    assert relative_change([0, 1, 2], [1.0, 0.9, 0.8]) == pytest.approx(-0.2)
    # Least squares of (0, 1), (1, 0), (2, 1) is flat.
    assert relative_change([0, 1, 2], [1.0, 0.0, 1.0]) == pytest.approx(0.0)
    assert relative_change([-4, -2], [0.5, 0.75]) == pytest.approx(0.5)


def test_regression_scores_are_differences_of_log_errors():
    truth = np.zeros(4)
    assert negative_log_rmse(truth, [2, -2, 2, -2]) == pytest.approx(-math.log(2))
    better, worse = negative_log_rmse(truth, [1.0] * 4), negative_log_rmse(truth, [1.05] * 4)
    assert better - worse == pytest.approx(REGRESSION_MARGIN)


def test_hardware_time_by_hand():
    slow = Hardware("slow", t_reset=1e-3, t_gate=1e-4, t_meas=2e-3, source="made up")
    assert n_circuits_parameter_shift(10, 4, 25) == 2000
    assert n_circuits_kernel(5) == 10
    # 2000 circuits, 100 shots, 1 ms + 10 * 0.1 ms + 2 ms = 4 ms: 800 s, on four machines 200 s.
    assert hardware_seconds(2000, 100, 10, slow, parallel=4) == pytest.approx(200)
