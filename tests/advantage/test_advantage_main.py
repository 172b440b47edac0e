import json
import subprocess
import sys

import numpy as np
import pytest

from qml.advantage.__main__ import main


@pytest.fixture
def scores(tmp_path):
    path = tmp_path / "scores.csv"
    wiggle = np.linspace(-0.01, 0.01, 10)
    rows = [f"{0.9 + w},{0.8 - w}" for w in wiggle]
    path.write_text("\n".join(["quantum,svm", *rows]) + "\n")
    return path


def test_judges_a_file(scores, capsys):
    assert main([str(scores), "--classical", "svm", "--margin", "0.02"]) == 0
    assert capsys.readouterr().out.startswith("ADVANTAGE (L1): quantum is better by 0.100")


def test_prints_json_and_knows_the_designs(scores, capsys):
    given = [str(scores), "--classical", "svm", "--margin", "0.02", "--json"]
    assert main([*given, "--design", "resampled", "--test-fraction", "0.25"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["design"], found["test_fraction"], found["label"]) == ("resampled", 0.25, "ADVANTAGE")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("quantm,classical\n1,2\n", "has no column 'quantum'. Did you mean 'quantm'? Choices: classical, quantm."),
        ("quantum,classical\n0.9,0.8\n0.9,high\n", "line 3: column 'classical' holds 'high', which is not a number."),
        ("quantum,classical\n0.9\n", "line 2: column 'classical' holds None, which is not a number."),
        ("quantum,classical\n0.9,0.8\n", "needs at least 2 paired replicates"),
        ("", "has no column 'quantum'. Choices: none."),
    ],
)
def test_bad_files(tmp_path, capsys, text, message):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    assert main([str(path), "--margin", "0.02"]) == 2
    assert message in capsys.readouterr().err


def test_missing_file(tmp_path, capsys):
    assert main([str(tmp_path / "none.csv"), "--margin", "0.02"]) == 2
    assert "No such file" in capsys.readouterr().err


def test_runs_as_a_module(scores):
    command = [sys.executable, "-m", "qml.advantage", str(scores), "--classical", "svm", "--margin", "0.02"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ADVANTAGE (L1)")
