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


def test_knows_looks(scores, capsys):
    assert main([str(scores), "--classical", "svm", "--margin", "0.02", "--looks", "10,20"]) == 0
    assert " at look 1 of 2, p-value over the looks " in capsys.readouterr().out


def test_several_tasks_are_corrected_and_pooled(tmp_path, capsys):
    path = tmp_path / "tasks.csv"
    rows = [f"{task},{0.9 + w},{0.8 - w}" for task in "abcdef" for w in np.linspace(-0.01, 0.01, 10)]
    path.write_text("\n".join(["task,quantum,classical", *rows]) + "\n")
    assert main([str(path), "--task", "task", "--margin", "0.02"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 7
    assert lines[0].startswith("a: ADVANTAGE (L1): quantum is better by 0.100: P(difference > 0.02) > 0.999, Holm-adj")
    assert lines[-1].startswith("Over 6 tasks: better: mean difference +0.100")


def test_a_file_with_labels_is_one_test_set(tmp_path, capsys):
    path = tmp_path / "labels.csv"
    path.write_text("y,quantum,classical\n" + "cat,cat,dog\n" * 8 + "dog,dog,dog\n" * 4)
    assert main([str(path), "--truth", "y"]) == 0
    assert capsys.readouterr().out.startswith("the quantum model is better on this test set: 8 of 12 rows right only")
    assert main([str(path), "--truth", "y", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["p_value"] == 2 * 0.5**8


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
