"""Scores under attack: what stands beside the verdict, and what leaves the verdict as it is."""

import pytest

from qml.advantage import Protocol, TaskSettings, judge, secondary_results
from qml.advantage.adversarial import epsilon_of
from qml.errors import SpecError

MOONS = TaskSettings("moons", "fresh", None, 1000, "accuracy", 0.5, 0.02)


def protocol(*planned):
    return Protocol(alpha=0.05, trials=1, inner_folds=2, replicates=10, survival=planned)


def cell(model, side, replicate, score, survival, **changes):
    return {"task": "moons", "replicate": replicate, "model": model, "side": side, "twin": None, "twin_of": None,
            "status": "done", "score": score, "validation_score": score, "n_trials": 1, "n_failed_trials": 0,
            "survival": survival, **changes}  # fmt: skip


def cells():
    rows = []
    for r in range(10):
        rows.append(cell("pqc", "quantum", r, 0.8, {"pgd=0.1": 0.7, "pgd=0.2": 0.6, "shots=100,p=0": 0.75}))
        rows.append(cell("kernel", "quantum", r, 0.9, {"shots=100,p=0": 0.9}))
        lost = 0.4 if r % 2 else 0.2
        rows.append(cell("mlp", "classical", r, 0.8, {"pgd=0.1": 0.8 - lost / 2, "pgd=0.2": 0.8 - lost}, n_trials=2))
        rows.append(cell("forest", "classical", r, 0.9, None))
    return rows


def found(rows, *planned):
    return secondary_results(rows, [MOONS], protocol(*planned))[0].get("adversarial")


def test_each_attacked_model_has_its_scores_and_their_relative_change():
    attacked = found(cells())
    assert attacked["epsilons"] == [0.0, 0.1, 0.2]
    pqc, mlp = attacked["models"]
    assert (pqc["model"], pqc["side"], pqc["fits"]) == ("pqc", "quantum", 10)
    assert pqc["scores"] == pytest.approx([0.8, 0.7, 0.6])
    assert pqc["relative_change"] == pytest.approx(-0.25)
    assert mlp["scores"] == pytest.approx([0.8, 0.65, 0.5])
    assert mlp["relative_change"] == pytest.approx(-(0.25 + 0.5) / 2)
    assert attacked["not_assessed"] == [
        {"model": "kernel", "side": "quantum"},
        {"model": "forest", "side": "classical"},
    ]


def test_the_sides_send_their_winners_among_the_attacked():
    difference = found(cells())["difference"]  # 0 and 0.25, five times each
    assert difference["mean"] == pytest.approx(0.125)
    # sd 0.125 * sqrt(10 / 9), se 0.041667, and t(9) at 0.95 is 1.833113.
    assert difference["interval"] == pytest.approx([0.125 - 0.0763797, 0.125 + 0.0763797], abs=1e-5)
    assert (difference["quantum"], difference["classical"]) == pytest.approx((-0.25, -0.375))
    assert found([row for row in cells() if row["model"] != "mlp"])["difference"] is None


def test_a_failed_fit_has_lost_all_of_its_score():
    rows = cells()
    for row in rows:
        if (row["model"], row["replicate"]) == ("pqc", 0):
            row.update(status="failed", score=None, survival=None)
    attacked = found(rows)
    assert attacked["models"][0]["scores"] == pytest.approx([0.77, 0.68, 0.59])  # chance, 0.5, once
    assert attacked["difference"]["quantum"] == pytest.approx((9 * -0.25 - 1) / 10)


def test_a_study_that_asks_and_finds_nobody_to_attack_says_so():
    rows = [{**row, "survival": None} for row in cells()]
    assert found(rows) is None
    attacked = found(rows, "pgd=0.1")
    assert attacked["models"] == []
    assert [row["model"] for row in attacked["not_assessed"]] == ["pqc", "kernel", "mlp", "forest"]


def test_an_attack_leaves_every_word_and_number_of_the_verdict():
    plain = [
        {**row, "survival": {k: v for k, v in (row["survival"] or {}).items() if not k.startswith("pgd=")} or None}
        for row in cells()
    ]
    assert judge(cells(), [MOONS], protocol()).to_dict() == judge(plain, [MOONS], protocol()).to_dict()


def test_a_name_that_is_no_attack_is_refused():
    with pytest.raises(SpecError, match=r"'pgd=x' is no attack; one is written as 'pgd=0\.1'"):
        epsilon_of("pgd=x")
    with pytest.raises(SpecError, match="'pgd=-1' is no attack"):
        epsilon_of("pgd=-1")
