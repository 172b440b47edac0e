"""The same scores give the same answer: in a study, in `qml.verdict`, in `verdicts`, and from a CSV file."""

import csv
import json
from pathlib import Path

import pytest

from qml.advantage import PairedScores, verdict, verdicts
from qml.advantage.__main__ import main

QUICKSTART = Path(__file__).parents[2] / "results" / "quickstart" / "verdict.json"
NUMBERS = (
    "mean",
    "interval",
    "p_advantage",
    "p_equivalent",
    "p_disadvantage",
    "p_advantage_holm",
    "minimum_detectable_effect",
    "n_replicates",
    "margin",
)


@pytest.fixture(scope="module")
def study():
    """The committed verdict of a study that was run: a positive, a null, a small data set and permuted labels."""
    return json.loads(QUICKSTART.read_text(encoding="utf-8"))


def settings(row):
    design = {"design": row["design"]} | (
        {"test_fraction": row["test_fraction"]} if row["design"] == "resampled" else {}
    )
    return {"margin": row["margin"], "chance": row["chance"], **design}


def scores(row):
    return PairedScores(quantum=row["quantum_scores"], classical=row["classical_scores"], **settings(row))


def assert_same(ours, row):
    assert (ours["label"], ours["reason"]) == (row["label"], row["reason"])
    for name in NUMBERS:
        assert ours[name] == pytest.approx(row[name], rel=1e-12), (row["task"], name)


def test_the_study_is_a_real_one(study):
    assert {"fresh", "resampled"} == {row["design"] for row in study["tasks"]}
    assert len({row["label"] for row in study["tasks"]}) == 3


def test_verdicts_are_the_study(study):
    found = verdicts({row["task"]: scores(row) for row in study["tasks"]}, alpha=study["protocol"]["alpha"])
    for row in study["tasks"]:
        assert_same(found[row["task"]].to_dict(), row)


def test_one_verdict_differs_by_holm_only(study):
    for row in study["tasks"]:
        found = verdict(row["quantum_scores"], row["classical_scores"], **settings(row))
        assert found.label == row["label"]  # no task of this study hangs on Holm
        for name in ("mean", "interval", "p_advantage", "p_equivalent", "p_disadvantage"):
            assert getattr(found, name) == pytest.approx(row[name], rel=1e-12)


def test_a_csv_file_is_the_study(study, tmp_path, capsys):
    path = tmp_path / "scores.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["task", "quantum", "classical", "margin", "chance", "design", "test_fraction"])
        for row in study["tasks"]:
            fraction = row["test_fraction"] if row["design"] == "resampled" else ""
            for pair in zip(row["quantum_scores"], row["classical_scores"], strict=True):
                writer.writerow([row["task"], *pair, row["margin"], row["chance"], row["design"], fraction])
    assert main([str(path), "--task", "task", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    for ours, row in zip(found["tasks"], study["tasks"], strict=True):
        assert_same(ours, row)
    assert found["pooled"]["note"] == "3 of the tasks can be pooled, at least 6 are needed"  # scores know no controls
