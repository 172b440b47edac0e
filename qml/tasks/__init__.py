"""What is learned: data, split policy, metric, source.  One file a task; no models here."""

from qml.tasks.chance import chance_level
from qml.tasks.metrics import METRICS, Metric, metric
from qml.tasks.split import SealedTest, Split
from qml.tasks.task import TASKS, Task, get, names

__all__ = ["METRICS", "TASKS", "Metric", "SealedTest", "Split", "Task", "chance_level", "get", "metric", "names"]
