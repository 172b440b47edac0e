"""Survival by hand: which settings pass, and what counts as not assessed."""

import pytest

from qml.advantage import Protocol, TaskSettings, judge
from qml.advantage.survival import STANDARD, Setting
from qml.errors import SpecError

MOONS = TaskSettings("moons", "fresh", None, 1000, "accuracy", chance=0.5, margin=0.02)
PROTOCOL = Protocol(alpha=0.05, trials=2, inner_folds=2, replicates=10, required_pool=("svm",))
# Differences .05 ± .01 in every other replicate: mean .05, sd .01054, se .00333, t = 9 for a margin of .02.
WIGGLE = [0.01, -0.01] * 5


def cells(survival, quantum=0.85, tags=(), twins=0.7, **changes):
    rows = []
    for r, wiggle in enumerate(WIGGLE):
        row = {"task": "moons", "replicate": r, "status": "done", "n_trials": 2, "n_failed_trials": 0}
        score = quantum + wiggle
        scored = None if survival is None else {name: value + wiggle for name, value in survival.items()}
        rows.append({**row, "model": "iqp", "side": "quantum", "twin": None, "twin_of": None, "score": score,
                     "validation_score": score, "survival": scored, **changes})  # fmt: skip
        rows.append({**row, "model": "svm", "side": "classical", "twin": None, "twin_of": None, "score": 0.8,
                     "validation_score": 0.8})  # fmt: skip
        for kind in ("separable", "frozen", "matched", "surrogate"):
            rows.append({**row, "model": f"iqp-{kind}", "side": "twin", "twin": kind, "twin_of": "iqp",
                         "score": twins, "validation_score": twins})  # fmt: skip
    return rows


def judged(survival, **options):
    return judge(cells(survival, **options), [MOONS], PROTOCOL)["moons"]


def everywhere(score, **worse):
    return {setting.name: score for setting in STANDARD} | worse


def test_the_standard_settings_are_those_of_the_protocol():
    assert len(STANDARD) == 9
    assert STANDARD[0].name == "shots=100,p=0"
    assert STANDARD[-1].name == "shots=10000,p=0.01"
    assert [Setting.of(setting.name) for setting in STANDARD] == list(STANDARD)
    with pytest.raises(SpecError, match=r"is no setting of shots and noise; one is written as 'shots=100,p=0\.01'"):
        Setting.of("100")


def test_each_setting_is_compared_with_the_same_classical_winner():
    found = judged(everywhere(0.85) | {"shots=100,p=0.01": 0.82})
    assert [row.setting for row in found.survival] == [setting.name for setting in STANDARD]
    rows = {row.setting: row for row in found.survival}
    good, bad = rows["shots=1000,p=0.001"], rows["shots=100,p=0.01"]
    assert (good.shots, good.depolarizing, good.survives, good.note) == (1000, 0.001, True, "")
    assert good.mean == pytest.approx(0.05)
    assert good.quantum_score == pytest.approx(0.85)
    # scipy.stats.t.sf(-9, 9): the mean difference is nine standard errors above the margin.
    assert good.p_advantage == pytest.approx(1 - 4.275e-06, abs=1e-8)
    assert bad.p_advantage == pytest.approx(0.5)  # the mean difference is the margin
    assert not bad.survives


def test_a_failed_winner_counts_as_chance_in_every_setting():
    rows = cells(everywhere(0.85))
    for row in rows:
        if row["replicate"] == 0 and row["side"] == "quantum":
            row |= {"status": "failed", "survival": None}
    found = judge(rows, [MOONS], PROTOCOL)["moons"].survival[0]
    assert found.quantum_score == pytest.approx((0.5 + 9 * 0.85 - 0.01) / 10)


def test_what_was_not_scored_has_no_number_and_says_why():
    found = judged({"shots=100,p=0": 0.85})
    assert found.survival[0].survives
    assert found.flags[-1].startswith("survival is assessed in part only: without shots=1000,p=0; shots=10000,p=0;")
    rows = cells(everywhere(0.85))
    rows[0]["survival"] = None
    partly = judge(rows, [MOONS], PROTOCOL)["moons"]
    assert partly.survival[3].p_advantage is None
    assert partly.survival[3].note == "iqp won replicates and was not scored under shots and noise"
    assert "(iqp won replicates" in partly.flags[-1]
    nobody = judged(None)
    assert nobody.survival == ()
    assert not any("survival" in flag for flag in nobody.flags)
    assert "L4 (shots and noise)" in nobody.level_note


def test_a_score_that_is_no_number_is_refused():
    with pytest.raises(SpecError, match="the score with shots=100,p=0 is None in the cell of task 'moons'"):
        judge([{**cells(None)[0], "survival": {"shots=100,p=0": None}}], [MOONS], PROTOCOL)
