"""Every command and snippet of the README is run, and prints what the README shows."""

import contextlib
import importlib.util
import io
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qml.cli import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
VERDICT = ROOT / "results" / "quickstart" / "verdict.json"
QML = Path(sys.executable).with_name("qml")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the text block that directly follows it, if any."""

    language: str
    text: str
    shown: str | None

    @property
    def file_name(self) -> str | None:
        found = re.match(r"# (\S+\.(?:py|yaml))\n", self.text)
        return found[1] if found else None


def blocks():
    fence = r"```(\w+)\n(.*?)```\n"
    found = re.finditer(f"{fence}(?:\n```text\n(.*?)```\n)?", README, flags=re.DOTALL)
    return [Block(*match.groups()) for match in found]


BLOCKS = blocks()
SNIPPETS = [block for block in BLOCKS if block.language == "python" and not block.file_name]
COMMANDS = [
    line.split(" #")[0].split() for block in BLOCKS if block.language == "console" for line in block.text.splitlines()
]


def is_quick(snippet):
    return "Study(" not in snippet.text and "import stripes" not in snippet.text


def is_same(printed, shown):
    return [line.rstrip() for line in printed.splitlines()] == [line.rstrip() for line in shown.splitlines()]


def write_files(folder):
    for block in BLOCKS:
        if block.file_name:
            (folder / block.file_name).write_text(block.text, encoding="utf-8")


def call(folder, *command, stdin=None):
    done = subprocess.run(command, cwd=folder, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
    return done.stdout


def refresh():
    spec = importlib.util.spec_from_file_location("refresh", ROOT / "docs" / "refresh.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_block_is_of_a_kind_that_is_tested():
    assert {block.language for block in BLOCKS} == {"python", "console", "yaml"}
    assert all(block.file_name for block in BLOCKS if block.language == "yaml")
    assert {command[0] for command in COMMANDS} == {"make", "qml"}
    assert README.count("```") == 2 * (len(BLOCKS) + sum(block.shown is not None for block in BLOCKS))


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z-]+)(?=`|\s{2,}#)", README))))
def test_make_targets_are_there(target):
    assert re.search(rf"^{target}:.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)


@pytest.mark.parametrize("snippet", [s for s in SNIPPETS if is_quick(s)], ids=lambda s: s.text.splitlines()[-1])
def test_quick_snippets_run_and_print_what_is_shown(snippet, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(snippet.text, "README.md", "exec"), {"__name__": "__main__"})
    if snippet.shown is not None:
        assert is_same(printed.getvalue(), snippet.shown)


@pytest.mark.parametrize(
    "command", [c[1:] for c in COMMANDS if c[0] == "qml" and c[1] not in ("run", "plan", "verdict")], ids=" ".join
)
def test_quick_commands_run(command, tmp_path):
    if "--plugin" in command:  # a fresh process: what a plug-in registers stays for good
        write_files(tmp_path)
        assert call(tmp_path, QML, *command)
        return
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0
    assert result.output


def test_the_study_file_is_the_study_of_the_snippet(tmp_path):
    from qml import Study

    write_files(tmp_path)
    (snippet,) = (s for s in SNIPPETS if "Study(" in s.text)
    definition, run, _ = snippet.text.partition("print(study.run())")
    assert run
    names = {}
    exec(compile(definition, "README.md", "exec"), names)
    assert Study.from_yaml(tmp_path / "kernel.yaml").spec == names["study"].spec


def test_the_plugin_passes_its_own_check_and_plan(tmp_path):
    write_files(tmp_path)
    (check,) = (s for s in SNIPPETS if "import stripes" in s.text)
    plan = "from qml import Study; print(Study.from_yaml('stripes.yaml').plan().budgets())"
    assert "{'stripes': {'quantum': {'ring': 12}" in call(tmp_path, sys.executable, "-c", f"{check.text}\n{plan}")


@pytest.mark.slow
def test_the_studies_run_as_the_readme_says(tmp_path):
    write_files(tmp_path)
    (snippet,) = (s for s in SNIPPETS if "Study(" in s.text)
    assert is_same(call(tmp_path, sys.executable, "-", stdin=snippet.text), snippet.shown)
    printed = {}
    for command in COMMANDS:
        if command[0] == "qml":
            printed[" ".join(command)] = call(tmp_path, QML, *command[1:])
    assert "Nothing was run." in printed["qml run kernel.yaml"]
    assert "ADVANTAGE" in printed["qml verdict kernel.yaml"]
    assert "Report: results/stripes/report.html" in printed["qml run stripes.yaml"]
    folder = tmp_path / "results" / "stripes"
    lies = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    assert lies == {"study.yaml", "records.sqlite", "verdict.json", "report.html"}


def test_the_verdict_goes_between_its_marks():
    tools = refresh()
    task = {"task": "two-moons", "label": "NO ADVANTAGE", "level": "L0", "mean": 0.001, "interval": [-0.01, 0.012]}
    text = tools.with_verdict("a\n<!-- verdict:begin -->\nold\n<!-- verdict:end -->\nb\n", {"tasks": [task]})
    assert text.startswith("a\n<!-- verdict:begin -->\n| task | verdict |")
    assert text.endswith("<!-- verdict:end -->\nb\n")
    assert "old" not in text
    assert tools.with_verdict(text, {"tasks": [task]}) == text
    with pytest.raises(ValueError, match="the README must hold <!-- verdict:begin -->"):
        tools.with_verdict("no marks", {"tasks": []})


@pytest.mark.skipif(not VERDICT.exists(), reason="the quickstart has not been run: make demo")
def test_the_verdict_in_the_readme_is_the_one_of_the_quickstart():
    tools = refresh()
    verdict = json.loads(VERDICT.read_text(encoding="utf-8"))
    assert tools.with_verdict(README, verdict) == README, "run: python docs/refresh.py"
    assert tools.PICTURE.read_bytes().startswith(b"\x89PNG")


def test_the_speed_is_the_one_that_was_measured():
    tools = refresh()
    measured = json.loads(tools.SPEED.read_text(encoding="utf-8"))
    assert tools.with_speed(README, measured) == README, "run: python docs/refresh.py"


def test_the_readme_quotes_the_calibration_that_ships():
    from qml.calibration.published import published

    summary = published()
    if summary is not None:
        assert refresh().with_calibration(README, summary) == README, "run: python docs/refresh.py"


def test_the_speed_of_a_peer_is_its_time_over_ours():
    tools = refresh()
    row = {"wires": 2, "layers": 1, "batch": 8, "seconds": {"QuantumLayer": 0.002, "PennyLane + JAX jit": 0.01}}
    text = tools.with_speed("<!-- speed:begin --><!-- speed:end -->", {"results": [row]})
    assert "| 2, 1, 8 | **2** | – | – | 5× slower |" in text
    assert "asks of itself" not in text


def test_a_ratio_that_is_missed_or_was_not_measured_is_not_counted_as_met():
    peers = {"TorchLayer default.qubit": 5, "PennyLane + JAX jit": 5.1, "TorchLayer lightning.qubit": 1}
    seconds = {"QuantumLayer": 0.002, "PennyLane + JAX jit": 0.01, "TorchLayer default.qubit": 0.01}
    row = {"wires": 2, "layers": 1, "batch": 8, "seconds": seconds, "asked": peers}
    text = refresh().with_speed("<!-- speed:begin --><!-- speed:end -->", {"results": [row]})
    assert "1 of the 3 ratios that the project asks of itself are met." in text
