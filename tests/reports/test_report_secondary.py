"""Parameters, projected hardware time and tags on the page: every number, and never a claim."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from qml.advantage.axes import HARDWARE
from qml.reports import ReportData, pareto, render, verdict_rows
from qml.reports.secondary import hardware_table, parameter_table, tag_table
from qml.studies.tables import verdict_table

TAG = {"name": "clifford-t", "applies": True, "value": 12.0, "sentence": "", "source": "Bravyi, Gosset 2016"}
OPEN = {"name": "pauli-propagation", "applies": None, "value": None, "sentence": "", "source": "Angrisani et al. 2024"}
EFFICIENCY = {
    "note": "",
    "models": [
        {"model": "line", "side": "classical", "parameters": 3.0, "fewest": 3, "most": 3, "score": 0.7, "fits": 2},
        {"model": "pqc", "side": "quantum", "parameters": 20.0, "fewest": 10, "most": 30, "score": 0.85, "fits": 2},
        {"model": "wide", "side": "classical", "parameters": 50.0, "fewest": 50, "most": 50, "score": 0.84, "fits": 2},
    ],
    "front": ["line", "pqc"],
    "fronts": {"quantum": ["pqc"], "classical": ["line", "wide"]},
    "not_counted": [{"model": "forest", "side": "classical", "score": 0.9, "fits": 2}],
    "target": 0.84,
    "smallest": {"quantum": 20.0, "classical": 50.0},
}
TIMES = {
    "note": "a projection, not a claim",
    "assumptions": ["the last fit only"],
    "parallel": 1,
    "hardware": [
        {"name": m.name, "t_reset": m.t_reset, "t_gate": m.t_gate, "t_meas": m.t_meas, "source": m.source}
        for m in HARDWARE
    ],
    "models": [
        {"model": "iqp", "kind": "kernel", "fits": 2, "n_circuits": 4950.0, "depth": 20.0, "shots": 1000.0,
         "shots_assumed": True, "projected_seconds": {"superconducting": 6.633, "trapped ions": 21829.5}},
    ],
    "not_projected": [{"model": "swap-test", "reason": "no circuit was looked at"}],
}  # fmt: skip


ATTACKED = {
    "note": "",
    "epsilons": [0.0, 0.1],
    "models": [{"model": "pqc", "side": "quantum", "scores": [0.9, 0.45], "relative_change": -0.5, "fits": 2}],
    "not_assessed": [{"model": "forest", "side": "classical"}],
    "difference": {"mean": 0.125, "interval": [0.05, 0.2], "quantum": -0.5, "classical": -0.625},
}


@pytest.fixture
def data(make_data) -> ReportData:
    made = make_data(tasks=("two-moons",), replicates=3, histories=False)
    circuits = [{"tags": [TAG, OPEN]} if side == "quantum" else None for side in made.cells["side"]]
    entry = {"task": "two-moons", "at": "two-moons", "parameter_efficiency": EFFICIENCY, "hardware_time": TIMES,
             "adversarial": ATTACKED}  # fmt: skip
    return replace(made, cells=made.cells.assign(circuit=circuits), verdict={**made.verdict, "secondary": [entry]})


def test_the_page_shows_what_stands_beside_the_verdict(data):
    html = render(data)
    for wanted in (
        "20 (10 to 30)",
        "of the classical side",
        "Fewest parameters that reach 0.84: quantum 20 parameters; classical 50 parameters.",
        "Not counted, with their mean scores: forest (0.900).",
        "Secondary, and never a claim",
        "A projection, not a claim",
        "1\u202f000 (assumed)",
        '<td class="n">6.63 s</td><td class="n">6.06 h</td>',
        "Not projected: swap-test: no circuit was looked at.",
        "Superconducting: reset 160 ns, gate 34 ns, measurement 500 ns (Google Quantum AI 2023",
        "in 3 of 3 fits",
        "at most 40",
        "Bravyi, Gosset 2016",
        "Angrisani et al. 2024",
        'href="#term-hardware-time"',
        'href="#term-adversarial"',
        '<td class="n">0.900</td><td class="n">0.450</td><td class="n">−0.500</td>',
        "among the models that could be attacked: +0.125 (+0.050 to +0.200), 90 % interval.",
        "Not assessed, having no gradients for their inputs: forest.",
        'href="#term-parameter-efficiency"',
        '<a class="term" href="#term-tags">clifford-t</a>',
    ):
        assert wanted in html, wanted


def test_a_verdict_of_an_older_version_has_a_page_too(make_data):
    html = render(make_data(tasks=("two-moons",), replicates=2, histories=False))
    assert "Parameter efficiency</h3>" not in html
    assert "projected</h3>" not in html


COMMITTED = Path(__file__).parents[2] / "results" / "quickstart" / "verdict.json"


@pytest.mark.skipif(not COMMITTED.exists(), reason="the quickstart was not run")
def test_the_committed_verdict_can_be_read(make_data):
    verdict = json.loads(COMMITTED.read_text(encoding="utf-8"))
    older = {name: part for name, part in verdict.items() if name != "secondary"}
    for known in (verdict, older):
        made = replace(make_data(replicates=2, histories=False), verdict=known)
        html = render(made)
        assert [row.verdict for row in verdict_rows(known)] == [
            f"{row['label']} ({row['level']})" for row in known["tasks"]
        ]
        assert all(f"{row['label']} ({row['level']})" in html for row in known["tasks"])
        assert verdict_table(known).row_count == len(known["tasks"])


def test_tags_are_counted_over_fits():
    tags = [{**TAG, "value": 8.0}, {**TAG, "value": 50.0, "applies": False}, {**TAG, "value": None, "applies": None}]
    cells = pd.DataFrame(
        [{"model": "pqc", "side": "quantum", "circuit": {"tags": [tag]}} for tag in tags]
        + [{"model": "pqc", "side": "quantum", "circuit": None}, {"model": "svm", "side": "classical", "circuit": None}]
    )
    (row,) = tag_table(cells)
    assert (row["applies"], row["number"]) == ("in 1 of 2 fits; open in 1", "29 (8 to 50)")
    (row,) = tag_table(pd.DataFrame([{"model": "pqc", "side": "quantum", "circuit": {"tags": [OPEN]}}]))
    assert (row["applies"], row["number"]) == ("open", "–")
    assert tag_table(cells.drop(columns="circuit")) == []


def test_there_is_no_table_of_nothing():
    assert parameter_table(None) is None
    assert parameter_table({"models": [], "not_counted": []}) is None
    assert hardware_table(None) is None
    assert hardware_table({"models": [], "not_projected": []}) is None


def test_the_front_is_drawn_by_parameters():
    spec = pareto(EFFICIENCY, metric="accuracy").to_dict()
    line, points, _ = spec["layer"]
    assert [row["model"] for row in spec["datasets"][line["data"]["name"]]] == ["line", "pqc"]
    assert len(spec["datasets"][points["data"]["name"]]) == 3
    assert points["encoding"]["x"]["scale"]["type"] == "log"
    assert spec["description"].endswith("On the front: line, pqc.")


def test_a_model_without_any_parameter_can_be_drawn():
    row = {**EFFICIENCY["models"][0], "parameters": 0.0}
    spec = pareto({"models": [row], "front": ["line"]}).to_dict()
    assert spec["layer"][1]["encoding"]["x"]["scale"]["type"] == "symlog"
