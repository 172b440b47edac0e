"""Generation and optimisation as ordinary studies: planned, run, judged, reported."""

import json

import pytest

from qml.errors import SpecError
from qml.models import REQUIRED_POOLS
from qml.studies import Records, Study

GENERATION = {
    "axis": "generative",
    "tasks": ["born-strings"],
    "models": {
        "quantum": [{"name": "born-machine", "params": {"n_layers": 1, "max_iterations": 5}}],
        "twins": ["separable", "frozen", "matched", "surrogate"],
        "classical": ["uniform", "independent-bits", "histogram"],
    },
}
MAX_CUT = {
    "axis": "optimisation",
    "tasks": [{"name": "max-cut", "n_train": 4, "n_test": 3, "params": {"n_evaluations": 30}}],
    "models": {
        "quantum": [{"name": "qaoa-shared", "params": {"n_layers": 1, "n_random": 4, "max_iterations": 3}}],
        "twins": ["separable"],
        "classical": ["random-cuts", "local-search", "goemans-williamson"],
    },
}


def study(settings, **changes):
    given = {"name": "small", "replicates": 2, "budget": {"trials": 4, "inner_folds": 2}, **settings, **changes}
    return Study(**given)


@pytest.fixture(scope="module")
def generation(tmp_path_factory):
    return study(GENERATION).run(results=tmp_path_factory.mktemp("generation"), workers=1).folder


@pytest.fixture(scope="module")
def max_cut(tmp_path_factory):
    return study(MAX_CUT).run(results=tmp_path_factory.mktemp("max-cut"), workers=1).folder


def verdict_of(folder):
    (row,) = json.loads((folder / "verdict.json").read_text())["tasks"]
    return row


def cells_of(folder):
    with Records.open(folder) as records:
        return records.cells(), {key: records.predictions(key) for key in records.cells()["key"]}


@pytest.mark.slow
def test_a_generation_study_ends_in_a_verdict_on_total_variation(generation):
    row = verdict_of(generation)
    assert (row["metric"], row["margin"], row["engineered"]) == ("total-variation", 0.02, True)
    assert row["reason"].startswith("too few replicates")
    assert any("pool incomplete: the classical side lacks chow-liu" in flag for flag in row["flags"])
    assert -1 < row["quantum_score"] < 0
    assert row["chance"] == pytest.approx(-0.48, abs=0.05)
    applies = {twin["twin"]: twin["applies"] for twin in row["twins"]}
    assert applies == {"separable": True, "frozen": False, "matched": True, "surrogate": False}


@pytest.mark.slow
def test_the_score_is_that_of_the_recorded_probabilities(generation):
    cells, predictions = cells_of(generation)
    assert set(cells["status"]) == {"done"}
    for _, cell in cells.iterrows():
        table = predictions[cell["key"]]
        assert cell["score"] == pytest.approx(-(table["y_true"] - table["y_pred"]).abs().sum() / 2)
        assert cell["validation_score"] < 0  # a mean held-out log-likelihood
    uniform = cells[cells["model"] == "uniform"]
    assert uniform["validation_score"].tolist() == pytest.approx([-6 * 0.693147] * 2, rel=1e-5)


@pytest.mark.slow
def test_what_stands_beside_the_score_is_compared_too(generation, max_cut):
    beside = verdict_of(generation)["axes"]["generative"]["secondary"]
    assert list(beside) == ["MMD²", "held-out NLL"]
    assert all(len(numbers["interval"]) == 2 for numbers in beside.values())
    beside = verdict_of(max_cut)["axes"]["optimisation"]["secondary"]
    assert list(beside) == ["best of S", "graphs solved", "answers"]
    assert beside["answers"]["quantum"] == 30


@pytest.mark.slow
def test_an_optimisation_study_ends_in_a_verdict_on_cuts(max_cut):
    row = verdict_of(max_cut)
    assert (row["metric"], row["margin"]) == ("cut-quality", 0.01)
    assert 0.5 < row["chance"] < row["quantum_score"] < row["classical_score"] <= 1
    assert row["circuits"].startswith("The quantum winners have 8 wires")
    cells, _ = cells_of(max_cut)
    assert set(cells["status"]) == {"done"}


@pytest.mark.slow
def test_the_page_shows_the_axis_and_what_stands_beside_it(generation, max_cut):
    page = (generation / "report.html").read_text(encoding="utf-8")
    for wanted in ("Beside the score", "held-out NLL", "total variation", "born-machine-matched"):
        assert wanted in page, wanted
    page = (max_cut / "report.html").read_text(encoding="utf-8")
    for wanted in ("Beside the score", "best of S", "cut quality", "goemans-williamson"):
        assert wanted in page, wanted


@pytest.mark.parametrize(
    ("settings", "changes", "message"),
    [
        (
            GENERATION,
            {"axis": "generalisation"},
            r"claims about them rest on the axis generative; write axis: generative",
        ),
        (MAX_CUT, {"axis": "generative"}, r"claims about them rest on the axis optimisation; write axis: optimisation"),
        (
            GENERATION,
            {"tasks": ["two-moons"], "models": {"quantum": ["iqp-kernel"]}},
            r"the axis generative is for generation tasks; the study's tasks are classification",
        ),
        (
            GENERATION,
            {"tasks": [{"name": "born-strings", "n_test": 100}]},
            r"the test part of a generation task is every string of 6 bits; leave n_test at 64 \(got 100\)",
        ),
        (
            MAX_CUT,
            {"models": {**MAX_CUT["models"], "twins": ["frozen"]}},
            r"no frozen twin can be made of 'qaoa-shared'",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_the_mend(settings, changes, message):
    with pytest.raises(SpecError, match=message):
        study(settings, **changes).plan()


def test_the_pool_is_that_of_the_problem():
    planned = study(GENERATION, models={"quantum": ["born-machine"]}, budget={"trials": 7, "inner_folds": 2}).plan()
    assert planned.protocol["required_pool"] == list(REQUIRED_POOLS["generation"])
    assert {cell.model for cell in planned.cells if cell.side == "classical"} == set(REQUIRED_POOLS["generation"])
