"""Tags and kernels of the fitted circuits, in the verdict."""

import pytest

from qml.advantage import judge
from qml.errors import SpecError

KINDS = ("separable", "frozen", "matched", "surrogate")


def won_by_iqp(bench, **of_iqp):
    """An advantage at L2 whose quantum winner is always iqp; ``of_iqp`` by key: a value, or one a replicate."""
    cells = bench.study(0.9, 0.8) + [cell for kind in KINDS for cell in bench.twin(kind, 0.6)]
    found = []
    for cell in cells:
        if cell["model"] == "iqp":
            own = {key: value[cell["replicate"]] if key == "tags" else value for key, value in of_iqp.items()}
            found.append({**cell, "validation_score": 2.0, **own})
        else:
            found.append(cell)
    return judge(found, [bench.task()], bench.protocol).tasks[0]


def test_without_tags_l3_is_not_assessed(bench):
    assert "L3 (cheap simulation) and L4" in won_by_iqp(bench).level_note
    assert won_by_iqp(bench, tags=[[]] * 9 + [None]).level == "L2"
    assert "L3 (cheap simulation) and L4" in won_by_iqp(bench, tags=[[]] * 9 + [None]).level_note


def test_a_tag_of_any_winner_stands_against_l3(bench):
    row = won_by_iqp(bench, tags=[[]] * 8 + [["light-cone"], None])
    assert row.level == "L2"
    assert "Not L3: it can be simulated cheaply (light-cone)." in row.level_note


def test_no_tag_in_any_replicate_is_l3(bench):
    row = won_by_iqp(bench, tags=[[]] * 10)
    assert row.level == "L3"
    assert "says nothing about larger ones" in row.level_note


def test_tags_of_a_model_that_did_not_win_do_not_count(bench):
    row = won_by_iqp(bench, tags=[[]] * 10)
    cells = bench.study(0.9, 0.8)
    assert row.quantum_winners == {"iqp": 10}
    assert {cell["model"] for cell in cells if cell["side"] == "quantum"} > {"iqp"}


def test_kernels_are_flagged(bench):
    kernel = {"concentrated": True, "shots": 1000, "bandwidth_tuned": False}
    flags = won_by_iqp(bench, circuit={"kernel": kernel}).flags
    assert "iqp: kernel concentrated in 10 of 10 fits: its entries differ by less than 1000 shots resolve" in flags
    assert "iqp: kernel bandwidth untuned" in flags
    sound = {"concentrated": False, "shots": 1000, "bandwidth_tuned": True}
    assert not [flag for flag in won_by_iqp(bench, circuit={"kernel": sound}).flags if "kernel" in flag]


def test_tags_that_are_no_list_are_told(bench):
    with pytest.raises(SpecError, match=r"tags must be a list of names or None; got 'l'"):
        won_by_iqp(bench, tags=["light-cone"[0]] * 10)


def test_wires_depth_shots_and_noise_are_printed(bench):
    exact = {"n_wires": 4, "depth": 6, "shots": None, "noise": False}
    row = won_by_iqp(bench, circuit=exact)
    assert row.circuits == "The quantum winners have 4 wires and depth 6; no shots, no noise"
    noisy = {"n_wires": 4, "depth": 6, "shots": 100, "noise": True}
    assert won_by_iqp(bench, circuit=noisy).circuits.endswith("; 100 shots, noise")
    assert won_by_iqp(bench).circuits == ""
