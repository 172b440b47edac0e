import hashlib
import subprocess
import sys

import pytest

from qml import tasks
from qml.testing import check_metric, check_task

_PRINT_DIGEST = """
import hashlib, sys
from qml import tasks
for name in sys.argv[1:]:
    split = tasks.get(name).split(11)
    X, y = split.test.open()
    parts = (split.X_train, split.y_train, X, y)
    print(hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest())
"""


@pytest.mark.parametrize("name", tasks.names())
def test_task_conforms(name):
    check_task(tasks.get(name))


@pytest.mark.parametrize("name", [metric.name for metric in tasks.METRICS])
def test_metric_conforms(name):
    check_metric(tasks.metric(name))


def test_another_process_draws_the_same_bits():
    here = {}
    for name in tasks.names():
        split = tasks.get(name).split(11)
        parts = (split.X_train, split.y_train, *split.test.open())
        here[name] = hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()
    there = subprocess.run([sys.executable, "-c", _PRINT_DIGEST, *here], capture_output=True, text=True, check=True)
    assert dict(zip(here, there.stdout.split(), strict=True)) == here


def test_names_are_the_contract_of_the_quickstart():
    assert {"ad-hoc", "breast-cancer", "permuted-moons", "two-moons"} <= set(tasks.names())


def test_unknown_task_names_the_nearest():
    with pytest.raises(ValueError, match=r"unknown task 'two-moon'\. Did you mean 'two-moons'\?"):
        tasks.get("two-moon")


def test_unknown_metric_names_the_nearest():
    with pytest.raises(ValueError, match=r"unknown metric 'balanced_accuracy'\. Did you mean 'balanced-accuracy'\?"):
        tasks.metric("balanced_accuracy")
