from dataclasses import replace
from pathlib import Path

import pytest

from qml import tasks
from qml.errors import SpecError
from qml.models import REQUIRED_POOL
from qml.studies import Study
from qml.studies.cell import entries
from qml.studies.estimate import duration, estimate

QUANTUM = {"quantum": ["reuploading", {"name": "iqp-kernel"}], "twins": ["separable"]}


COPIES = {"quantum": ["swap-test"], "classical": ["logistic"]}


def study(**changes: object) -> Study:
    spec: dict[str, object] = {
        "name": "s",
        "tasks": ["two-moons", "ad-hoc"],
        "models": QUANTUM,
        "budget": {"trials": 20},
    }
    return Study(**{**spec, **changes})


def test_cells_are_tasks_times_replicates_times_models() -> None:
    plan = study(replicates=4).plan()
    models = [cell.model for cell in plan.cells if cell.task == "ad-hoc" and cell.replicate == 3]
    assert models == ["reuploading", "iqp-kernel", "reuploading-separable", "iqp-kernel-separable", *REQUIRED_POOL]
    assert len(plan.cells) == 2 * 4 * len(models)
    assert len({cell.key for cell in plan.cells}) == len(plan.cells)


def test_each_side_shares_one_budget() -> None:
    budgets = study().plan().budgets()["two-moons"]
    assert {side: sum(models.values()) for side, models in budgets.items()} == {
        "quantum": 20,
        "twin: separable": 20,
        "classical": 20,
    }
    assert budgets["classical"]["dummy"] == 1
    assert budgets["quantum"] == {"reuploading": 10, "iqp-kernel": 10}


def test_models_of_a_replicate_share_data_and_differ_in_their_own_seed() -> None:
    cells = [cell for cell in study().plan().cells if (cell.task, cell.replicate) == ("two-moons", 0)]
    assert len({cell.data_seed for cell in cells}) == 1
    assert len({cell.model_seed for cell in cells}) == len(cells)


def test_data_do_not_depend_on_the_models_or_the_budget() -> None:
    one = study().plan().cells[0]
    other = study(models={"quantum": ["iqp-kernel"]}, budget={"trials": 30, "inner_folds": 3}).plan().cells[0]
    assert one.data_seed == other.data_seed
    assert study(seed=1).plan().cells[0].data_seed != one.data_seed


@pytest.mark.parametrize(("pooled", "place"), [(False, ("twin", "generator")), (True, ("classical", None))])
def test_the_solver_that_a_task_names_is_in_the_study(monkeypatch, pooled: bool, place: tuple[str, str | None]) -> None:
    moons = tasks.get("two-moons")
    monkeypatch.setitem(tasks.TASKS._entries, "two-moons", replace(moons, solver="knn", solver_pooled=pooled))
    few = study(models={"quantum": ["reuploading"], "classical": ["dummy", "logistic"]}, replicates=1)
    players = {cell.model: cell for cell in few.plan().cells if cell.task == "two-moons"}
    assert (players["knn"].side, players["knn"].twin) == place
    assert "knn" not in {cell.model for cell in few.plan().cells if cell.task == "ad-hoc"}
    listed = study(models={"quantum": ["reuploading"], "classical": ["dummy", "knn"]}, replicates=1).plan()
    assert [cell.side for cell in listed.cells if (cell.task, cell.model) == ("two-moons", "knn")] == ["classical"]


def test_fixed_parameters_are_no_longer_tuned_and_go_to_the_twin() -> None:
    entry = {"name": "reuploading", "params": {"max_epochs": 7}}
    plan = study(models={"quantum": [entry], "twins": ["separable"], "classical": ["dummy"]}).plan()
    assert [dict(cell.params) for cell in plan.cells[:3]] == [{"max_epochs": 7}, {"max_epochs": 7}, {}]
    assert plan.cells[0].key != study(models={"quantum": ["reuploading"]}).plan().cells[0].key


def test_a_listed_member_replaces_the_pools() -> None:
    entry = {"name": "mlp", "params": {"max_epochs": 5}}
    plan = study(models={"quantum": ["reuploading"], "classical": ["pool", entry]}, replicates=1).plan()
    classical = [cell for cell in plan.cells if cell.task == "two-moons" and cell.side == "classical"]
    assert sorted(cell.model for cell in classical) == sorted(REQUIRED_POOL)
    assert [dict(cell.params) for cell in classical if cell.model == "mlp"] == [{"max_epochs": 5}]


def test_settings_of_a_task_come_from_the_study_the_task_and_its_metric() -> None:
    plan = study(tasks=["two-moons", {"name": "ad-hoc", "n_train": 60, "margin": 0.1}], margin=0.05).plan()
    moons, ad_hoc = plan.tasks
    assert (moons["margin"], ad_hoc["margin"]) == (0.05, 0.1)
    assert ad_hoc["engineered"]
    assert ad_hoc["test_fraction"] == pytest.approx(1000 / 1060)
    assert {cell.n_train for cell in plan.cells if cell.task == "ad-hoc"} == {60}
    assert study().plan().tasks[0]["margin"] == 0.02


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tasks": ["two-moon"]}, "tasks[0].name: unknown task 'two-moon'. Did you mean 'two-moons'?"),
        ({"models": {"quantum": ["reuploadin"]}}, "models.quantum[0].name: unknown model 'reuploadin'. Did you mean"),
        ({"models": {"quantum": ["mlp"]}}, "'mlp' is a classical model, it cannot stand on the quantum side."),
        ({"models": {"quantum": ["reuploading"], "classical": ["iqp-kernel"]}}, "cannot stand on the classical side."),
        (
            {"models": {"quantum": [{"name": "reuploading", "params": {"max_epoch": 5}}]}},
            "[0].params.max_epoch: 'reuploading' has no parameter 'max_epoch'. Did you mean 'max_epochs'?",
        ),
        (
            {"models": {"quantum": [{"name": "reuploading", "params": {"features": "sincoss"}}]}},
            "'reuploading' cannot have features='sincoss' on 'two-moons'. Did you mean 'sincos'?",
        ),
        (
            {"models": {"quantum": ["reuploading"], "classical": [{"name": "pool", "params": {"C": 1}}]}},
            "takes no params",
        ),
        ({"budget": {"trials": 9}}, "budget.trials: trials must be at least the number of models of a side, 10"),
        (
            {"tasks": [{"name": "breast-cancer", "n_train": 560}]},
            "tasks[0]: task 'breast-cancer' is resampled from 569",
        ),
        ({"plugins": ["no_such_module_x"]}, "plugins: the module 'no_such_module_x' cannot be imported"),
    ],
)
def test_a_wrong_name_is_told_with_its_place(changes: dict[str, object], message: str) -> None:
    with pytest.raises(SpecError) as error:
        study(**changes).plan()
    assert message in str(error.value)


def test_every_kind_of_twin_of_every_shipped_model_is_planned() -> None:
    quantum = ["reuploading", "dressed", "iqp-kernel"]
    kinds = ["separable", "frozen", "matched", "surrogate"]
    plan = study(tasks=["ad-hoc"], models={"quantum": quantum, "twins": kinds}, replicates=1).plan()
    made = {(cell.twin, cell.twin_of): cell.model for cell in plan.cells if cell.side == "twin"}
    assert set(made) == {(kind, name) for kind in kinds for name in quantum} - {("frozen", "iqp-kernel")}
    assert made["separable", "dressed"] == "dressed-separable"  # the registered one
    assert made["frozen", "dressed"] == "dressed~frozen"
    assert plan.protocol["not_applicable"] == {"frozen": ["iqp-kernel"]}
    assert {sum(models.values()) for models in plan.budgets()["ad-hoc"].values()} == {20}


def test_a_model_of_which_no_twin_can_be_made_is_named(study_file: Path) -> None:
    study_file.write_text(study_file.read_text().replace("twins: [separable]", "twins: [frozen]"))
    with pytest.raises(
        SpecError, match=r"mini\.yaml:7: no frozen twin can be made of 'toy': its estimator .* twin_of='toy'"
    ):
        Study.from_yaml(study_file).plan()


def test_a_wrong_name_in_a_file_is_told_with_its_line(study_file: Path) -> None:
    study_file.write_text(study_file.read_text().replace("knn]", "knnn]"))
    with pytest.raises(SpecError, match=r"mini\.yaml:8: unknown model 'knnn'\. Did you mean 'knn'\?"):
        Study.from_yaml(study_file).plan()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "classical: [dummy, knn]",
            "classical: [ridge]",
            "mini.yaml:8: 'ridge' is a regression model, and the study's tasks are classification. "
            "Models that fit on the classical side: dummy, ",
        ),
        (
            "  - {name: two-moons, n_train: 40, n_test: 200}",
            "  - friedman-1",
            "mini.yaml:6: 'toy' is a classification model, and the study's tasks are regression. "
            "Models that fit on the quantum side: dressed-regressor, iqp-kernel-ridge, reuploading-regressor.",
        ),
        (
            "  - {name: two-moons, n_train: 40, n_test: 200}",
            "  - two-moons\n  - friedman-1",
            "mini.yaml:5: 'friedman-1' is a regression task and 'two-moons' a classification task; a study has one "
            "kind of problem. Make a study of each.",
        ),
    ],
)
def test_models_and_tasks_of_different_problems_are_refused(study_file: Path, old: str, new: str, message: str) -> None:
    study_file.write_text(study_file.read_text().replace(old, new))
    with pytest.raises(SpecError) as error:
        Study.from_yaml(study_file).plan()
    assert message in str(error.value)


def test_a_study_brings_its_own_models(study_file: Path) -> None:
    plan = Study.from_yaml(study_file).plan()
    assert [cell.model for cell in plan.cells[:4]] == ["toy", "toy-separable", "dummy", "knn"]
    assert plan.cells[0].plugins == ("qml_toys",)


def test_an_estimate_says_what_it_rests_on(tmp_path: Path) -> None:
    cells = study(replicates=1).plan().cells
    time = estimate(cells, workers=2, results=tmp_path)
    assert "from a table of seconds per fit measured on another machine" in time.basis
    assert time.seconds > estimate(cells, workers=8).seconds > 0


def test_durations_read_well() -> None:
    assert [duration(seconds) for seconds in (0, 59.4, 60, 3599, 3600)] == [
        "0 s",
        "59 s",
        "1 min 0 s",
        "59 min 59 s",
        "1 h 0 min",
    ]


def test_a_study_changes_the_settings_of_a_generator() -> None:
    plan = study(tasks=[{"name": "purity", "params": {"n_copies": 16}}], models=COPIES).plan()
    plain = study(tasks=["purity"], models=COPIES).plan()
    assert {cell.task_params["n_copies"] for cell in plan.cells} == {16}
    assert not {cell.key for cell in plan.cells} & {cell.key for cell in plain.cells}
    task, _ = entries(plan.cells[0])
    assert task.params == {"n_copies": 16}
    with pytest.raises(SpecError, match=r"has no parameter 'copies'\. Did you mean 'n_copies'"):
        study(tasks=[{"name": "purity", "params": {"copies": 16}}], models=COPIES).plan()


def test_a_quantum_record_is_no_feature_map_of_a_classical_model() -> None:
    models = {**COPIES, "classical": [{"name": "logistic", "params": {"features": "two-copy"}}]}
    with pytest.raises(SpecError, match="'logistic' cannot have features='two-copy' on 'purity'"):
        study(tasks=["purity"], models=models).plan()
    with pytest.raises(SpecError, match="'swap-test' cannot have features='two-copy' on 'two-moons'"):
        study(tasks=["two-moons"], models=COPIES).plan()
