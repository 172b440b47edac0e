from pathlib import Path

import pytest

from qml.errors import SpecError
from qml.studies.document import Document, dotted, parse_document, read_document

TEXT = """\
name: mini
tasks:
  - two-moons
  - {name: ad-hoc,
     n_train: 60}
budget:
  trials: 28
"""


def test_every_key_and_item_knows_its_line() -> None:
    document = parse_document(TEXT, Path("s.yaml"))
    assert document.where(("tasks", 0)) == "s.yaml:3"
    assert document.where(("tasks", 1, "n_train")) == "s.yaml:5"
    assert document.where(("budget", "trials")) == "s.yaml:7"


def test_a_place_that_is_not_written_is_where_its_parent_is() -> None:
    document = parse_document(TEXT, Path("s.yaml"))
    assert document.where(("tasks", 0, "name")) == "s.yaml:3"
    assert document.where(("models",)) == "s.yaml:1"


def test_data_built_in_python_are_named_by_their_path() -> None:
    assert Document({}).where(("models", "quantum", 1)) == "models.quantum[1]"
    assert dotted(()) == ""


def test_overrides_change_a_copy_and_are_named_in_messages() -> None:
    document = parse_document(TEXT, Path("s.yaml"))
    changed = document.override(["budget.trials=10", "tasks.0=ad-hoc", "models.quantum=[a, b]"])
    assert changed.data["budget"] == {"trials": 10}
    assert changed.data["tasks"][0] == "ad-hoc"
    assert changed.data["models"] == {"quantum": ["a", "b"]}
    assert document.data["budget"] == {"trials": 28}
    assert changed.where(("budget", "trials")) == "--set budget.trials=10"


def test_an_override_leads_into_a_plain_name() -> None:
    document = parse_document(TEXT, Path("s.yaml")).override(["tasks.0.n_train=60"])
    assert document.data["tasks"][0] == {"name": "two-moons", "n_train": 60}
    short = Document({"tasks": "two-moons", "models": {"quantum": "dressed"}})
    changed = short.override(["tasks.0.n_train=60", "tasks.0.n_test=50", "models.quantum.0.params.depth=2"])
    assert changed.data == {
        "tasks": [{"name": "two-moons", "n_train": 60, "n_test": 50}],
        "models": {"quantum": [{"name": "dressed", "params": {"depth": 2}}]},
    }
    assert short.data["tasks"] == "two-moons"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("budget.trials", "--set budget.trials: write key=value, for example --set budget.trials=10."),
        ("tasks.7=x", "--set tasks.7=x: tasks is a list of 2; write a place in it (0, 1, …), got 7."),
        ("name.first=x", "--set name.first=x: name is 'mini', it has no key 'first'."),
    ],
)
def test_an_override_that_leads_nowhere_is_an_error(setting: str, message: str) -> None:
    with pytest.raises(SpecError) as error:
        parse_document(TEXT, Path("s.yaml")).override([setting])
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2\n", "s.yaml:2: the key 'a' is written twice (first in line 1)."),
        ("- a\n", "s.yaml:1: a study is a mapping of keys"),
        ("", "s.yaml:1: a study is a mapping of keys"),
        ("a: 1\nb: [1, 2\n", "s.yaml:3: this is not valid YAML: expected ',' or ']'"),
        ("a: 1\n? [b]\n: 2\n", "s.yaml:2: a key must be a plain word."),
        ("a: !!python/object:os.system x\n", "s.yaml:1: this is not valid YAML: could not determine a constructor"),
    ],
)
def test_what_is_not_a_study_is_an_error_with_its_line(text: str, message: str) -> None:
    with pytest.raises(SpecError) as error:
        parse_document(text, Path("s.yaml"))
    assert message in str(error.value)


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "quickstart.yaml").write_text("name: x")
    with pytest.raises(SpecError) as error:
        read_document(tmp_path / "quickstrat.yaml")
    assert "there is no such study file." in str(error.value)
    assert f"Did you mean '{tmp_path / 'quickstart.yaml'}'?" in str(error.value)


def test_a_file_that_is_not_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SpecError, match="the study file cannot be read"):
        read_document(tmp_path / "s.yaml")
