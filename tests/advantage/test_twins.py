from dataclasses import replace

import numpy as np
import pytest

from qml.advantage import TwinRow, judge
from qml.advantage.twins import evidence_level

KINDS = ("separable", "frozen", "matched", "surrogate")


def only(cells, bench):
    return judge(cells, [bench.task()], bench.protocol).tasks[0]


def with_twins(bench, kinds=KINDS, score=0.6, **changes):
    return bench.study(0.9, 0.8) + [cell for kind in kinds for cell in bench.twin(kind, score, **changes)]


def test_all_four_twins_beaten_is_l2(bench):
    row = only(with_twins(bench), bench)
    assert row.level == "L2"
    assert row.level_note == (
        "L2: beats a pool of 2 classical models, and all four kinds of twin. "
        "L3 (cheap simulation) and L4 (shots and noise) are not assessed."
    )
    assert [twin.twin for twin in row.twins] == list(KINDS)
    assert all(twin.passes and twin.mean == pytest.approx(0.3) for twin in row.twins)


def test_missing_twins_are_named(bench):
    row = only(with_twins(bench, ["separable"]), bench)
    assert row.level == "L1"
    assert row.level_note.startswith(
        "L1: beats a pool of 2 classical models. Not L2, so the cause is open: "
        "this study did not run the frozen, matched and surrogate twins. L3"
    )
    assert "this study did not run the surrogate twin. L3" in only(with_twins(bench, KINDS[:3]), bench).level_note


def test_a_twin_as_good_as_quantum_explains_the_win(bench):
    cells = with_twins(bench, ["frozen", "matched", "surrogate"]) + bench.twin("separable", 0.895)
    row = only(cells, bench)
    assert (row.label, row.level) == ("ADVANTAGE", "L1")
    assert not row.twins[0].passes
    assert "the separable twin does not pass (the lower bound -0.002 is not above 0.01)" in row.level_note


def test_the_bound_must_clear_a_margin_not_only_zero(bench):
    # difference .015, one-sided bound about .008: above 0, not above .01
    twin = only(with_twins(bench, ["separable"], score=0.885), bench).twins[0]
    assert 0 < twin.lower < 0.01
    assert not twin.passes


def test_without_an_advantage_twins_are_shown_but_give_no_level(bench):
    row = only(bench.study(0.8, 0.8) + bench.twin("separable", 0.6), bench)
    assert row.twins[0].passes
    assert row.level == "L0"


def test_twins_with_a_smaller_budget_prove_nothing(bench):
    row = only(with_twins(bench, n_trials=4), bench)
    assert row.level == "L1"
    assert {twin.note for twin in row.twins} == {"it had fewer trials (8) than quantum (10)"}


def test_the_winner_needs_a_twin_of_its_own(bench):
    row = only(with_twins(bench, twin_of=("dressed",), n_trials=10), bench)
    assert {twin.note for twin in row.twins} == {"iqp won replicates and has no such twin"}
    shared = [cell | {"twin_of": None} for cell in bench.twin("separable", 0.6, twin_of=("dressed",), n_trials=10)]
    assert only(bench.study() + shared, bench).twins[0].passes


def test_twins_that_did_not_finish(bench):
    cells = [cell for cell in with_twins(bench) if (cell["model"], cell["replicate"]) != ("iqp-frozen", 3)]
    row = only(cells, bench)
    assert row.n_replicates == 10  # the main claim does not wait for them
    assert row.twins[1].note == "it did not run in every replicate"
    assert row.twins[1].mean is None


def test_twins_that_fail_prove_nothing(bench):
    cells = [
        cell | {"status": "failed"} if cell["side"] == "twin" and cell["replicate"] < 3 else cell
        for cell in with_twins(bench)
    ]
    assert {twin.note for twin in only(cells, bench).twins} == {"6 of 20 fits failed"}


def test_the_tasks_own_solver_has_to_be_beaten_too(bench):
    def solver(score):
        return bench.model("elimination", "twin", np.full(10, score), twin="generator", n_trials=1)

    beaten = only(with_twins(bench) + solver(0.6), bench)
    assert beaten.level == "L2"  # with fewer trials than quantum: it has nothing to tune
    assert "all four kinds of twin and the task's own solver. L3" in beaten.level_note
    solved = only(with_twins(bench) + solver(0.9), bench)
    assert (solved.label, solved.level) == ("ADVANTAGE", "L1")
    assert "the task's own solver does not pass (the lower bound -0.0" in solved.level_note


def test_a_kind_that_takes_nothing_out_of_the_winner_is_not_asked_for(bench):
    cells = with_twins(bench, ["separable", "matched", "surrogate"])
    protocol = replace(bench.protocol, not_applicable={"frozen": ("iqp",)})
    row = judge(cells, [bench.task()], protocol).tasks[0]
    assert row.level == "L2"
    assert "its separable, matched and surrogate twins (frozen is not applicable: iqp has nothing" in row.level_note
    assert [(twin.twin, twin.applies) for twin in row.twins][:2] == [("separable", True), ("frozen", False)]
    # Where a model that has something to freeze wins too, the frozen twin is asked for.
    mixed = [cell | {"validation_score": 2.0} if _is(cell, "dressed", 3) else cell for cell in cells]
    row = judge(mixed, [bench.task()], protocol).tasks[0]
    assert (row.level, "did not run the frozen twin" in row.level_note) == ("L1", True)
    shared = mixed + bench.twin("frozen", 0.6, twin_of=("dressed",), n_trials=10)
    assert judge(shared, [bench.task()], protocol).tasks[0].level == "L2"


def _is(cell, model, replicate):
    return (cell["model"], cell["replicate"]) == (model, replicate)


ROWS = [TwinRow(twin=kind, mean=0.3, lower=0.2, passes=True, note="") for kind in KINDS]


@pytest.mark.parametrize(
    ("tags", "survival", "level", "words"),
    [
        (None, None, "L2", "L3 (cheap simulation) and L4 (shots and noise) are not assessed"),
        (["light cone"], {"shots=100": 0.99}, "L2", "Not L3: it can be simulated cheaply (light cone)."),
        ([], None, "L3", "L4 (shots and noise) is not assessed"),
        ([], None, "L3", "no tag of a cheap simulation applies to its circuits, which says nothing about larger ones"),
        ([], {"shots=100": 0.99, "p=0.01": 0.95}, "L3", "Not L4: P(better) does not pass 0.95 with p=0.01: 0.95."),
        ([], {"shots=100": 0.99, "p=0.01": 0.96}, "L4", "it survives shots and noise in all 2 settings"),
    ],
)
def test_the_levels_above_the_twins(tags, survival, level, words):
    found = evidence_level("ADVANTAGE", ROWS, 10, tags=tags, survival=survival)
    assert found[0] == level
    assert words in found[1]


def test_no_tag_lifts_a_study_without_its_twins():
    assert evidence_level("ADVANTAGE", ROWS[:3], 10, tags=[], survival={"shots=100": 1.0})[0] == "L1"


def test_angles_must_be_shared_as_points_on_the_circle():
    rows = [TwinRow(twin=kind, mean=0.1, lower=0.08, passes=True, note="") for kind in KINDS]
    assert evidence_level("ADVANTAGE", rows, n_pool=10)[0] == "L2"
    level, note = evidence_level(
        "ADVANTAGE", rows, n_pool=10, tags=(), survival={"shots=100": 1.0}, shared_angles=False
    )
    assert level == "L1"
    assert "Not L2, so the cause is open: the features are angles, and the classical models could not have" in note
