import math

import numpy as np
import pytest
from scipy import stats

from qml.advantage import Protocol, judge, obrien_fleming_constant, verdict
from qml.advantage.looks import crossing_probability, nominal_level, p_value_after_looks
from qml.errors import SpecError

FOUR = (10, 20, 30, 40)
STEADY = np.array([0.01, -0.01, 0.02, -0.02, 0.0, 0.01, -0.01, 0.005, -0.005, 0.0])  # sums to 0, sd .0118


@pytest.mark.parametrize(
    ("n_looks", "two_sided_5", "two_sided_10"),
    [(1, 1.960, 1.645), (2, 1.977, 1.678), (3, 2.004, 1.710), (4, 2.024, 1.733), (5, 2.040, 1.751), (10, 2.087, 1.801)],
)
def test_constants_are_the_tabulated_ones(n_looks, two_sided_5, two_sided_10):
    # Jennison & Turnbull 2000, table 2.3, C_B(K, alpha) for two-sided alpha: one side has half of it
    looks = tuple(range(1, n_looks + 1))
    assert round(obrien_fleming_constant(looks, 0.025), 3) == two_sided_5
    assert round(obrien_fleming_constant(looks, 0.05), 3) == two_sided_10


@pytest.mark.parametrize("looks", [FOUR, (10, 15, 40), (10, 11, 12, 13, 50)])
@pytest.mark.parametrize("constant", [0.5, 1.733, 2.024])
def test_crossing_probability_by_simulation(looks, constant):
    rng, n = np.random.default_rng(0), 400_000
    walk = np.cumsum(rng.normal(size=(n, len(looks))) * np.sqrt(np.diff((0, *looks))), axis=1)
    z = walk / np.sqrt(looks)
    crossed = (z > constant * np.sqrt(looks[-1] / np.array(looks))).any(axis=1).mean()
    p = crossing_probability(constant, looks)
    assert crossed == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / n))


def test_one_look_crosses_with_the_normal_tail():
    assert crossing_probability(1.5, (10,)) == pytest.approx(stats.norm.sf(1.5), abs=1e-12)
    assert nominal_level((), 10, 0.05) == nominal_level((40,), 40, 0.05) == 0.05
    assert p_value_after_looks([0.3], (40,)) == 0.3


def test_nominal_levels_by_hand():
    z = 2.024 * np.sqrt([4, 2, 4 / 3, 1])
    assert [nominal_level(FOUR, n, 0.05) for n in FOUR] == pytest.approx(stats.norm.sf(z), rel=5e-3)


@pytest.mark.parametrize("look", range(4))
def test_the_p_value_is_alpha_on_the_boundary(look):
    on_it = [0.5] * look + [nominal_level(FOUR, FOUR[look], 0.05)]
    assert p_value_after_looks(on_it, FOUR) == pytest.approx(0.05, abs=1e-8)
    assert p_value_after_looks([*on_it, 0.9], FOUR) == pytest.approx(0.05, abs=1e-8)  # it never rises again


def t_tails(differences, looks):
    """One-sided p-values of "above 0" at each look, shape (n_studies, n_looks)."""
    tails = []
    for n in looks:
        part = differences[:, :n]
        t = part.mean(axis=1) / (part.std(axis=1, ddof=1) / math.sqrt(n))
        tails.append(stats.t.sf(t, n - 1))
    return np.stack(tails, axis=1)


def test_false_alarms_under_peeking():
    n = 20_000
    differences = np.random.default_rng(1).normal(size=(n, 50))
    naive = t_tails(differences, range(5, 51, 5))
    assert ((naive < 0.025) | (naive > 0.975)).any(axis=1).mean() == pytest.approx(0.205, abs=0.015)
    tails, levels = t_tails(differences, FOUR), np.array([nominal_level(FOUR, look, 0.05) for look in FOUR])
    better, worse = (tails < levels).any(axis=1), (tails > 1 - levels).any(axis=1)
    error = 3 * math.sqrt(0.025 * 0.975 / n)
    assert better.mean() == pytest.approx(0.025, abs=error + 0.002)  # .002: t instead of z at the looks
    assert worse.mean() == pytest.approx(0.025, abs=error + 0.002)
    assert (better | worse).mean() <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / n)


def test_the_verdict_is_what_the_boundary_says():
    # studies around the boundary, against thresholds written out here: z_k = 2.024 sqrt(4 / k)
    rng = np.random.default_rng(2)
    shifts = rng.choice([-0.6, 0.0, 0.6], 60)
    for differences in rng.normal(size=(60, 40)) + shifts[:, None]:
        found = verdict(differences, np.zeros(40), margin=0.0, looks=FOUR)
        tails = t_tails(differences[None], FOUR)[0]
        z = stats.norm.isf(tails)
        crossed = np.flatnonzero(np.abs(z) > 2.0243 * np.sqrt([4, 2, 4 / 3, 1]))
        if "two methods disagree" in found.reason:
            continue
        if len(crossed):
            assert found.label == ("ADVANTAGE" if z[crossed[0]] > 0 else "DISADVANTAGE")
            assert found.n_replicates == FOUR[crossed[0]]
            assert found.look == crossed[0] + 1
        else:
            assert found.label == "INCONCLUSIVE"
            assert found.look == 4


def planted(mean, n, sd=1.0):
    return mean + sd * np.resize(STEADY, n), np.zeros(n)


@pytest.mark.parametrize("n", [10, 13, 19])
def test_between_two_looks_only_the_one_reached_counts(n):
    found = verdict(*planted(0.05, n), margin=0.02, looks=FOUR)
    assert (found.n_replicates, found.look, found.label) == (10, 1, "ADVANTAGE")
    open_still = verdict(*planted(0.03, n), margin=0.02, looks=FOUR)
    assert open_still.label == "INCONCLUSIVE"
    assert open_still.reason.startswith("open at look 1 of 4: with 10 replicates the smallest difference this look ")
    assert open_still.reason.endswith(
        "go on to 20 replicates (that there is no advantage can be said at the last look only)"
    )


def test_a_look_that_decided_is_not_taken_back():
    quantum, classical = planted(0.1, 40)
    quantum[10:] -= 0.3
    found = verdict(quantum, classical, margin=0.02, looks=FOUR)
    assert (found.label, found.look, found.n_replicates) == ("ADVANTAGE", 1, 10)
    assert found.mean == pytest.approx(0.1)
    assert verdict(quantum, classical, margin=0.02).label == "DISADVANTAGE"


def test_no_advantage_at_the_last_look_only():
    at = {n: verdict(*planted(0.0, n), margin=0.02, looks=FOUR) for n in FOUR}
    assert [at[n].label for n in FOUR] == ["INCONCLUSIVE"] * 3 + ["NO ADVANTAGE"]
    assert at[40].reason.endswith("at look 4 of 4")
    assert verdict(*planted(0.0, 10), margin=0.02).label == "NO ADVANTAGE"


def test_a_disadvantage_may_come_early():
    found = verdict(*planted(-0.1, 20), margin=0.02, looks=FOUR)
    assert (found.label, found.look) == ("DISADVANTAGE", 1)
    assert "P(difference < -0.02) > 0.999 at look 1 of 4, p-value over the looks = 0.004" in found.reason


def test_underpowered_at_the_last_look():
    found = verdict(*planted(0.02, 20, sd=3), margin=0.02, looks=(10, 20))
    assert found.reason.startswith("underpowered at look 2 of 2: with 20 replicates")


def test_the_detectable_difference_is_that_of_the_look():
    early, late = (verdict(*planted(0.02, n), margin=0.02, looks=FOUR) for n in (10, 40))
    once = verdict(*planted(0.02, 10), margin=0.02)
    assert (early.look, late.look) == (1, 4)
    assert early.minimum_detectable_effect > once.minimum_detectable_effect > late.minimum_detectable_effect
    stricter = verdict(*planted(0.02, 40), margin=0.02, alpha=nominal_level(FOUR, 40, 0.05))
    assert late.minimum_detectable_effect == pytest.approx(stricter.minimum_detectable_effect)


def test_before_the_first_look():
    found = verdict(*planted(0.1, 7), margin=0.02, looks=FOUR)
    assert found.label == "INCONCLUSIVE"
    assert found.reason == "unfinished: 7 of the 10 replicates of the first look are there; run on before you look"
    assert found.look is None
    assert "Detectable difference" in str(found)


def test_one_planned_look_is_one_look():
    scores = planted(0.03, 40)
    assert verdict(*scores, margin=0.02, looks=[40]).reason == verdict(*scores, margin=0.02).reason


@pytest.mark.parametrize(
    ("looks", "message"),
    [
        ([20, 10], r"looks must be whole numbers that rise, such as \[10, 20, 30, 40\]; got \[20, 10\]"),
        ([10, 10], r"whole numbers that rise.*got \[10, 10\]"),
        ([10.5, 20], r"whole numbers that rise.*got \[10\.5, 20\]"),
        ([5, 40], r"the first look must have at least 10 replicates; got looks=\[5, 40\]"),
        ([10, 20], r"25 replicates are more than the last look, 20; looks are fixed before the scores are seen"),
    ],
)
def test_bad_looks(looks, message):
    with pytest.raises(SpecError, match=message):
        verdict(*planted(0.1, 25), margin=0.02, looks=looks)


def test_splits_have_no_looks():
    with pytest.raises(SpecError, match="looks are for fresh replicates: more splits of one data set bring hardly any"):
        verdict(*planted(0.1, 20), margin=0.02, looks=[10, 20], design="resampled", test_fraction=0.25)


LOOKING = Protocol(alpha=0.05, trials=10, inner_folds=2, replicates=40, required_pool=("logistic", "svm"), looks=FOUR)


@pytest.mark.parametrize("n", [10, 25, 40])
@pytest.mark.parametrize("quantum", [0.83, 0.845, 0.8, 0.7])
def test_a_study_says_what_its_scores_say(bench, n, quantum):
    row = judge(bench.study(quantum, 0.8, n=n), [bench.task()], LOOKING).tasks[0]
    whole = bench.model("iqp", "quantum", quantum + np.resize(bench.wiggle, n))
    plain = verdict([cell["score"] for cell in whole], np.full(n, 0.8), margin=0.02, looks=FOUR)
    assert (row.label, row.look, row.n_replicates) == (plain.label, plain.look, plain.n_replicates)
    for name in ("mean", "interval", "p_advantage", "p_equivalent", "minimum_detectable_effect"):
        assert getattr(row, name) == getattr(plain, name), name
    assert len(row.differences) == len(row.replicates) == row.n_replicates


def test_a_study_counts_leading_replicates_only(bench):
    cells = [cell for cell in bench.study(0.9, 0.8, n=30) if (cell["model"], cell["replicate"]) != ("svm", 3)]
    row = judge(cells, [bench.task()], LOOKING).tasks[0]
    assert row.label == "INCONCLUSIVE"
    assert row.reason == "unfinished: 3 of the 10 replicates of the first look are there; run on before you look"
    late = [cell for cell in bench.study(0.9, 0.8, n=30) if (cell["model"], cell["replicate"]) != ("svm", 23)]
    row = judge(late, [bench.task()], LOOKING).tasks[0]
    assert (row.label, row.look) == ("ADVANTAGE", 1)
    assert "not judged: 19 replicates after the look of the verdict" in row.flags


def test_gates_are_asked_at_each_look(bench):
    cells = [cell | ({"n_trials": 9} if cell["replicate"] == 12 else {}) for cell in bench.study(0.83, 0.8, n=40)]
    odd = [cell | ({"n_trials": 5} if cell["side"] == "classical" else {}) for cell in cells]
    row = judge(odd, [bench.task()], LOOKING).tasks[0]  # one replicate in which quantum had more trials
    assert row.reason.startswith("budgets differ: in replicate 12 ")
    clear = [cell | ({"score": 0.9} if cell["model"] == "iqp" else {}) for cell in odd]
    assert judge(clear, [bench.task()], LOOKING).tasks[0].look == 1  # decided before it happened


def test_holm_and_looks_together(bench):
    # at look 1 enough alone, and not among forty; of these, a stronger one still passes
    names = [f"task-{i}" for i in range(40)]
    cells = [cell for name in names for cell in bench.study(0.85 if name != "task-3" else 0.99, 0.8, task=name)]
    study = judge(cells, [bench.task(name) for name in names], LOOKING)
    alone = judge(bench.study(0.85, 0.8), [bench.task()], LOOKING).tasks[0]
    assert alone.label == "ADVANTAGE"
    assert study["task-7"].label == "INCONCLUSIVE"
    assert study["task-7"].p_advantage_holm == 1.0 < 39 * alone.p_advantage_holm
    assert study["task-3"].p_advantage_holm < alone.p_advantage_holm


def test_repeated_splits_in_a_study_with_looks_wait_for_the_end(bench):
    task = bench.task(design="resampled", test_fraction=0.25, n_test=143)
    row = judge(bench.study(0.9, 0.8, n=20), [task], LOOKING).tasks[0]
    assert row.reason == "unfinished: 20 of 40 planned replicates have every cell; run the study again to continue"
    done = judge(bench.study(0.9, 0.8, n=40), [task], LOOKING).tasks[0]
    assert (done.label, done.look) == ("ADVANTAGE", None)


def test_the_last_look_is_the_plan():
    with pytest.raises(SpecError, match=r"the last look must be at the planned number of replicates, 30; got looks"):
        Protocol(alpha=0.05, trials=1, inner_folds=2, replicates=30, looks=(10, 20))


def test_steps_are_looked_at_once():
    with pytest.raises(SpecError, match=r"looks are not for the axis steps-to-target: .*may fall when replicates are"):
        Protocol(alpha=0.05, trials=1, inner_folds=2, replicates=20, looks=(10, 20), axis="steps-to-target")
    assert Protocol(alpha=0.05, trials=1, inner_folds=2, replicates=20, looks=(10, 20), axis="copies").looks == (10, 20)
