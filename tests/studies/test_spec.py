from pathlib import Path
from typing import Any

import pytest

from qml.errors import SpecError
from qml.studies.document import Document
from qml.studies.spec import StudySpec, changes, check_spec, read_spec

GOOD: dict[str, Any] = {
    "name": "mini",
    "tasks": ["two-moons"],
    "models": {"quantum": ["reuploading"]},
    "budget": {"trials": 12},
}
TEXT = """\
name: mini
tasks: [two-moons]
models:
  quantum:
    - reuploading
budget:
  trials: 12
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "s.yaml"
    path.write_text(text)
    return path


def test_short_forms_are_filled_in() -> None:
    spec = check_spec(Document(GOOD))
    assert spec.tasks[0].name == "two-moons"
    assert [entry.name for entry in spec.models.classical] == ["pool"]
    assert (spec.replicates, spec.seed, spec.alpha, spec.budget.inner_folds) == (10, 0, 0.05, 5)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("models:", "modls:", "s.yaml:3: unknown key 'modls'. Did you mean 'models'? Choices: alpha, axis, budget"),
        ("  trials", "  trails", "s.yaml:7: unknown key 'trails' in budget. Did you mean 'trials'?"),
        ("trials: 12", "trials: ten", "s.yaml:7: budget.trials should be a valid integer; got 'ten'."),
        ("trials: 12", "trials: true", "s.yaml:7: budget.trials should be a valid integer; got True."),
        ("trials: 12", "trials: 1.5", "s.yaml:7: budget.trials should be a valid integer; got 1.5."),
        ("trials: 12", "trials: 0", "s.yaml:7: budget.trials should be greater than or equal to 1; got 0."),
        ("name: mini", "name: a/b", "s.yaml:1: name must be a folder name of letters, digits, '.', '_' and '-'"),
        ("name: mini\n", "", "s.yaml:1: the key 'name' is missing."),
        ("[two-moons]", "[]", "s.yaml:2: tasks"),
        ("[two-moons]", "[a, a]", "s.yaml:2: tasks: 'a' is listed twice; list each once."),
        (
            "[two-moons]",
            "[{name: a, n_trian: 5}]",
            "s.yaml:2: unknown key 'n_trian' in tasks[0]. Did you mean 'n_train'?",
        ),
        ("    - reup", "    - {name: x, parms: {}}\n    - reup", "s.yaml:5: unknown key 'parms' in models.quantum[0]."),
        (
            "  quantum:",
            "  twins: [seperable]\n  quantum:",
            "models.twins[0] cannot be 'seperable'. Did you mean 'separable'?",
        ),
        ("budget:", "margin: 1e-3\nbudget:", "YAML reads a number with an exponent only with a decimal point"),
        ("budget:", "alpha: 0.5\nbudget:", "s.yaml:6: alpha should be less than 0.5; got 0.5."),
    ],
)
def test_an_error_has_file_line_and_the_nearest_word(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(SpecError) as error:
        read_spec(write(tmp_path, TEXT.replace(old, new, 1)))
    assert message in str(error.value)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as error:
        read_spec(write(tmp_path, TEXT.replace("trials: 12", "trials: x").replace("models:", "modls:")))
    assert [line.split(": ")[1] for line in str(error.value).splitlines()] == [
        "the key 'models' is missing.",
        "budget.trials should be a valid integer; got 'x'.",
        "unknown key 'modls'. Did you mean 'models'? Choices",
    ]


def test_an_override_is_checked_like_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, TEXT)
    assert read_spec(path, ["budget.trials=20", "replicates=3"])[0].budget.trials == 20
    with pytest.raises(SpecError) as error:
        read_spec(path, ["budget.trails=20"])
    assert "--set budget.trails=20: unknown key 'trails' in budget. Did you mean 'trials'?" in str(error.value)


def test_the_hash_covers_everything_but_name_and_description() -> None:
    spec = check_spec(Document(GOOD))
    same = check_spec(Document({**GOOD, "name": "other", "description": "words", "replicates": 10}))
    other = check_spec(Document({**GOOD, "alpha": 0.04}))
    assert spec.hash == same.hash != other.hash


def test_the_frozen_form_reads_back_to_the_same_study() -> None:
    spec = check_spec(Document({**GOOD, "tasks": [{"name": "ad-hoc", "n_train": 60}], "margin": 0.03}))
    assert StudySpec.model_validate(spec.to_dict()).hash == spec.hash


def test_changes_are_listed_by_their_dotted_names() -> None:
    old = {"budget": {"trials": 28}, "seed": 7}
    assert changes(old, {"budget": {"trials": 10}, "seed": 7, "margin": 0.1}) == [
        "budget.trials: 28 -> 10",
        "margin: (not set) -> 0.1",
    ]
