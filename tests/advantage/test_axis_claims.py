"""Claims on other axes: planted learning curves, losses and noise, whose answers can be computed by hand."""

import math

import pytest

from qml.advantage import Protocol, TaskSettings, judge, verdict
from qml.errors import SpecError

SIZES = (16, 32, 64)
KINDS = ("separable", "frozen", "matched", "surrogate")


def protocol(axis="sample-efficiency", target=0.8, **changes):
    return Protocol(alpha=0.05, trials=2, inner_folds=2, replicates=10, required_pool=("svm",), axis=axis,
                    target=target, **changes)  # fmt: skip


def point(size, name="moons"):
    return TaskSettings(f"{name}@{size}", "fresh", None, 1000, "accuracy", 0.5, 0.02, curve=name, cost=size)


POINTS = [point(size) for size in SIZES]
ALONE = [TaskSettings("moons", "fresh", None, 1000, "accuracy", 0.5, 0.02)]


def cell(task, replicate, model, side, score, **changes):
    return {"task": task, "replicate": replicate, "model": model, "side": side, "twin": None, "twin_of": None,
            "status": "done", "score": score, "validation_score": score, "n_trials": 2, "n_failed_trials": 0,
            **changes}  # fmt: skip


def curves(quantum, classical, twins=None, name="moons"):
    """Ten replicates of these curves, each a list of scores by size, or a function of the replicate."""
    rows = []
    for r in range(10):
        for k, size in enumerate(SIZES):
            ours, theirs = (side(r) if callable(side) else side for side in (quantum, classical))
            task = f"{name}@{size}"
            rows += [cell(task, r, "iqp", "quantum", ours[k]), cell(task, r, "svm", "classical", theirs[k])]
            if twins:
                rows += [cell(task, r, f"iqp-{kind}", "twin", twins[k], twin=kind, twin_of="iqp") for kind in KINDS]
    return rows


def test_a_side_that_needs_a_quarter_of_the_data_has_an_advantage_of_two():
    found = judge(curves([0.85, 0.9, 0.95], [0.6, 0.7, 0.85]), POINTS, protocol())
    (row,) = found.tasks
    assert (row.task, row.label, row.level, row.metric, row.margin) == (
        "moons", "ADVANTAGE", "L1", "sample-efficiency", 0.32,
    )  # fmt: skip
    assert row.mean == 2.0
    assert row.quantum_scores == (-4.0,) * 10
    assert row.classical_scores == (-6.0,) * 10
    assert row.chance == -7.0
    assert "beats a pool of 1 classical models" in row.level_note
    details = row.axes["sample-efficiency"]
    assert details["costs"] == [16.0, 32.0, 64.0]
    assert details["quantum"]["needed"] == [16.0] * 10
    assert details["quantum"]["curve"] == pytest.approx([0.85, 0.9, 0.95])
    # Means over log2: (.875 + .925) / 2 and (.65 + .775) / 2.
    assert details["area"]["mean"] == pytest.approx(0.9 - 0.7125)
    assert row.ledger["quantum"] == {"trials": 6, "total_trials": 60, "failed_trials": 0, "cells": 30,
                                     "failed_cells": 0}  # fmt: skip
    assert row.quantum_winners == {"iqp": 30}
    assert found.protocol.axis == "sample-efficiency"
    assert row.to_dict()["axes"]["sample-efficiency"]["target"] == 0.8


def test_a_side_that_never_gets_there_still_loses_by_what_is_known():
    (row,) = judge(curves([0.85, 0.9, 0.95], [0.6, 0.7, 0.75]), POINTS, protocol()).tasks
    assert (row.label, row.mean) == ("ADVANTAGE", 3.0)  # at least 128 against 16
    assert row.axes["sample-efficiency"]["classical"]["censored"] == 10
    assert row.axes["sample-efficiency"]["classical"]["needed"] == [None] * 10
    (row,) = judge(curves([0.6, 0.7, 0.75], [0.85, 0.9, 0.95]), POINTS, protocol()).tasks
    assert (row.label, row.mean) == ("DISADVANTAGE", -3.0)


def test_equal_curves_are_equal_where_nothing_is_censored():
    (row,) = judge(curves([0.6, 0.85, 0.9], [0.7, 0.85, 0.9]), POINTS, protocol()).tasks
    assert (row.label, row.mean) == ("NO ADVANTAGE", 0.0)


def test_equality_is_not_claimed_of_what_was_not_seen():
    def often(r):
        return [0.6, 0.7, 0.85] if r else [0.6, 0.7, 0.7]

    (row,) = judge(curves(often, often), POINTS, protocol()).tasks
    assert row.label == "INCONCLUSIVE"
    assert row.reason.startswith("censored: the quantum and the classical side did not reach 0.8 in every replicate")


def test_a_target_that_nobody_reaches_is_no_tie():
    (row,) = judge(curves([0.6, 0.7, 0.75], [0.6, 0.7, 0.75]), POINTS, protocol()).tasks
    assert (row.label, row.reason) == ("INCONCLUSIVE", "target not reached: neither side reaches 0.8 reliably")


def test_twins_have_curves_of_their_own():
    good = [0.85, 0.9, 0.95]
    (row,) = judge(curves(good, [0.6, 0.7, 0.85], twins=[0.6, 0.85, 0.9]), POINTS, protocol()).tasks
    assert (row.level, {twin.mean for twin in row.twins}) == ("L2", {1.0})
    (row,) = judge(curves(good, [0.6, 0.7, 0.85], twins=good), POINTS, protocol()).tasks
    assert (row.level, {twin.mean for twin in row.twins}) == ("L1", {0.0})


def test_curves_are_claims_of_one_family():
    rows = curves([0.85] * 3, [0.6, 0.7, 0.85]) + curves([0.85] * 3, [0.85] * 3, name="blobs")
    found = judge(rows, [*POINTS, *(point(size, "blobs") for size in SIZES)], protocol())
    assert [(row.task, row.label) for row in found.tasks] == [("moons", "ADVANTAGE"), ("blobs", "NO ADVANTAGE")]
    assert "among 2 claims" in found["moons"].reason


def test_the_gates_look_at_every_point():
    rows = curves([0.85] * 3, [0.6, 0.7, 0.85])
    for row in rows:
        if row["task"] == "moons@32" and row["side"] == "quantum":
            row["n_trials"] = 3
    (row,) = judge(rows, POINTS, protocol()).tasks
    assert row.label == "INCONCLUSIVE"
    assert row.reason.startswith("budgets differ: in replicate 0 the quantum side had 3 trials")
    assert row.reason.endswith("(at moons@32)")
    (row,) = judge([r for r in rows if r["replicate"] < 9 or r["task"] != "moons@16"], POINTS, protocol()).tasks
    assert row.n_replicates == 9


def test_a_margin_of_the_study_replaces_the_axis_own():
    wide = [TaskSettings(f"moons@{s}", "fresh", None, 1000, "accuracy", 0.5, 0.02, curve="moons", cost=s,
                         axis_margin=2.5) for s in SIZES]  # fmt: skip
    (row,) = judge(curves([0.85] * 3, [0.6, 0.7, 0.85]), wide, protocol()).tasks
    assert (row.label, row.margin) == ("NO ADVANTAGE", 2.5)


def test_copies_have_the_margin_of_one_doubling():
    (row,) = judge(curves([0.85] * 3, [0.6, 0.7, 0.85]), POINTS, protocol("copies")).tasks
    assert (row.label, row.metric, row.margin, row.mean) == ("ADVANTAGE", "copies", 1.0, 2.0)


# Steps.


def trained(losses, steps_per_epoch=5, max_steps=50):
    return {"losses": losses, "steps_per_epoch": steps_per_epoch, "max_steps": max_steps}


def test_steps_compare_what_is_trained_in_steps():
    rows = []
    for r in range(10):
        rows.append(cell("moons", r, "dressed", "quantum", 0.8, axis=trained([0.6, 0.3])))
        rows.append(cell("moons", r, "iqp", "quantum", 0.9, axis=None))
        rows.append(cell("moons", r, "mlp", "classical", 0.8, axis=trained([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.35, 0.3])))
        rows.append(cell("moons", r, "svm", "classical", 0.95, axis=None, n_trials=4))
    (row,) = judge(rows, ALONE, protocol("steps-to-target", target=0.3)).tasks
    assert row.label == "ADVANTAGE"
    assert row.mean == pytest.approx(2)  # 40 steps against 10
    assert row.quantum_winners == {"dressed": 10}
    assert row.axes["steps-to-target"]["logrank_p"] < 1e-4
    (row,) = judge(rows, ALONE, protocol("steps-to-target", target=0.35)).tasks
    assert row.quantum_scores == (-math.log2(10),) * 10
    assert row.classical_scores == (-math.log2(35),) * 10
    (row,) = judge([r for r in rows if r["model"] != "mlp"], ALONE, protocol("steps-to-target", target=0.3)).tasks
    assert (row.label, row.reason) == (
        "INCONCLUSIVE", "nothing to compare: no model of the classical side is trained in steps",
    )  # fmt: skip


# Robustness.


def noisy(change):
    def scored(r):
        return {"shots=10000,p=0": 0.9, "shots=10000,p=0.01": 0.9 + change, "shots=100,p=0.01": 0.5}

    rows = []
    for r in range(10):
        rows.append(cell("moons", r, "iqp", "quantum", 0.9, survival=scored(r)))
        rows.append(cell("moons", r, "svm", "classical", 0.8))
    return rows


@pytest.mark.parametrize(("change", "label"), [(-0.045, "NO ADVANTAGE"), (-0.18, "DISADVANTAGE")])
def test_robustness_is_the_relative_change_at_the_most_shots(change, label):
    (row,) = judge(noisy(change), ALONE, protocol("robustness", target=None)).tasks
    assert (row.label, row.margin) == (label, 0.1)
    assert row.mean == pytest.approx(change / 0.9)
    assert row.classical_scores == (0.0,) * 10


def test_robustness_needs_survival():
    rows = [{**row, "survival": None} for row in noisy(0.0)]
    (row,) = judge(rows, ALONE, protocol("robustness", target=None)).tasks
    assert row.reason == "iqp won replicates and was not scored under shots and noise"


# Each quantum model by itself.


def two_models(r):
    """The better one alternates between 16 and 32 rows, the other needs 64, as the classical side does."""
    ours = [0.85, 0.9, 0.95] if r % 2 else [0.7, 0.9, 0.95]
    return {("iqp", "quantum"): ours, ("pqc", "quantum"): [0.6, 0.7, 0.81], ("svm", "classical"): [0.6, 0.7, 0.85]}


def of_both(n=10, replicates=two_models):
    return [
        cell(f"moons@{size}", r, model, side, scores[k], n_trials=1 if side == "quantum" else 2)
        for r in range(n)
        for k, size in enumerate(SIZES)
        for (model, side), scores in replicates(r).items()
    ]


def test_each_quantum_model_has_a_row_on_the_axis():
    (row,) = judge(of_both(), POINTS, protocol()).tasks
    iqp, pqc = row.families
    # log2(64 / 16) = 2 and log2(64 / 32) = 1, five times each; the other model needs as much as the classical side.
    assert (iqp.model, iqp.mean, iqp.label) == ("iqp", 1.5, "ADVANTAGE")
    assert (pqc.model, pqc.mean, pqc.label) == ("pqc", 0.0, "NO ADVANTAGE")
    differences = [2.0 if r % 2 else 1.0 for r in range(10)]
    alone = verdict(differences, [0.0] * 10, margin=0.32)
    assert iqp.p_advantage == pytest.approx(alone.p_advantage)
    assert iqp.interval == pytest.approx(alone.interval)
    # Two rows: Holm doubles the smaller p, and so do Benjamini and Hochberg; the larger one stays.
    assert iqp.p_advantage_holm == pytest.approx(2 * (1 - alone.p_advantage))
    assert iqp.q_advantage == pytest.approx(2 * (1 - alone.p_advantage))
    assert (pqc.p_advantage_holm, pqc.q_advantage) == (1.0, 1.0)


def test_a_models_equality_is_not_claimed_of_what_was_not_seen():
    def never(r):
        return {**two_models(r), ("pqc", "quantum"): [0.6, 0.7, 0.75]}

    (row,) = judge(of_both(replicates=never), POINTS, protocol()).tasks
    assert row.families[1].mean == -1.0  # at least 128 against 64
    assert row.families[1].label == "DISADVANTAGE"
    wide = [TaskSettings(f"moons@{s}", "fresh", None, 1000, "accuracy", 0.5, 0.02, curve="moons", cost=s,
                         axis_margin=1.6) for s in SIZES]  # fmt: skip
    (row,) = judge(of_both(replicates=never), wide, protocol()).tasks
    assert row.families[1].label == "INCONCLUSIVE"
    assert row.families[1].reason.startswith("censored: pqc did not reach 0.8 in every replicate")


def test_models_that_are_not_trained_in_steps_say_so():
    rows = []
    for r in range(10):
        rows.append(cell("moons", r, "dressed", "quantum", 0.8, axis=trained([0.6, 0.3])))
        rows.append(cell("moons", r, "iqp", "quantum", 0.9, axis=None))
        rows.append(cell("moons", r, "mlp", "classical", 0.8, axis=trained([0.9, 0.3]), n_trials=4))
        rows.append(cell("moons", r, "svm", "classical", 0.95, axis=None))
    (row,) = judge(rows, ALONE, protocol("steps-to-target", target=0.3)).tasks
    assert [(family.label, family.mean) for family in row.families] == [("NO ADVANTAGE", 0.0), ("INCONCLUSIVE", None)]
    assert row.families[1].reason == "nothing to compare: iqp is not trained in steps"


# Looks.


def varied(r):
    return {("iqp", "quantum"): two_models(r)["iqp", "quantum"], ("svm", "classical"): [0.6, 0.7, 0.85]}


def test_looks_at_a_curve_are_those_at_its_differences():
    looking = Protocol(alpha=0.05, trials=2, inner_folds=2, replicates=40, looks=(10, 20, 30, 40),
                       axis="sample-efficiency", target=0.8)  # fmt: skip
    for n in (10, 13, 20):
        differences = [2.0 if r % 2 else 1.0 for r in range(n)]
        alone = verdict(differences, [0.0] * n, margin=0.32, looks=[10, 20, 30, 40])
        (row,) = judge(of_both(n, varied), POINTS, looking).tasks
        assert (row.label, row.look, row.n_replicates) == (alone.label, alone.look, alone.n_replicates)
        assert (row.label, row.look) == (("ADVANTAGE", 2) if n == 20 else ("INCONCLUSIVE", 1))
        assert row.mean == pytest.approx(alone.mean)
        judged = 20 if n == 20 else 10  # what came after the look is not judged
        assert len(row.axes["sample-efficiency"]["quantum"]["needed"]) == judged
        assert row.quantum_winners == {"iqp": 3 * judged}
        assert row.families[0].mean == pytest.approx(1.5)
    (row,) = judge(of_both(9, varied), POINTS, looking).tasks
    assert row.reason.startswith("unfinished: 9 of the 10 replicates of the first look are there")


def test_equality_on_a_curve_waits_for_the_last_look():
    looking = Protocol(alpha=0.05, trials=2, inner_folds=2, replicates=20, looks=(10, 20), axis="sample-efficiency",
                       target=0.8)  # fmt: skip

    def equal(r):
        return {("iqp", "quantum"): [0.6, 0.7, 0.85], ("svm", "classical"): [0.6, 0.7, 0.85]}

    (early,) = judge(of_both(10, equal), POINTS, looking).tasks
    (late,) = judge(of_both(20, equal), POINTS, looking).tasks
    assert (early.label, late.label, late.look) == ("INCONCLUSIVE", "NO ADVANTAGE", 2)


def test_a_gate_that_fails_at_one_look_is_asked_again_at_the_next():
    looking = Protocol(alpha=0.05, trials=2, inner_folds=2, replicates=20, looks=(10, 20), axis="sample-efficiency",
                       target=0.8)  # fmt: skip
    rows = of_both(20, varied)
    for row in rows:
        if row["side"] == "classical" and row["replicate"] < 3:
            row.update(status="failed", score=None)  # 9 of 30 cells at the first look, 9 of 60 at the second
    (early,) = judge([row for row in rows if row["replicate"] < 10], POINTS, looking).tasks
    assert early.label == "INCONCLUSIVE"
    assert early.reason.startswith("training: 3 of 10 cells of the classical side failed")
    (late,) = judge(rows, POINTS, looking).tasks
    assert (late.label, late.look) == ("ADVANTAGE", 2)


# Refusals.


def test_what_cannot_be_judged_is_refused():
    with pytest.raises(SpecError, match="no claim can rest on parameter-efficiency"):
        judge([], POINTS, protocol("parameter-efficiency"))
    with pytest.raises(SpecError, match="the axis sample-efficiency needs a target"):
        judge([], POINTS, protocol(target=None))
