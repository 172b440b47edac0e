"""Real workers, real kills: `qml run` as a person starts it."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import qml
from qml.errors import SpecError
from qml.studies import Records, Study
from qml.studies.cluster import connect

ROOT = Path(qml.__file__).parents[1]

RUN = "from qml import Study\nresult = Study.from_yaml('mini.yaml').run()\nprint(result.n_run, result.n_failed)\n"


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "qml.cli", "run", "mini.yaml", *options],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A job of a shell without job control ignores Ctrl-C, and so would what it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def finish(run: subprocess.Popen[str]) -> None:
    _, err = run.communicate(timeout=300)
    assert run.returncode == 0, err


def scores(folder: Path, name: str = "mini") -> dict[str, tuple[float, str]]:
    with Records.open(folder / "results" / name) as records:
        cells = records.cells()
        assert cells["key"].is_unique
        assert set(records.statuses().values()) == {"done"}
        pairs = zip(cells["score"], cells["params"].map(str), strict=True)
        return dict(zip(cells["key"], pairs, strict=True))


def test_workers_run_one_thread_each_and_know_the_callers_modules(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(folder))
    before = dict(os.environ)
    with connect(1) as client:
        got = client.submit(
            lambda: (os.environ["OMP_NUM_THREADS"], os.environ["NUMBA_NUM_THREADS"], __import__("qml_toys").__name__)
        ).result()
    assert got == ("1", "1", "qml_toys")
    assert dict(os.environ) == before


def test_a_scheduler_that_is_not_there_is_an_error() -> None:
    message = r"--scheduler tcp://127\.0\.0\.1:9: no Dask scheduler answers there"
    with pytest.raises(SpecError, match=message), connect(1, "tcp://127.0.0.1:9"):
        pass


def test_a_word_that_is_no_address_is_an_error() -> None:
    message = "--scheduler nonsense: no Dask scheduler answers there"
    with pytest.raises(SpecError, match=message), connect(1, "nonsense"):
        pass


@pytest.mark.slow
def test_one_and_two_workers_give_the_same_bits(study_file: Path) -> None:
    text = study_file.read_text().replace("[toy]", "[toy, {name: reuploading, params: {max_epochs: 3}}, iqp-kernel]")
    study_file.write_text(text.replace("trials: 3", "trials: 6"))
    runs = {
        workers: start(study_file.parent, "--workers", str(workers), "--results", f"r{workers}") for workers in (1, 2)
    }
    for run in runs.values():
        finish(run)
    found = {}
    for workers in runs:
        with Records.open(study_file.parent / f"r{workers}" / "mini") as records:
            cells = records.cells()
            found[workers] = cells[["key", "score", "validation_score"]].to_dict("records")
            assert set(cells["status"]) == {"done"}
    assert found[1] == found[2]
    verdicts = [(study_file.parent / f"r{workers}/mini/verdict.json").read_bytes() for workers in runs]
    assert verdicts[0] == verdicts[1]


@pytest.mark.slow
def test_a_given_scheduler_is_used(study_file: Path) -> None:
    from qml.studies.cluster import _local_cluster

    with _local_cluster(1) as cluster:
        result = Study.from_yaml(study_file).run(scheduler=cluster.scheduler_address, progress=False)
    assert (result.n_run, result.n_failed) == (12, 0)


@pytest.mark.slow
def test_five_kills_lose_nothing_and_change_nothing(study_file: Path) -> None:
    folder = study_file.parent
    study_file.write_text(study_file.read_text().replace("replicates: 3", "replicates: 60"))
    finish(start(folder, "--set", "name=whole"))
    moment = random.Random(5)
    counts = []
    for _ in range(5):
        run = start(folder)
        time.sleep(moment.uniform(3.0, 12.0))
        family = psutil.Process(run.pid).children(recursive=True) if run.poll() is None else []
        run.kill()
        run.communicate()
        _, alive = psutil.wait_procs(family, timeout=10)
        assert alive == []
        if (folder / "results/mini/records.sqlite").exists():
            with Records.open(folder / "results/mini") as records:
                counts.append(len(records.cells()))
    finish(start(folder))
    assert counts == sorted(counts)
    assert scores(folder) == scores(folder, "whole")
    assert (folder / "results/mini/verdict.json").read_bytes() == (folder / "results/whole/verdict.json").read_bytes()


@pytest.mark.slow
def test_ctrl_c_stops_cleanly_and_says_how_to_continue(study_file: Path) -> None:
    study_file.write_text(study_file.read_text().replace("replicates: 3", "replicates: 400"))
    run = start(study_file.parent)
    deadline = time.monotonic() + 60
    records = study_file.parent / "results/mini/records.sqlite"
    while not records.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(6)
    os.killpg(run.pid, signal.SIGINT)
    _, err = run.communicate(timeout=30)
    assert run.returncode == 130, err
    assert "stopped. What was done is recorded. To continue: qml run mini.yaml" in err
    assert "Traceback" not in err


@pytest.mark.slow
@pytest.mark.parametrize("how", ["script", "stdin"])
def test_a_study_runs_from_a_script_without_a_guard_and_from_standard_input(study_file: Path, how: str) -> None:
    (study_file.parent / "plain.py").write_text(RUN)
    run = subprocess.run(
        [sys.executable, "plain.py" if how == "script" else "-"],
        cwd=study_file.parent,
        env=environment(),
        input=RUN if how == "stdin" else None,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert run.stdout.strip() == "12 0", run.stderr
    assert "12 of 12 cells done, 0 running, 0 failed, 0 s left" in run.stderr


@pytest.mark.slow
def test_a_cell_that_takes_its_worker_down_is_a_failed_cell(study_file: Path) -> None:
    text = study_file.read_text().replace("[toy]", "[toy-killer]").replace("twins: [separable]", "twins: []")
    study_file.write_text(text.replace("replicates: 3", "replicates: 1"))
    result = Study.from_yaml(study_file).run(workers=1, progress=False)
    assert (result.n_cells, result.n_failed) == (3, 1)
    (error,) = result.cells["error"].dropna()
    assert error == "the worker process died while it ran this cell, twice: out of memory, or killed from outside."


@pytest.mark.slow
def test_a_finished_study_is_told_quickly_and_without_the_libraries_that_compute(study_file: Path) -> None:
    finish(start(study_file.parent))
    code = (
        "import sys, runpy\nsys.argv = ['qml', 'run', 'mini.yaml']\n"
        "try:\n    runpy.run_module('qml.cli', run_name='__main__')\n"
        "except SystemExit as stop:\n    assert not stop.code, stop.code\n"
        "heavy = {'torch', 'pennylane', 'sklearn', 'dask', 'distributed', 'numba', 'optuna'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    started = time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=study_file.parent,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert time.perf_counter() - started < 5
    assert "This study is finished: all 12 cells were recorded before. Nothing was run." in run.stdout
