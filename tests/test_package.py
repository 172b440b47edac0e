"""The front door: start-up times, lazy loading, and what a wrong name answers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import qml

QML = Path(sys.executable).with_name("qml")


def best_of_five(*command):
    """Return seconds of processor time, which other processes on the machine change little."""
    times = []
    for _ in range(5):
        before = os.times()
        subprocess.run(command, check=True, capture_output=True)
        after = os.times()
        spent = (after.children_user - before.children_user) + (after.children_system - before.children_system)
        times.append(spent)
    return min(times)


def python(code):
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_importing_costs_under_three_tenths_of_a_second():
    seconds = [
        float(python("import time; t = time.process_time(); import qml; print(time.process_time() - t)"))
        for _ in range(5)
    ]
    assert min(seconds) < 0.3


def test_help_answers_within_half_a_second():
    assert best_of_five(QML, "--help") < 0.5


def test_importing_loads_nothing_heavy():
    heavy = {"torch", "pennylane", "numpy", "numba", "sklearn", "optuna", "dask", "altair", "pandas", "sqlalchemy"}
    assert python(f"import sys, qml; print(sorted({heavy!r} & set(sys.modules)))") == "[]"


def test_a_pennylane_name_says_where_it_lives():
    with pytest.raises(AttributeError, match=r"'RX': that is PennyLane. Write `import pennylane as qp` and `qp.RX`"):
        qml.RX  # noqa: B018


def test_an_unknown_name_lists_the_nearest():
    with pytest.raises(AttributeError, match="Did you mean 'QuantumLayer'"):
        qml.QuantumLayers  # noqa: B018


@pytest.mark.parametrize("name", qml.__all__)
def test_every_public_name_is_there(name):
    assert getattr(qml, name) is not None
    assert name in dir(qml)
