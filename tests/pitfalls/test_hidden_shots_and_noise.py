"""Noise-free, shot-free simulation, hidden: a verdict says wires, depth, shots and noise of its circuits."""

from typing import Any

import pytest
from score_tables import POOL, judged, rows_of

from qml.reports.table import verdict_rows
from qml.studies.tables import verdict_lines

EXACT = {"n_wires": 4, "n_gates": 30, "depth": 9, "shots": None, "noise": False}
CLASSICAL = [rows_of(model, "classical", 0.8) for model in POOL]


@pytest.mark.parametrize(
    ("circuit", "said"),
    [
        (EXACT, "The quantum winners have 4 wires and depth 9; no shots, no noise."),
        ({**EXACT, "shots": 1000}, "The quantum winners have 4 wires and depth 9; 1000 shots, no noise."),
        ({**EXACT, "noise": True}, "The quantum winners have 4 wires and depth 9; no shots, noise."),
    ],
)
def test_terminal_and_report_say_what_was_run(circuit: dict[str, Any], said: str) -> None:
    row = judged(rows_of("reuploading", "quantum", 0.95, circuit=circuit), *CLASSICAL)
    assert said in verdict_lines({"tasks": [row]})[0]
    assert said in verdict_rows({"tasks": [row]})[0].note


def test_one_fit_that_differs_is_not_hidden_behind_the_others() -> None:
    quantum = rows_of("reuploading", "quantum", 0.95, circuit=EXACT)
    quantum[3]["circuit"] = {**EXACT, "depth": 30, "noise": True}
    assert judged(quantum, *CLASSICAL)["circuits"].endswith("4 wires and depth 9 to 30; no shots, noise")
