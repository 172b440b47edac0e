"""The minute that CI runs, as a person starts it: from a shell, and killed on the way."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import qml
from qml.calibration.defects import DEFECTS, inject_all
from qml.studies import Records

ROOT = Path(qml.__file__).parents[1]


def start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "qml.cli", "calibrate", "--quick"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.slow
def test_the_quick_suite_passes_though_it_is_killed_on_the_way(tmp_path: Path) -> None:
    folder = tmp_path / "results" / "calibration-quick"
    run = start(tmp_path)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not ((folder / "records.sqlite").exists() and _count(folder) >= 5):
        time.sleep(0.5)
    family = psutil.Process(run.pid).children(recursive=True)
    run.kill()
    run.communicate()
    assert psutil.wait_procs(family, timeout=10)[1] == []
    before = _count(folder)

    again = start(tmp_path)
    out, err = again.communicate(timeout=600)
    assert again.returncode == 0, out + err
    assert "studies of" in out
    assert "Calibration passed: all" in out
    summary = json.loads((folder / "calibration.json").read_text())
    assert before >= 5
    assert summary["finished"]
    assert {case["code"] for case in summary["cases"]} == {"N2", "N3", "P2", "T1"}
    assert all(defect["flagged"] for defect in summary["defects"])
    assert (folder / "reliability.png").stat().st_size > 1000
    with Records.open(folder) as records:
        accesses = records.test_accesses().groupby("key").size()
        assert len(accesses) == len(records.plan())
        assert accesses.max() == 1


@pytest.mark.slow
def test_every_injected_defect_is_flagged() -> None:
    found = {row["name"]: row["answer"] for row in inject_all() if not row["flagged"]}
    assert found == {}
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS)


def _count(folder: Path) -> int:
    with Records.open(folder) as records:
        return len(records.cells())
