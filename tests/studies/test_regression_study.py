"""Regression from a study file to its verdict and report, with models that are quick to fit."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qml import tasks
from qml.errors import SpecError
from qml.models import REQUIRED_POOLS
from qml.studies import Records, Study
from qml.studies.cell import run_cell
from qml.studies.pilot import pilot_lines

SERIES = {"name": "fourier-regression", "n_train": 40, "n_test": 200}
NOISE = {"name": "noise-regression", "n_train": 40, "n_test": 300}


def study(**changes: Any) -> Study:
    spec = {
        "name": "r",
        "tasks": [SERIES],
        "models": {"quantum": ["iqp-kernel-ridge"], "classical": ["pool"]},
        "replicates": 10,
        "budget": {"trials": 2, "inner_folds": 2},
    }
    return Study(**{**spec, **changes})


@pytest.fixture
def small_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(REQUIRED_POOLS, "regression", ("dummy-regressor", "fourier-ridge"))


def test_the_plan_has_the_pool_margin_and_chance_of_regression() -> None:
    plan = study(budget={"trials": 17}).plan()
    (task,) = plan.tasks
    assert plan.protocol["required_pool"] == list(REQUIRED_POOLS["regression"])
    assert (task["metric"], task["margin"]) == ("negative-log-rmse", math.log(1.05))
    assert task["chance"] == tasks.chance_level(replace(tasks.get("fourier-regression"), n_train=40, n_test=200))
    assert {cell.model for cell in plan.cells if cell.side == "classical"} == set(REQUIRED_POOLS["regression"])


def test_a_study_is_judged_where_somebody_learns_and_not_where_nobody_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inline: list[str], small_pool: None
) -> None:
    monkeypatch.chdir(tmp_path)
    result = study(tasks=[SERIES, NOISE]).run(progress=False)
    series, noise = result.verdict["tasks"]
    assert (series["label"], series["level"]) == ("DISADVANTAGE", "L0")  # the surrogate has the right spectrum
    assert series["p_disadvantage"] > 0.95
    assert series["classical_score"] > series["chance"] + math.log(1.05)
    assert noise["label"] == "INCONCLUSIVE"
    assert "not learned: neither side beats chance + margin (" in noise["reason"]
    assert noise["null"]
    with Records.open(tmp_path / "results" / "r" / "records.sqlite") as records:
        cells = records.cells()
        assert set(cells["status"]) == {"done"}
        assert records.predictions(cells["key"][0])["y_true"].dtype == float
    page = Path(result.report).read_text()
    assert "−ln RMSE" in page
    assert "noise-regression" in page


def test_a_pilot_looks_for_a_difference_beyond_the_margin_of_the_metric(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inline: list[str], small_pool: None
) -> None:
    monkeypatch.chdir(tmp_path)
    found = study().pilot(progress=False)
    assert found.proposals["fourier-regression"].true_difference == 2.5 * math.log(1.05)
    assert "replicates show a difference of 0.122" in "\n".join(pilot_lines(found))


def test_looks_and_other_axes_are_planned() -> None:
    looking = study(replicates=20, looks=[10, 20], budget={"trials": 17}).plan()
    assert looking.protocol["looks"] == [10, 20]
    curve = study(
        tasks=["friedman-1"], axis="sample-efficiency", target=-1.0, train_sizes=[20, 40], budget={"trials": 17}
    ).plan()
    assert [task["cost"] for task in curve.tasks] == [20.0, 40.0]
    assert [task["chance"] for task in curve.tasks] == sorted(task["chance"] for task in curve.tasks)


def test_a_fitted_kernel_is_scored_again_under_shots() -> None:
    plan = study(survival={"shots": [10_000], "depolarizing": [0]}, budget={"trials": 17}, replicates=1).plan()
    cell = next(cell for cell in plan.cells if cell.model == "iqp-kernel-ridge")
    record = run_cell(cell)
    assert (record.status, record.error) == ("done", None)
    assert set(record.survival or {}) == {"shots=10000,p=0"}
    assert (record.circuit or {})["kernel"]["bandwidth_tuned"]


def test_every_twin_of_a_regressor_is_planned_and_one_runs() -> None:
    kinds = ["separable", "frozen", "matched", "surrogate"]
    names = ["reuploading-regressor", "dressed-regressor", "iqp-kernel-ridge"]
    plan = study(
        tasks=[{"name": "fourier-regression", "n_train": 30, "n_test": 50}],
        models={"quantum": names, "twins": kinds, "classical": ["pool"]},
        replicates=1,
        budget={"trials": 17},
    ).plan()
    made = {(cell.twin, cell.twin_of) for cell in plan.cells if cell.side == "twin"}
    assert made == {(kind, name) for kind in kinds for name in names} - {("frozen", "iqp-kernel-ridge")}
    twin = next(cell for cell in plan.cells if cell.model == "iqp-kernel-ridge~surrogate")
    assert run_cell(twin).status == "done"


def test_a_metric_of_another_problem_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = replace(tasks.get("friedman-1"), metric="balanced-accuracy")
    monkeypatch.setitem(tasks.TASKS._entries, "friedman-1", wrong)
    with pytest.raises(SpecError) as error:
        study(tasks=["friedman-1"]).plan()
    assert (
        "tasks[0].name: 'friedman-1' is a regression task, and its metric 'balanced-accuracy' scores classification. "
        "Choices: negative-log-rmse."
    ) in str(error.value)
