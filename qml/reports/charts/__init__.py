"""Charts from DataFrames; each is an Altair chart that also stands alone in a notebook."""

from qml.reports.charts.differences import differences
from qml.reports.charts.figure import figure
from qml.reports.charts.forest import forest, verdict_forest
from qml.reports.charts.pareto import pareto
from qml.reports.charts.reliability import reliability
from qml.reports.charts.scores import scores
from qml.reports.charts.training import training_curve

__all__ = ["differences", "figure", "forest", "pareto", "reliability", "scores", "training_curve", "verdict_forest"]
