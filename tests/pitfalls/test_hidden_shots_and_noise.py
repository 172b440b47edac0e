"""Noise-free and shot-free simulation, hidden: every verdict says wires, depth, shots and noise of its circuits."""

from typing import Any

import pytest
from score_tables import POOL, judged, rows_of

from qml.reports.table import verdict_rows
from qml.studies.tables import verdict_lines

EXACT = {"n_wires": 4, "n_gates": 30, "depth": 9, "shots": None, "noise": False}


def verdict_with(circuit: dict[str, Any] | None) -> dict[str, Any]:
    quantum = rows_of("reuploading", "quantum", 0.95, circuit=circuit)
    return judged(quantum, *(rows_of(model, "classical", 0.8) for model in POOL))


@pytest.mark.parametrize(
    ("circuit", "said"),
    [
        (EXACT, "reuploading: 4 wires, depth 9, exact values (no shots), no noise"),
        ({**EXACT, "shots": 1000}, "reuploading: 4 wires, depth 9, 1000 shots, no noise"),
        ({**EXACT, "noise": True}, "reuploading: 4 wires, depth 9, exact values (no shots), under noise"),
        (None, "reuploading: no circuit recorded"),
    ],
)
def test_the_terminal_says_what_was_run(circuit: dict[str, Any] | None, said: str) -> None:
    row = verdict_with(circuit)
    assert f"Circuit of {said}." in verdict_lines({"tasks": [row]})
    assert verdict_rows({"tasks": [row]})


def test_circuits_that_differ_between_fits_are_given_as_a_range() -> None:
    quantum = rows_of("reuploading", "quantum", 0.95, circuit=EXACT)
    quantum[3]["circuit"] = {**EXACT, "depth": 30, "shots": 100}
    (row,) = judged(quantum, *(rows_of(model, "classical", 0.8) for model in POOL))["circuits"]
    assert row == {
        "model": "reuploading",
        "n_fits": 20,
        "wires": [4, 4],
        "depth": [9, 30],
        "shots": [100],
        "noise": False,
    }
