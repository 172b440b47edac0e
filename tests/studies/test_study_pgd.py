"""Attacks from a study file to the verdict: no key and no score moves, and a radius of nothing changes nothing."""

import numpy as np
import pytest

from qml.errors import SpecError
from qml.models import get
from qml.models.adversarial import attacked
from qml.studies.cell import run_cell
from qml.studies.document import Document
from qml.studies.outcome import judge_records
from qml.studies.plan import make_plan
from qml.studies.records import Records
from qml.studies.spec import check_spec
from qml.studies.survival import under_attack

FAST = {"max_epochs": 3}
STUDY = {
    "name": "mini",
    "tasks": [{"name": "two-moons", "n_train": 40, "n_test": 60}],
    "models": {
        "quantum": [{"name": "reuploading", "params": FAST}, "iqp-kernel"],
        "classical": [{"name": "mlp", "params": FAST}, "knn"],
        "twins": ["separable"],
    },
    "replicates": 2,
    "budget": {"trials": 2, "inner_folds": 2},
}


def plan(**changes):
    document = Document({**STUDY, **changes})
    return make_plan(check_spec(document), document)


def test_both_sides_are_attacked_and_twins_are_not():
    cells = plan(pgd=[0.1, 0.3]).cells
    assert {cell.survival for cell in cells if cell.side != "twin"} == {("pgd=0.1", "pgd=0.3")}
    assert {cell.survival for cell in cells if cell.side == "twin"} == {()}
    both = plan(pgd=0.1, survival={"shots": [10], "depolarizing": [0.0]})
    assert both.cells[0].survival == ("shots=10,p=0", "pgd=0.1")
    assert both.protocol["survival"] == ["shots=10,p=0", "pgd=0.1"]


def test_an_attack_is_in_no_key_and_unset_in_no_hash():
    assert [cell.key for cell in plan(pgd=[0.1]).cells] == [cell.key for cell in plan().cells]
    plainly, unset, asked = (check_spec(Document({**STUDY, **new})).hash for new in ({}, {"pgd": []}, {"pgd": [0.1]}))
    assert plainly == unset != asked
    assert "survival" not in plan().protocol


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([0.0], r"pgd\[0\] should be greater than 0; got 0\.0"),
        ([-1], r"pgd\[0\] should be greater than 0; got -1"),
        ([0.1, 0.1], "0.1 is listed twice; list each once"),
        (["much"], r"pgd\[0\] should be a valid number"),
    ],
)
def test_a_bad_radius_is_refused(given, message):
    with pytest.raises(SpecError, match=message):
        plan(pgd=given)


def test_an_attack_from_study_to_verdict(tmp_path):
    planned = plan(pgd=[0.2], models={**STUDY["models"], "twins": []}, replicates=2)
    with Records.create(
        tmp_path, spec=STUDY, spec_hash="x", cells=planned.cells, tasks=planned.tasks, protocol=planned.protocol,
        provenance={},
    ) as records:  # fmt: skip
        for cell in planned.cells:
            record = run_cell(cell)
            assert (record.error, record.warnings) == (None, ())
            records.add(record)
        verdict, cells = judge_records(records), records.cells()
    attacked = verdict["secondary"][0]["adversarial"]
    assert [row["model"] for row in attacked["models"]] == ["reuploading", "mlp"]
    assert [row["model"] for row in attacked["not_assessed"]] == ["iqp-kernel", "knn"]
    for row in attacked["models"]:
        mine = cells[cells["model"] == row["model"]]
        assert row["scores"][0] == pytest.approx(mine["score"].mean())
        assert row["scores"][1] <= row["scores"][0]
    assert attacked["difference"] is not None
    assert verdict["tasks"][0]["survival"] == []


def fitted():
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X = np.random.default_rng(0).normal(size=(60, 2))
    y = np.where(X[:, 0] > 0, "up", "down")
    return make_pipeline(StandardScaler(), get("mlp").estimator(max_epochs=40, random_state=0)).fit(X, y), X, y


def accuracy(y, predicted):
    return float(np.mean(np.asarray(y) == predicted))


def test_a_radius_of_zero_scores_what_the_model_scores():
    pipeline, X, y = fitted()
    assert under_attack(pipeline, X, y, accuracy, ["pgd=0"], seed=0) == {"pgd=0": accuracy(y, pipeline.predict(X))}


def test_scores_fall_with_the_radius_and_come_again():
    pipeline, X, y = fitted()
    names = ["pgd=0.05", "pgd=0.5", "pgd=4"]
    found = under_attack(pipeline, X, y, accuracy, names, seed=0)
    assert list(found) == names
    assert 1 > found["pgd=0.05"] >= found["pgd=0.5"] > found["pgd=4"] == 0
    assert found == under_attack(pipeline, X, y, accuracy, names, seed=0)


def test_the_labels_of_a_model_without_gradients_stay():
    X = np.zeros((4, 2))
    knn = get("knn").estimator(n_neighbors=1).fit(X, [0, 1, 0, 1])
    assert under_attack([knn], X, [0, 1, 0, 1], accuracy, ["pgd=0.1"], seed=0) == {}


def test_a_label_that_was_never_seen_is_wrong_already():
    pipeline, X, _ = fitted()
    rows = X[:3]
    assert np.array_equal(attacked(pipeline[-1], rows, ["other"] * 3, epsilon=0.5), rows)
    moved = attacked(pipeline[-1], rows, ["other", "up", "down"], epsilon=0.5)
    assert np.array_equal(moved[0], rows[0])
    assert not np.array_equal(moved[1:], rows[1:])


def test_more_than_two_classes_are_attacked_through_their_cross_entropy():
    X = np.random.default_rng(0).normal(size=(90, 2))
    y = np.digitize(X[:, 0], [-0.5, 0.5])
    model = get("mlp").estimator(max_epochs=60, random_state=0).fit(X, y)
    assert accuracy(y, model.predict(attacked(model, X, y, epsilon=1.0))) < accuracy(y, model.predict(X)) / 2
