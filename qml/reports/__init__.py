"""Records to pictures: charts, verdict tables, and one self-contained HTML page.  Nothing is simulated here."""

from qml.reports.calibration import calibration_markdown, write_calibration
from qml.reports.charts import differences, figure, forest, pareto, reliability, scores, training_curve, verdict_forest
from qml.reports.data import Circuit, Note, ReportData
from qml.reports.page import render, write_report
from qml.reports.table import VerdictRow, verdict_markdown, verdict_rows

__all__ = [
    "Circuit",
    "Note",
    "ReportData",
    "VerdictRow",
    "calibration_markdown",
    "differences",
    "figure",
    "forest",
    "pareto",
    "reliability",
    "render",
    "scores",
    "training_curve",
    "verdict_forest",
    "verdict_markdown",
    "verdict_rows",
    "write_calibration",
    "write_report",
]
