"""The two-copy purity test on six wires."""

from qml.tasks.purity import purity_task
from qml.tasks.task import TASKS

TASKS.add(purity_task("purity-6", n_wires=6))
