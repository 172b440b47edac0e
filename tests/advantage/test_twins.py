import pytest

from qml.advantage import judge

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
        "L3 (cheap simulation) and L4 (shots and noise) are not assessed in this version."
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
