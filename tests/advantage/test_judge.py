import json
import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from qml.advantage import Protocol, judge, verdict
from qml.errors import SpecError


def only(cells, bench, protocol=None, **task):
    return judge(cells, [bench.task(**task)], protocol or bench.protocol).tasks[0]


def fail(cells, model, replicates):
    """Mark those cells as a worker does whose fit crashed."""
    return [
        cell | {"status": "failed", "score": None, "validation_score": None}
        if cell["model"] == model and cell["replicate"] in replicates
        else cell
        for cell in cells
    ]


def test_planted_winner(bench):
    row = only(bench.study(0.9, 0.8), bench)
    assert (row.label, row.level) == ("ADVANTAGE", "L1")
    assert row.mean == pytest.approx(0.1)
    assert row.differences == pytest.approx(0.1 + bench.wiggle)
    assert row.quantum_winners == {"iqp": 10}
    assert row.classical_winners == {"svm": 10}
    assert row.quantum_score == pytest.approx(0.9)
    assert row.classical_score == pytest.approx(0.8)
    assert row.replicates == tuple(range(10))


def test_the_numbers_are_those_of_the_plain_verdict(bench):
    row = only(bench.study(0.83, 0.8), bench)
    plain = verdict(row.quantum_scores, row.classical_scores, margin=0.02)
    for name in ("mean", "interval", "p_advantage", "p_equivalent", "p_disadvantage", "minimum_detectable_effect"):
        assert getattr(row, name) == getattr(plain, name), name
    assert row.p_advantage_holm == pytest.approx(1 - plain.p_advantage)


def test_resampled_tasks_use_their_fraction(bench):
    settings = {"design": "resampled", "test_fraction": 0.25, "n_test": 143}
    row = only(bench.study(0.83, 0.8), bench, **settings)
    plain = verdict(row.quantum_scores, row.classical_scores, margin=0.02, design="resampled", test_fraction=0.25)
    assert row.interval == plain.interval
    assert row.test_standard_error == pytest.approx((0.8 * 0.2 / 572) ** 0.5)


def test_planted_null_and_loser(bench):
    assert only(bench.study(0.8, 0.8), bench).label == "NO ADVANTAGE"
    row = only(bench.study(0.7, 0.8), bench)
    assert (row.label, row.level) == ("DISADVANTAGE", "L0")
    assert row.level_note == "L0: no advantage shown; the levels start there."


def test_winners_are_chosen_on_validation_not_on_test(bench):
    cells = [
        *bench.model("lucky", "quantum", np.full(10, 0.99), validation=np.full(10, 0.6)),
        *bench.model("honest", "quantum", np.full(10, 0.8), validation=np.full(10, 0.7)),
        *bench.model("logistic", "classical", np.full(10, 0.8)),
        *bench.model("svm", "classical", np.full(10, 0.7)),
    ]
    row = only(cells, bench)
    assert row.quantum_winners == {"honest": 10}
    assert row.label == "NO ADVANTAGE"


def test_ties_go_to_the_first_in_the_order_given(bench):
    tied = [
        bench.model(name, "quantum", np.full(10, s), validation=np.full(10, 0.7))
        for name, s in (("b", 0.9), ("a", 0.8))
    ]
    rest = bench.study()[20:]
    assert only([*tied[0], *tied[1], *rest], bench).quantum_winners == {"b": 10}
    assert only([*tied[1], *tied[0], *rest], bench).quantum_winners == {"a": 10}


def test_robust_means_better_than_the_best_on_test(bench):
    assert only(bench.study(0.9, 0.8), bench).robust
    cells = bench.study(0.9, 0.8)
    lucky = [c | {"score": 0.9} if c["model"] == "logistic" else c for c in cells]  # never picked on validation
    row = only(lucky, bench)
    assert row.label == "ADVANTAGE"
    assert not row.robust


def test_only_an_advantage_is_robust(bench):
    assert not only(bench.study(0.8, 0.8), bench).robust


def test_holm_over_tasks(bench):
    # on its own 0.835 passes (p about .001); among forty claims it does not
    names = [f"task-{i}" for i in range(40)]
    cells = [cell for name in names for cell in bench.study(0.835, 0.8, task=name)]
    study = judge(cells, [bench.task(name) for name in names], bench.protocol)
    row = study["task-7"]
    assert only(bench.study(0.835, 0.8), bench).label == "ADVANTAGE"
    assert row.p_advantage > 0.95
    assert row.label == "INCONCLUSIVE"
    assert row.reason.startswith("not after Holm: on its own P(difference > 0.02) = ")
    assert "among 40 claims" in row.reason
    assert row.p_advantage_holm == pytest.approx(40 * (1 - row.p_advantage))


def test_families_are_rows_of_their_own(bench):
    families = {row.model: row for row in only(bench.study(0.86, 0.8), bench).families}
    assert list(families) == ["dressed", "iqp"]
    assert families["iqp"].mean == pytest.approx(0.06)
    assert families["dressed"].mean == pytest.approx(0.04)
    p_values = [1 - families[name].p_advantage for name in ("iqp", "dressed")]
    assert p_values[0] < p_values[1]
    assert families["iqp"].p_advantage_holm == pytest.approx(2 * p_values[0])
    assert families["iqp"].label == "ADVANTAGE"


def test_families_share_the_gates(bench):
    row = only(bench.study(0.5, 0.5), bench)
    assert {family.label for family in row.families} == {"INCONCLUSIVE"}
    assert all(family.reason.startswith("not learned") for family in row.families)


def test_not_learned(bench):
    row = only(bench.study(0.503, 0.5), bench, null=True)
    assert row.label == "INCONCLUSIVE"
    assert row.reason.startswith("not learned: neither side beats chance + margin (0.52); best is ")
    assert "null: there is nothing to learn in this task" in row.flags


def test_false_alarm_on_a_null_is_flagged(bench):
    row = only(bench.study(0.9, 0.8), bench, null=True)
    assert "false alarm: a difference on a task with nothing to learn" in row.flags


def test_engineered_is_flagged(bench):
    assert only(bench.study(), bench, engineered=True).flags == (
        "engineered: the generator of this task favours quantum",
    )
    assert only(bench.study(), bench).flags == ()


def test_too_few_replicates(bench):
    row = only(bench.study(n=5), bench, replace(bench.protocol, replicates=5))
    assert row.label == "INCONCLUSIVE"
    assert row.reason == "too few replicates: 5 given, at least 10 are needed for a verdict"
    assert row.p_advantage > 0.95


def test_unfinished_study(bench):
    cells = [cell for cell in bench.study() if (cell["model"], cell["replicate"]) not in {("svm", 3), ("iqp", 7)}]
    row = only(cells, bench)
    assert row.label == "INCONCLUSIVE"
    assert row.reason == "unfinished: 8 of 10 planned replicates have every cell; run the study again to continue"
    assert row.replicates == (0, 1, 2, 4, 5, 6, 8, 9)
    assert "left out, with cells missing: replicates 3, 7" in row.flags
    assert "also: too few replicates: 8 given, at least 10 are needed for a verdict" in row.flags


@pytest.mark.parametrize("n", [0, 1])
def test_without_an_error_bar_there_are_no_numbers(bench, n):
    row = only(bench.study(n=n), bench)
    assert row.label == "INCONCLUSIVE"
    assert row.interval is row.p_advantage is row.minimum_detectable_effect is row.p_advantage_holm is None
    assert (row.mean is None) == (n == 0)
    json.dumps(row.to_dict(), allow_nan=False)
    assert str(row).startswith("moons: INCONCLUSIVE (L0): ")


@pytest.mark.parametrize("side", ["quantum", "classical"])
def test_a_missing_side(bench, side):
    row = only([cell for cell in bench.study() if cell["side"] != side], bench)
    assert row.reason == f"nothing to compare: there is no {side} model on moons"


def test_pool_incomplete(bench):
    cells = [cell for cell in bench.study() if cell["model"] != "logistic"]
    extra = [cell | {"n_trials": 10} if cell["model"] == "svm" else cell for cell in cells]
    row = only(extra, bench)
    assert row.label == "INCONCLUSIVE"
    assert row.reason == "pool incomplete: the classical side lacks logistic"


def test_a_required_model_that_keeps_failing_is_a_hole_in_the_pool(bench):
    row = only(fail(bench.study(), "logistic", range(3)), bench)
    assert row.reason == "pool incomplete: the required model logistic failed in 3 of 10 replicates"
    assert only(fail(bench.study(), "logistic", range(2)), bench).label == "ADVANTAGE"


def test_quantum_may_not_have_more_trials(bench):
    more = [
        cell | {"n_trials": 6} if cell["model"] == "iqp" and cell["replicate"] == 4 else cell for cell in bench.study()
    ]
    row = only(more, bench)
    assert row.label == "INCONCLUSIVE"
    assert row.reason == "budgets differ: in replicate 4 the quantum side had 11 trials, the classical side 10"
    fewer = [cell | {"n_trials": 4} if cell["side"] == "quantum" else cell for cell in bench.study()]
    assert only(fewer, bench).label == "ADVANTAGE"


def test_a_side_that_fails_too_often(bench):
    row = only(fail(bench.study(), "dressed", range(5)), bench)  # 5 of 20 cells
    assert row.label == "INCONCLUSIVE"
    assert row.reason.startswith("training: 5 of 20 cells of the quantum side failed, more than 20%")
    assert row.ledger["quantum"]["failed_cells"] == 5
    assert only(fail(bench.study(), "dressed", range(4)), bench).label == "ADVANTAGE"


def test_trials_that_fail_too_often(bench):
    cells = [cell | {"n_failed_trials": 3} if cell["model"] == "svm" else cell for cell in bench.study()]
    assert only(cells, bench).reason.startswith("training: 30 of 100 trials of the classical side failed")


def test_a_failed_cell_scores_chance_and_is_counted(bench):
    cells = [cell for cell in bench.study() if cell["model"] != "dressed"]  # no other quantum model to fall back on
    row = only(fail(cells, "iqp", [0]), bench)
    assert row.quantum_scores[0] == 0.5
    assert row.n_replicates == 10
    assert "1 of 30 cells failed and count as chance" in row.flags


def test_a_failed_fit_does_not_stand_for_its_side(bench):
    cells = fail(bench.study(), "svm", [0])
    cells = [
        c | {"validation_score": 0.99} if c["status"] == "failed" else c for c in cells
    ]  # it tuned well, then crashed
    cells = [c | {"validation_score": 0.7} if c["model"] == "logistic" else c for c in cells]
    assert only(cells, bench).classical_winners == {"svm": 9, "logistic": 1}


def test_scarce_test_data(bench):
    # 100 rows in all, however often they are split: sqrt(.8 * .2 / 100) = .04
    settings = {"design": "resampled", "test_fraction": 0.25, "n_test": 25}
    row = only(bench.study(0.9, 0.8), bench, **settings)
    assert row.test_standard_error == pytest.approx(0.04)
    assert row.label == "INCONCLUSIVE"
    assert row.reason == (
        "test data too few: 25 test rows a replicate leave a standard error of 0.040 in a mean score, "
        "more than the margin 0.02"
    )
    assert only(bench.study(0.9, 0.8), bench, metric="neg-log-loss", **settings).test_standard_error is None


def test_fresh_replicates_add_up_their_test_rows(bench):
    row = only(bench.study(0.9, 0.8), bench, n_test=100)
    assert row.test_standard_error == pytest.approx((0.8 * 0.2 / 1000) ** 0.5)
    assert row.label == "ADVANTAGE"


def test_ledger(bench):
    cells = [cell | {"n_failed_trials": 1} if cell["model"] == "svm" else cell for cell in bench.study()]
    ledger = only(cells, bench).ledger
    assert ledger["classical"] == {
        "trials": 10, "total_trials": 100, "failed_trials": 10, "cells": 20, "failed_cells": 0,
    }  # fmt: skip
    assert ledger["twin"]["trials"] == 0


def test_verdict_json_has_the_agreed_keys(bench):
    study = judge(bench.study() + bench.twin("separable", 0.6), [bench.task()], bench.protocol)
    plain = json.loads(json.dumps(study.to_dict(), allow_nan=False))
    assert {"alpha", "trials", "inner_folds", "replicates"} <= set(plain["protocol"])
    (row,) = plain["tasks"]
    expected = """task label reason level level_note mean interval margin p_advantage p_equivalent p_disadvantage
        p_advantage_holm minimum_detectable_effect n_replicates design test_fraction metric chance engineered null
        robust quantum_score classical_score quantum_scores classical_scores differences replicates quantum_winners
        classical_winners twins families flags ledger"""
    assert set(expected.split()) <= set(row)
    assert {"twin", "mean", "lower", "passes"} <= set(row["twins"][0])
    assert {"model", "label", "mean", "interval", "p_advantage", "p_equivalent", "p_disadvantage"} <= set(
        row["families"][0]
    )
    assert set(row["ledger"]) == {"quantum", "classical", "twin"}
    assert row["interval"] == list(study["moons"].interval)


def test_records_of_a_data_frame_will_do(bench):
    cells = fail(bench.study() + bench.twin("separable", 0.6), "dressed", [1])
    frame = pd.DataFrame(cells)
    assert frame["score"].isna().any()
    direct, framed = (judge(given, [bench.task()], bench.protocol) for given in (cells, frame.to_dict("records")))
    assert framed == direct


def test_a_saved_verdict_is_the_same(bench):
    study = judge(bench.study(), [bench.task()], bench.protocol)
    assert pickle.loads(pickle.dumps(study)) == study


def test_order_of_replicates_does_not_matter(bench):
    cells = bench.study()
    assert judge(sorted(cells, key=lambda c: -c["replicate"]), [bench.task()], bench.protocol) == judge(
        cells, [bench.task()], bench.protocol
    )


def test_prints_a_line_a_task(bench):
    study = judge(bench.study(), [bench.task()], bench.protocol)
    assert str(study).startswith("moons: ADVANTAGE (L1): quantum is better by 0.100: ")
    assert str(study).endswith(". Difference +0.100 [+0.093, +0.107], margin 0.02.")
    assert repr(study) == "<StudyVerdict moons: ADVANTAGE (L1)>"
    with pytest.raises(SpecError, match=r"there is no verdict on task 'moon'\. Did you mean 'moons'\?"):
        study["moon"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"task": "moon"}, r"a cell belongs to the unknown task 'moon'\. Did you mean 'moons'\?"),
        ({"replicate": 1}, r"two cells for task 'moons', replicate 1, model 'dressed'; every cell counts once"),
        ({"score": float("nan")}, r"score is nan in the cell of task 'moons'.*status 'failed', and counts as chance"),
        ({"validation_score": None}, r"validation_score is None in the cell of task 'moons', replicate 0"),
        ({"side": "quantm"}, r"unknown side 'quantm' in the cell of .*Did you mean 'quantum'\?"),
        ({"status": "running"}, r"unknown status 'running' in the cell of .*Choices: done, failed"),
        (
            {"side": "twin", "twin": "seperable"},
            r"unknown twin 'seperable' in the cell of .*Did you mean 'separable'\?",
        ),
    ],
)
def test_bad_cells(bench, change, message):
    cells = bench.study()
    cells[0] = cells[0] | change
    with pytest.raises(SpecError, match=message):
        only(cells, bench)


def test_a_cell_without_a_key(bench):
    cells = bench.study()
    del cells[0]["n_trials"]
    with pytest.raises(SpecError, match=r"a cell lacks the key 'n_trials'; it has model, n_failed_trials"):
        only(cells, bench)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"design": "fresk"}, "unknown design 'fresk'"),
        ({"design": "resampled"}, "design='resampled' needs test_fraction"),
        ({"margin": -1.0}, "margin must be a finite number >= 0"),
        ({"chance": float("nan")}, "chance must be a finite number"),
        ({"n_test": 0}, "task 'moons': n_test must be at least 1; got 0"),
    ],
)
def test_bad_tasks(bench, change, message):
    with pytest.raises(SpecError, match=message):
        bench.task(**change)


def test_bad_protocols(bench):
    with pytest.raises(SpecError, match=r"alpha must lie strictly between 0 and 0\.5"):
        Protocol(alpha=0.9, trials=1, inner_folds=2, replicates=10)
    with pytest.raises(SpecError, match="a protocol plans at least 1 replicate; got 0"):
        Protocol(alpha=0.05, trials=1, inner_folds=2, replicates=0)
    with pytest.raises(SpecError, match="two tasks have the same name"):
        judge([], [bench.task(), bench.task()], bench.protocol)


def test_fresh_tasks_may_state_their_test_fraction(bench):
    assert only(bench.study(), bench, test_fraction=0.9).interval == only(bench.study(), bench).interval
