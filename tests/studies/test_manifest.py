"""What a manifest holds, what counts as a change of it, and when a verdict is exploratory."""

import json
from pathlib import Path
from typing import Any

import pytest

from qml.errors import RecordError
from qml.studies import Records, Study, run_cell
from qml.studies.exploratory import exploratory_reasons
from qml.studies.hashing import digest
from qml.studies.manifest import known_to, manifest_changes, manifest_of
from qml.studies.run import pending_cells


def manifest(file: Path, *settings: str) -> dict[str, Any]:
    plan = Study.from_yaml(file, settings).plan()
    return manifest_of(plan.cells, plan.tasks, plan.protocol, plan.sources)


def run(file: Path, *settings: str, **how: Any) -> Any:
    return Study.from_yaml(file, settings).run(progress=False, **how)


def stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_manifest_holds_all_that_a_verdict_rests_on(study_file: Path) -> None:
    study = Study.from_yaml(study_file)
    content = manifest(study_file)
    moons = content["tasks"]["two-moons"]
    assert {name: moons[name] for name in ("version", "n_train", "n_test", "metric", "margin", "study_seed")} == {
        "version": 1,
        "n_train": 40,
        "n_test": 200,
        "metric": "balanced-accuracy",
        "margin": 0.02,
        "study_seed": 7,
    }
    assert (content["protocol"]["alpha"], content["protocol"]["trials"]) == (0.05, 3)
    assert content["seeds"] == {"two-moons": [cell.data_seed for cell in study.plan().cells if cell.model == "toy"]}
    assert {side: list(models) for side, models in content["models"].items()} == {
        "quantum": ["toy"],
        "twin": ["toy-separable"],
        "classical": ["dummy", "knn"],
    }
    knn = content["models"]["classical"]["knn"]["tasks"]["two-moons"]
    assert (knn["trials"], set(knn["search"]["space"])) == (2, {"n_neighbors", "weights", "features"})
    assert content["multiplicity"] == {"claims": ["two-moons"]}
    assert list(content["plugins"]) == ["qml_toys"]
    assert json.loads(json.dumps(content)) == content


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("replicates=4", ["replicates: 3 -> 4"]),
        ("alpha=0.01", ["alpha: 0.05 -> 0.01"]),
        ("margin=0.1", ["two-moons.margin: 0.02 -> 0.1"]),
        ("seed=8", ["two-moons.study_seed: 7 -> 8"]),
        ("tasks.0.n_test=300", ["two-moons.n_test: 200 -> 300"]),
        ("models.classical=[dummy]", ["the model 'knn' on the classical side was left out"]),
        ("models.twins=[]", ["the model 'toy-separable' among the twins was left out"]),
        ("tasks=[{name: two-moons, n_train: 40, n_test: 200}, ad-hoc]", ["the task 'ad-hoc' was added"]),
        ("budget.trials=4", ["trials: 3 -> 4", "toy on two-moons.trials: 3 -> 4"]),
        ("budget.inner_folds=3", ["inner_folds: 2 -> 3"]),
    ],
)
def test_every_change_is_another_hash_and_is_said_in_words(study_file: Path, setting: str, said: list[str]) -> None:
    old, new = manifest(study_file), manifest(study_file, setting)
    assert digest(old) != digest(new)
    lines = manifest_changes(old, new)
    assert all(line in lines for line in said), lines


def test_names_and_descriptions_and_spelled_out_defaults_change_nothing(study_file: Path) -> None:
    same = manifest(study_file, "name=other", "description=words", "margin=0.02", "alpha=0.05")
    assert manifest_changes(manifest(study_file), same) == []


def test_a_setting_that_a_later_qml_adds_does_not_make_another_study(study_file: Path) -> None:
    new = manifest(study_file)
    old = json.loads(json.dumps(new))
    del old["protocol"]["alpha"], old["tasks"]["two-moons"]["chance"]
    assert manifest_changes(old, known_to(old, new)) == []
    assert "alpha: (not set) -> 0.05" in manifest_changes(old, new)


def test_cells_that_are_planned_differently_are_never_overlooked(study_file: Path) -> None:
    old = manifest(study_file)
    assert manifest_changes(old, {**old, "cells": "0" * 64}) == [
        "the cells changed: another version of qml plans them differently"
    ]


def test_the_manifest_is_stored_before_anything_is_opened(study_file: Path, inline: list[str]) -> None:
    result = run(study_file)
    assert result.verdict["exploratory"] == []
    assert result.verdict["tasks"][0]["exploratory"] is False
    with result.records() as records:
        stored = records.manifest_hash()
        assert stored == digest(records.manifest()) == result.verdict["manifest"]
        ledger = records.ledger()
        assert ledger["event"].tolist() == ["manifest"] + ["started", "recorded"] * 12
        assert set(ledger["manifest"]) == {stored}
        assert sorted(ledger["at"]) == ledger["at"].tolist()
        assert ledger["opened_at"][1:].notna().tolist() == [False, True] * 12
        assert records.test_accesses()["manifest"].tolist() == [stored] * 12
        assert records.alterations() == exploratory_reasons(records) == []


def test_a_change_after_access_needs_a_word_and_is_stamped(study_file: Path, inline: list[str]) -> None:
    first = run(study_file)
    with pytest.raises(RecordError, match=r"two ways on:\n  --set name=mini-2 .*\n  --exploratory "):
        run(study_file, "replicates=2")
    inline.clear()
    second = run(study_file, "replicates=2", exploratory=True)
    assert inline == []  # what both plans have is not run again
    assert second.n_cells == 8
    (reason,) = second.verdict["exploratory"]
    assert reason.startswith("12 test parts were opened under another manifest (" + first.verdict["manifest"][:8])
    assert reason.endswith("Changed since: replicates: 3 -> 2")
    assert second.verdict["tasks"][0]["exploratory"] is True
    assert "INCONCLUSIVE (L0, exploratory)" in repr(second)
    assert "replicates: 2" in (second.folder / "study.yaml").read_text()
    kept = json.loads((second.folder / f"verdict-{first.verdict['manifest'][:8]}.json").read_text())
    assert kept == first.verdict
    assert run(study_file, "replicates=2").n_run == 0  # it is the same study again


def test_what_an_exploratory_run_adds_takes_nothing_from_the_first_manifest(
    study_file: Path, inline: list[str]
) -> None:
    first = run(study_file)
    run(study_file, "models.classical=[dummy, knn, logistic]", "budget.trials=4", exploratory=True)
    back = run(study_file, exploratory=True)
    assert back.n_run == 0
    assert back.verdict == first.verdict
    with back.records() as records:
        assert len(records.manifests()) == 3
        assert len(records.recorded()) > len(records.statuses()) == 12


def test_cells_that_ran_under_another_manifest_stamp_the_first_one_too(study_file: Path, inline: list[str]) -> None:
    """Run under a smaller study in between; what it opened was not opened under the first manifest."""
    study = Study.from_yaml(study_file)
    plan = study.plan()
    run(study_file, "replicates=2")
    run(study_file, exploratory=True)
    with Records.open("results/mini") as records:
        (reason,) = exploratory_reasons(records)
        assert reason.startswith("8 test parts were opened under another manifest")
        assert list(records.statuses()) == [cell.key for cell in plan.cells]


def test_before_the_first_access_a_study_may_be_changed_freely(
    study_file: Path, inline: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Records, "begin", stop)
        with pytest.raises(KeyboardInterrupt):
            run(study_file)
    study = Study.from_yaml(study_file, ["replicates=2"])
    assert len(pending_cells(study.spec, study.plan(), Path("results/mini"))) == 8
    result = run(study_file, "replicates=2")
    assert result.verdict["exploratory"] == []
    with result.records() as records:
        assert len(records.manifests()) == 2


def test_a_cell_that_was_stopped_may_have_opened_its_test_part(
    study_file: Path, inline: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Records, "add", stop)
        with pytest.raises(KeyboardInterrupt):
            run(study_file)
    with pytest.raises(RecordError, match="--exploratory"):
        run(study_file, "replicates=2")
    (reason,) = run(study_file, "replicates=2", exploratory=True).verdict["exploratory"]
    assert reason.startswith("1 test part was opened under another manifest")


def test_a_test_part_opened_without_a_manifest_is_exploratory(study_file: Path, inline: list[str]) -> None:
    study = Study.from_yaml(study_file)
    plan = study.plan()
    folder = study_file.parent / "by-hand"
    folder.mkdir()
    with Records.create(
        folder,
        spec=study.spec.to_dict(),
        spec_hash=study.spec.hash,
        cells=plan.cells,
        tasks=plan.tasks,
        protocol=plan.protocol,
        provenance={},
    ) as records:
        records.add(run_cell(plan.cells[0]))
        assert exploratory_reasons(records) == ["1 test part was opened without a manifest"]
        records.add(run_cell(plan.cells[1], records.begin(plan.cells[1].key)))
        assert exploratory_reasons(records) == ["1 test part was opened without a manifest"]
        with pytest.raises(RecordError, match="the cell 000000000000 is not in the plan"):
            records.begin("0" * 64)
