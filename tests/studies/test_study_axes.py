"""Axes from a study file to the verdict: which studies are refused, what the plan holds, and one run of each kind."""

from pathlib import Path

import pytest

from qml.errors import SpecError
from qml.studies.cell import run_cell
from qml.studies.document import Document
from qml.studies.outcome import judge_records
from qml.studies.plan import make_plan
from qml.studies.records import Records
from qml.studies.spec import check_spec

STUDY = {
    "name": "mini",
    "tasks": [{"name": "two-moons", "n_test": 200}],
    "models": {"quantum": ["iqp-kernel"], "classical": ["logistic"]},
    "replicates": 2,
    "budget": {"trials": 1, "inner_folds": 2},
}
SAMPLES = {"axis": "sample-efficiency", "target": 0.8, "train_sizes": [16, 32]}


def plan(**changes):
    document = Document({**STUDY, **changes})
    return make_plan(check_spec(document), document)


def run(folder: Path, **changes):
    planned = plan(**changes)
    records = Records.create(
        folder, spec=STUDY, spec_hash="x", cells=planned.cells, tasks=planned.tasks, protocol=planned.protocol,
        provenance={},
    )  # fmt: skip
    with records:
        for cell in planned.cells:
            record = run_cell(cell)
            assert record.error is None
            records.add(record)
        return judge_records(records), records.cells()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"axis": "sample-eficiency"}, "no axis 'sample-eficiency'. Did you mean 'sample-efficiency'"),
        ({"axis": "parameter-efficiency"}, "no claim can rest on parameter-efficiency: .*Pareto front"),
        ({"axis": "hardware-time"}, "no claim can rest on hardware-time"),
        ({**SAMPLES, "target": None}, "the axis sample-efficiency needs a target"),
        ({"target": 0.8}, "the axis generalisation has no target; leave it out"),
        ({**SAMPLES, "train_sizes": [32]}, r"needs train_sizes: at least 2 different numbers.*got \[32\]"),
        ({**SAMPLES, "train_sizes": [32, 16]}, "increasing"),
        ({"train_sizes": [16, 32]}, "train_sizes belongs to the axis sample-efficiency; this study has generalisation"),
        ({**SAMPLES, "copies": [2, 4]}, "copies belongs to the axis copies"),
        ({**SAMPLES, "tasks": ["breast-cancer"]}, "one finite data set"),
        ({**SAMPLES, "tasks": [{"name": "two-moons", "n_train": 40}]}, "leave out n_train"),
        ({"axis": "copies", "target": 0.8, "copies": [2, 4]}, "'two-moons' has no copies"),
        (
            {"axis": "steps-to-target", "target": 0.3, "looks": [10, 20], "replicates": 20},
            "looks are not for the axis steps-to-target",
        ),
        ({"axis": "robustness"}, "needs scores under noise: write survival: true"),
        ({"axis": "robustness", "survival": {"depolarizing": [0.01]}}, "at least 2 strengths"),
    ],
)
def test_a_study_that_cannot_be_judged_so_is_refused(changes, message):
    with pytest.raises(SpecError, match=message):
        plan(**changes)


def test_every_size_has_its_cells_and_the_curve_is_one_claim():
    planned = plan(**SAMPLES)
    assert [(cell.label, cell.n_train) for cell in planned.cells[::4]] == [("two-moons@16", 16), ("two-moons@32", 32)]
    assert len(planned.cells) == 2 * 2 * 2
    assert [(task["name"], task["curve"], task["cost"]) for task in planned.tasks] == [
        ("two-moons@16", "two-moons", 16.0),
        ("two-moons@32", "two-moons", 32.0),
    ]
    assert (planned.protocol["axis"], planned.protocol["target"]) == ("sample-efficiency", 0.8)
    assert "axis_margin" not in planned.tasks[0]
    assert plan(**SAMPLES, margin=0.5).tasks[0]["axis_margin"] == 0.5


def test_a_point_has_the_key_of_the_same_task_at_that_size():
    alone = plan(tasks=[{"name": "two-moons", "n_train": 32, "n_test": 200}])
    assert {cell.key for cell in plan(**SAMPLES).cells if cell.n_train == 32} == {cell.key for cell in alone.cells}
    cell = plan(**SAMPLES).cells[0]
    assert type(cell).from_dict(cell.to_dict()) == cell


def test_what_is_unset_changes_no_older_hash():
    plainly, said = check_spec(Document(STUDY)), check_spec(Document({**STUDY, "axis": "generalisation"}))
    assert plainly.hash == said.hash
    assert plainly.hash != check_spec(Document({**STUDY, "survival": True})).hash
    assert plainly.hash != check_spec(Document({**STUDY, **SAMPLES})).hash


def test_a_learning_curve_from_study_to_verdict(tmp_path):
    verdict, cells = run(tmp_path, **SAMPLES)
    assert sorted(set(cells["task"])) == ["two-moons@16", "two-moons@32"]
    (row,) = verdict["tasks"]
    assert (row["task"], row["metric"], row["n_replicates"]) == ("two-moons", "sample-efficiency", 2)
    details = row["axes"]["sample-efficiency"]
    assert details["costs"] == [16.0, 32.0]
    done = cells[(cells["model"] == "iqp-kernel") & (cells["task"] == "two-moons@32")]
    assert details["quantum"]["curve"][1] == pytest.approx(done["score"].mean())
    assert row["reason"].startswith("pool incomplete")
    assert verdict["protocol"]["axis"] == "sample-efficiency"


def test_copies_of_a_state_are_a_curve_too(tmp_path):
    verdict, cells = run(
        tmp_path,
        tasks=[{"name": "purity", "n_train": 60, "n_test": 100}],
        models={"quantum": ["swap-test"], "classical": ["logistic"]},
        axis="copies",
        target=0.8,
        copies=[4, 8],
    )
    assert sorted(set(cells["task"])) == ["purity@4", "purity@8"]
    assert verdict["tasks"][0]["axes"]["copies"]["costs"] == [4.0, 8.0]


def test_steps_come_from_the_histories(tmp_path):
    fast = [{"name": name, "params": {"max_epochs": 5}} for name in ("dressed", "mlp")]
    verdict, cells = run(
        tmp_path,
        tasks=[{"name": "two-moons", "n_train": 64, "n_test": 100}],
        models={"quantum": [fast[0]], "classical": [fast[1], "logistic"]},
        budget={"trials": 2, "inner_folds": 2},
        axis="steps-to-target",
        target=10.0,
    )
    details = verdict["tasks"][0]["axes"]["steps-to-target"]
    per_epoch = cells[cells["model"] == "dressed"]["axis"].iloc[0]["steps_per_epoch"]
    assert per_epoch == 2  # 64 rows in batches of 32
    assert details["quantum"]["needed"] == [2.0, 2.0]  # any loss is below 10 after one epoch
    assert verdict["tasks"][0]["classical_winners"] == {"mlp": 2}


def test_robustness_is_judged_from_survival(tmp_path):
    verdict, _ = run(
        tmp_path,
        tasks=[{"name": "ad-hoc", "n_train": 40, "n_test": 100}],
        axis="robustness",
        survival={"shots": [1000], "depolarizing": [0.0, 0.05]},
    )
    row = verdict["tasks"][0]
    assert row["quantum_score"] < 0.05
    assert row["classical_scores"] == [0.0, 0.0]


def test_what_stands_beside_the_verdict_is_in_it(tmp_path):
    fast = {"name": "reuploading", "params": {"max_epochs": 2, "n_layers": 1, "validation_fraction": 0.0}}
    verdict, _ = run(
        tmp_path,
        tasks=[{"name": "two-moons", "n_train": 32, "n_test": 60}],
        models={"quantum": [fast, "iqp-kernel"], "classical": ["logistic", "knn"]},
        budget={"trials": 2, "inner_folds": 2},
    )
    (entry,) = verdict["secondary"]
    counted = {row["model"]: row["parameters"] for row in entry["parameter_efficiency"]["models"]}
    assert counted == {"reuploading": 11.0}  # 6 angles, 2 scalings, and a head of 2 weights and a bias
    assert {row["model"] for row in entry["parameter_efficiency"]["not_counted"]} == {"iqp-kernel", "logistic", "knn"}
    rows = {row["model"]: row for row in entry["hardware_time"]["models"]}
    assert rows["iqp-kernel"]["n_circuits"] == 32 * 31 / 2
    assert rows["reuploading"]["n_circuits"] == 2 * 8 * 2 * 32
    assert rows["reuploading"]["shots_assumed"]
