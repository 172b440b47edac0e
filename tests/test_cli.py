import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import qml
from qml.cli import app
from qml.studies import Records, Study, StudyResult

STUDY = """\
name: mini
tasks: [two-moons]
models:
  quantum: [{name: reuploading, params: {max_epochs: 3}}]
  classical: [dummy, knn]
budget: {trials: 4, inner_folds: 2}
replicates: 2
"""


@pytest.fixture(autouse=True)
def study_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "mini.yaml"
    path.write_text(STUDY)
    return path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def best_of_five(*arguments: str) -> float:
    """Return CPU seconds: wall time would also measure what else the machine does."""
    environment = {**os.environ, "PYTHONPATH": str(Path(qml.__file__).parents[1])}
    times = []
    for _ in range(5):
        before = os.times()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environment)
        after = os.times()
        times.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return min(times)


def test_help_answers_at_once() -> None:
    assert best_of_five("-m", "qml.cli", "--help") < 0.5


def test_import_costs_nothing() -> None:
    assert best_of_five("-c", "import qml") < 0.3


def test_help_lists_the_commands_and_exit_codes() -> None:
    output = call("--help").output
    commands = ("run", "plan", "verdict", "report", "tasks", "models", "circuits", "show", "calibrate", "diagnose")
    for command in commands:
        assert f" {command} " in output
    assert "0 done, 1 failed cells, no report or a missed calibration target, 2 bad input, 130 stopped" in " ".join(
        output.split()
    )


def test_version() -> None:
    assert call("--version").output == f"qml-sandbox {qml.__version__}\n"


@pytest.mark.parametrize("command", ["run", "plan"])
def test_bad_input_exits_2_with_file_and_line_and_writes_nothing(command: str, study_file: Path) -> None:
    study_file.write_text(STUDY.replace("two-moons", "two-moon"))
    result = call(command, "mini.yaml")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: mini.yaml:2: unknown task 'two-moon'. Did you mean 'two-moons'?")
    assert [path.name for path in study_file.parent.iterdir()] == ["mini.yaml"]


def test_a_bad_override_exits_2() -> None:
    result = call("run", "mini.yaml", "--set", "budget.trails=3")
    assert result.exit_code == 2
    assert "--set budget.trails=3: unknown key 'trails' in budget. Did you mean 'trials'?" in result.stderr


def test_a_missing_file_exits_2() -> None:
    result = call("run", "mimi.yaml")
    assert result.exit_code == 2
    assert "mimi.yaml: there is no such study file. Did you mean 'mini.yaml'?" in result.stderr


def test_plan_says_who_gets_what_and_how_long() -> None:
    result = call("plan", "mini.yaml", "--workers", "2", "--set", "budget.trials=5")
    assert result.exit_code == 0
    assert "dummy 1, knn 4" in result.output
    assert "6 cells, 46 fits." in result.output.replace("\n", " ")
    assert "with 2 workers: estimated" in result.output
    assert "How many replicates does it need? Five that are not in it will tell: add --pilot." in result.output
    assert not Path("results").exists()


def test_plan_as_json() -> None:
    plan = json.loads(call("plan", "mini.yaml", "--json").output)
    assert plan["trials"] == {"two-moons": {"quantum": {"reuploading": 4}, "classical": {"dummy": 1, "knn": 3}}}
    assert (plan["cells"], plan["pending"], plan["fits"]) == (6, 6, 2 * (9 + 3 + 7))


@pytest.mark.parametrize(("failed", "code"), [(0, 0), (2, 1)])
def test_run_exits_1_if_cells_failed(monkeypatch: pytest.MonkeyPatch, failed: int, code: int) -> None:
    done = StudyResult(Path("results/mini"), {"tasks": []}, n_cells=6, n_failed=failed, n_run=6)
    monkeypatch.setattr(Study, "run", lambda self, results, **_: done)
    result = call("run", "mini.yaml")
    assert result.exit_code == code
    assert ("2 of 6 cells failed; they score chance." in result.output) == bool(failed)


def test_run_exits_130_when_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(self: Study, results: Path, **_: object) -> StudyResult:
        raise KeyboardInterrupt

    monkeypatch.setattr(Study, "run", stop)
    result = call("run", "mini.yaml")
    assert result.exit_code == 130
    assert "stopped. What was done is recorded. To continue: qml" in result.stderr


@pytest.mark.parametrize("command", ["verdict", "report"])
def test_a_folder_without_records_exits_2(command: str) -> None:
    result = call(command, "nowhere")
    assert result.exit_code == 2
    assert "nowhere holds no records (records.sqlite). Run its study first: qml run FILE." in result.stderr


@pytest.mark.parametrize(("room", "name"), [("tasks", "two-moons"), ("models", "svm-rbf"), ("circuits", "angle")])
def test_rooms_are_listed(room: str, name: str) -> None:
    assert name in call(room).output
    assert name in [entry["name"] for entry in json.loads(call(room, "--json").output)]


def test_show_prints_everything_about_an_entry() -> None:
    output = call("show", "knn").output
    assert "search_space" in output
    assert "n_neighbors" in output
    assert json.loads(call("show", "task", "two-moons", "--json").output)["n_train"] == 100


def test_show_draws_the_circuit() -> None:
    output = call("show", "model", "reuploading").output
    assert "0: ─" in output


def test_show_names_the_nearest() -> None:
    result = call("show", "kn")
    assert result.exit_code == 2
    assert "there is no task, model or circuit 'kn'. Did you mean 'knn'?" in result.stderr


@pytest.mark.slow
def test_run_verdict_and_report_on_a_real_study(study_file: Path) -> None:
    result = call("run", "mini.yaml", "--quiet")
    assert result.exit_code == 0
    assert "INCONCLUSIVE" in result.output
    assert "two-moons: " in result.output
    verdict = json.loads(Path("results/mini/verdict.json").read_text())
    for place in ("results/mini", "mini.yaml", "results/mini/study.yaml", "results/mini/records.sqlite"):
        assert json.loads(call("verdict", place, "--json").output) == verdict
    Path("results/mini/report.html").unlink()
    assert call("report", "mini.yaml").exit_code == 0
    assert Path("results/mini/report.html").exists()
    assert "This study is finished: all 6 cells were recorded before." in call("run", "mini.yaml").output


PLUGIN = """
from dataclasses import replace
from qml.tasks import TASKS, get
TASKS.add(replace(get("two-moons"), name="plugged-moons"))
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    from qml.tasks import TASKS

    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "cli_plugin.py").write_text(PLUGIN)
    yield "cli_plugin"
    sys.modules.pop("cli_plugin", None)
    TASKS._entries.pop("plugged-moons", None)


def test_a_plugin_is_listed_and_shown(plugin: str) -> None:
    assert "plugged-moons" not in call("tasks").output
    assert "plugged-moons" in call("tasks", "--plugin", plugin).output
    assert "entry" in call("show", "plugged-moons", "--plugin", plugin).output


@pytest.mark.parametrize("room", ["tasks", "models", "circuits"])
def test_a_plugin_that_is_not_there_exits_2(room: str) -> None:
    result = call(room, "--plugin", "json", "--plugin", "no_such_plugin")
    assert result.exit_code == 2
    assert "the module 'no_such_plugin' cannot be imported" in result.stderr


@pytest.fixture
def recorded(study_file: Path) -> Path:
    """Give a results folder with records and no outcome yet."""
    from qml.studies.folder import locked_folder
    from qml.studies.run import open_records

    study = Study.from_yaml(study_file)
    with locked_folder(Path("results/mini")) as folder:
        open_records(study.spec, study.plan(), folder).close()
    return folder


def test_a_place_is_a_folder_a_file_in_it_or_a_name(recorded: Path) -> None:
    (recorded / "verdict.json").write_text("{}")
    (recorded / "report.html").write_text("")
    for place in ("results/mini", "results/mini/verdict.json", "results/mini/report.html", "mini", "mini.yaml"):
        result = call("verdict", place)
        assert result.exit_code == 0, result.stderr
        assert "Unfinished: 6 of 6 cells are still to be run." in result.output


def test_an_unknown_place_names_the_nearest(recorded: Path) -> None:
    result = call("verdict", "mimi")
    assert result.exit_code == 2
    assert "there is no mimi, and no study of that name in results. Did you mean 'mini'?" in result.stderr


def break_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    from qml import reports

    def fail(folder: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reports, "write_report", fail)


def test_a_report_that_fails_does_not_cost_the_verdict(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import nullcontext

    from qml.studies import run

    break_reports(monkeypatch)
    monkeypatch.setattr(run, "connect", lambda *_: nullcontext())
    monkeypatch.setattr(run, "run_cells", lambda *_: iter(()))
    (recorded / "report.html").write_text("of another verdict")
    result = call("run", "mini.yaml", "--quiet")
    assert result.exit_code == 1
    assert "INCONCLUSIVE" in result.stdout
    assert "error: results/mini/report.html cannot be written: OSError: [Errno 28] No space left" in result.stderr
    assert "To try again: qml report results/mini" in result.stderr
    assert "Report:" not in result.stdout
    assert json.loads((recorded / "verdict.json").read_text())["tasks"]
    assert not (recorded / "report.html").exists()


def test_report_says_why_there_is_none(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    break_reports(monkeypatch)
    result = call("report", "mini")
    assert result.exit_code == 1
    assert "report.html cannot be written: OSError" in result.stderr


def test_a_verdict_that_cannot_be_written_exits_2(recorded: Path) -> None:
    (recorded / "verdict.json.new").mkdir()
    result = call("report", "mini")
    assert result.exit_code == 2
    assert "error: results/mini/verdict.json cannot be written: [Errno" in result.stderr


def test_diagnose_tells_tags_and_measures() -> None:
    output = call("diagnose", "iqp-kernel", "--task", "ad-hoc").output
    assert "Simulability of IQPKernelClassifier, 2 wires:" in output
    for word in ("light-cone: does not apply", "clifford-t: applies", "geometric difference g:", "centred alignment:"):
        assert word in output
    found = json.loads(call("diagnose", "dressed", "--task", "two-moons", "--set", "max_epochs=1", "--json").output)
    assert found["measures"][0]["name"] == "gradient variance"
    assert found["simulability"]["n_wires"] == 4


def test_diagnose_names_what_has_a_circuit() -> None:
    result = call("diagnose", "svm-rbf", "--task", "two-moons")
    assert result.exit_code == 2
    assert "is a classical model and has no circuit." in result.output
    assert "Choices: dressed, " in result.output
    assert "--set takes name=value" in call("diagnose", "dressed", "--task", "two-moons", "--set", "x").output


def test_a_changed_study_is_refused_or_stamped(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import nullcontext

    from qml.studies import run

    monkeypatch.setattr(run, "connect", lambda *_: nullcontext())
    monkeypatch.setattr(run, "run_cells", lambda *_: iter(()))
    with Records.open(recorded) as records:
        records.begin(next(iter(records.statuses())))
    changed = ("run", "mini.yaml", "--quiet", "--set", "margin=0.1")
    refused = call(*changed)
    assert refused.exit_code == 2
    assert "  two-moons.margin: 0.02 -> 0.1\n" in refused.stderr
    assert "--set name=mini-2" in refused.stderr
    assert "exploratory" not in call("verdict", "mini").stdout
    for answer in (call(*changed, "--exploratory"), call("verdict", "mini")):
        said = " ".join(answer.stdout.split())
        assert "(L0, exploratory)" in said
        assert "Exploratory, not confirmatory:" in said
        assert "Changed since: two-moons.margin: 0.02 -> 0.1." in said
    assert json.loads(call("verdict", "mini", "--json").stdout)["exploratory"]
    page = (recorded / "report.html").read_text()
    assert "something was decided after test parts had been opened" in page
    assert "two-moons.margin: 0.02 -&gt; 0.1" in page
    assert "INCONCLUSIVE (L0, exploratory)" in page


def test_a_model_is_asked_which_part_did_the_work() -> None:
    result = call("attribute", "iqp-kernel", "--task", "ad-hoc", "--replicates", "3", "--trials", "1")
    assert result.exit_code == 0
    assert result.stdout.startswith(
        "iqp-kernel against its separable, matched, surrogate twins: 3 draws of ad-hoc, 1 t"
    )
    assert "training the circuit       frozen twin     –" in result.stdout
    plain = json.loads(call("attribute", "iqp-kernel", "--task", "ad-hoc", "--replicates", "3", "--json").stdout)
    assert {part["twin"] for part in plain["parts"]} == {"separable", "frozen", "matched", "surrogate"}
    assert "unknown model 'iqp'" in call("attribute", "iqp", "--task", "ad-hoc").stderr
