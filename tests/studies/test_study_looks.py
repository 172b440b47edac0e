"""Looks and pilots of a study, on stand-ins that are quick to fit."""

import re
from pathlib import Path

import pytest

from qml.errors import SpecError
from qml.models import REQUIRED_POOLS
from qml.studies import Records, Study
from qml.studies.looks import blocks, look_by_look
from qml.studies.pilot import pilot_dict, pilot_lines, pilot_spec

LOOKS = ["looks=[10, 12]", "models.twins=[]", "models.classical=[dummy]", "budget.trials=1"]


@pytest.fixture
def small_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(REQUIRED_POOLS, "classification", ("dummy",))


def without_replicates(study_file: Path) -> Path:
    study_file.write_text(study_file.read_text().replace("replicates: 3\n", ""))
    return study_file


def test_a_task_that_a_look_decides_is_not_run_on(study_file: Path, inline: list[str], small_pool: None) -> None:
    study = Study.from_yaml(without_replicates(study_file), LOOKS)
    assert study.spec.replicates == 12
    result = study.run(progress=False)
    (row,) = result.verdict["tasks"]
    assert (row["label"], row["look"], row["n_replicates"]) == ("ADVANTAGE", 1, 10)
    assert (result.n_run, result.n_cells, result.n_left) == (20, 24, 4)
    inline.clear()
    again = study.run(progress=False)
    assert again.n_run == 0
    assert inline == []
    assert again.verdict == result.verdict
    with Records.open(result.folder) as records:
        assert records.protocol()["looks"] == [10, 12]


def test_a_task_that_no_look_decides_runs_to_the_end(study_file: Path, inline: list[str], small_pool: None) -> None:
    changed = [*LOOKS[:2], "models.classical=[dummy, knn]", "budget.trials=2", "margin=0.3"]
    result = Study.from_yaml(without_replicates(study_file), changed).run(progress=False)
    (row,) = result.verdict["tasks"]
    assert (row["label"], row["look"]) == ("NO ADVANTAGE", 2)
    assert result.n_left == 0


def test_all_tasks_reach_a_look_before_any_goes_on(study_file: Path) -> None:
    settings = [*LOOKS, "tasks=[two-moons, permuted-moons]"]
    plan = Study.from_yaml(without_replicates(study_file), settings).plan()
    order = [(cell.replicate < 10, cell.task) for cell in plan.cells]
    assert list(dict.fromkeys(order)) == [
        (True, "two-moons"), (True, "permuted-moons"), (False, "two-moons"), (False, "permuted-moons"),
    ]  # fmt: skip
    first, last = blocks(plan.cells, (10, 12))
    assert {cell.replicate for cell in first} == set(range(10))
    assert {cell.replicate for cell in last} == {10, 11}
    assert blocks(plan.cells, ()) == [list(plan.cells)]
    assert look_by_look(plan.cells, ()) == list(plan.cells)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["looks=[10, 12]", "replicates=20"], r"looks: the last look must be at the planned number of replicates, 20"),
        (["looks=[12, 10]", "replicates=10"], r"looks must be whole numbers that rise"),
        (["looks=[2, 10]", "replicates=10"], r"the first look must have at least 10 replicates"),
        (["looks=10"], r"looks should be a valid tuple"),
    ],
)
def test_bad_looks_in_a_study_file(study_file: Path, settings: list[str], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        Study.from_yaml(study_file, settings)


def test_looks_change_the_study(study_file: Path) -> None:
    once, often = (
        Study.from_yaml(study_file, ["replicates=12"]),
        Study.from_yaml(study_file, ["replicates=12", LOOKS[0]]),
    )
    assert once.spec.hash != often.spec.hash


def test_a_margin_of_nothing_may_be_written(study_file: Path) -> None:
    assert Study.from_yaml(study_file, ["margin=0"]).plan().tasks[0]["margin"] == 0.0


def test_a_pilot_proposes_and_is_no_part_of_the_study(study_file: Path, inline: list[str]) -> None:
    study = Study.from_yaml(study_file)
    pilot = study.pilot("results", difference=0.1, progress=False)
    assert pilot.folder == Path("results/mini-pilot")
    assert len(inline) == 5 * 4
    planned = study.plan()
    assert not set(inline) & {cell.key for cell in planned.cells}
    with Records.open(pilot.folder) as records:
        seeds = {cell.data_seed for cell in records.plan()}
    assert len(seeds) == 5
    assert not seeds & {cell.data_seed for cell in planned.cells}
    assert not (pilot.folder / "verdict.json").exists()
    (proposal,) = pilot.proposals.values()
    assert proposal.n_pilot == 5
    assert proposal.for_advantage >= 10
    text = "\n".join(pilot_lines(pilot))
    assert re.search(
        r"two-moons: differences scatter by 0\.\d+ \(at most 0\.\d+, with a confidence of 80 %\); \d+ rep", text
    )
    assert f"--set replicates={proposal.for_advantage}" in text
    assert "ADVANTAGE" not in text
    assert pilot_dict(pilot)["two-moons"]["for_no_advantage"] == proposal.for_no_advantage
    inline.clear()
    assert study.pilot("results", difference=0.1, progress=False).proposals == pilot.proposals
    assert inline == []


def test_a_pilot_for_less_than_the_margin_does_not_run(study_file: Path, inline: list[str]) -> None:
    with pytest.raises(SpecError, match=r"must be beyond the margin, 0\.02; got 0\.01"):
        Study.from_yaml(study_file).pilot("results", difference=0.01, progress=False)
    assert inline == []


def test_the_pilots_seed_is_its_own(study_file: Path) -> None:
    spec = Study.from_yaml(study_file).spec
    assert pilot_spec(spec).seed != spec.seed
    assert pilot_spec(spec).seed != pilot_spec(Study.from_yaml(study_file, ["seed=8"]).spec).seed
