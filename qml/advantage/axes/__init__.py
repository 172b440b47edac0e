"""The axes of a comparison: pure functions from tables of scores to differences, + meaning that quantum is better.

>>> from qml.advantage.axes import get_axis, savings
>>> get_axis("sample-efficiency").margin
0.32
>>> savings([16, 32, 64], quantum=[[0.7, 0.9, 0.9]], classical=[[0.6, 0.7, 0.9]], target=0.8)[0].tolist()
[1.0]
"""

from qml.advantage.axes.axis import AXES, Axis, get_axis, primary_axis
from qml.advantage.axes.hardware_time import (
    HARDWARE,
    Hardware,
    hardware_seconds,
    n_circuits_kernel,
    n_circuits_parameter_shift,
)
from qml.advantage.axes.parameters import pareto_front, smallest_reaching
from qml.advantage.axes.reaching import (
    Reached,
    area_over_log,
    first_reaching,
    log2_saving,
    logrank_p,
    savings,
    steps_to_target,
)
from qml.advantage.axes.robustness import check_has_zero, relative_change
from qml.tasks.extremes import all_values, expected_best_of, expected_quality, quality
from qml.tasks.generative import (
    exact_mmd_squared,
    mmd_squared,
    negative_log_likelihood,
    novelty,
    total_variation,
    validity,
)
from qml.tasks.negative_log_rmse import REGRESSION_MARGIN, negative_log_rmse

__all__ = [
    "AXES",
    "HARDWARE",
    "REGRESSION_MARGIN",
    "Axis",
    "Hardware",
    "Reached",
    "all_values",
    "area_over_log",
    "check_has_zero",
    "exact_mmd_squared",
    "expected_best_of",
    "expected_quality",
    "first_reaching",
    "get_axis",
    "hardware_seconds",
    "log2_saving",
    "logrank_p",
    "mmd_squared",
    "n_circuits_kernel",
    "n_circuits_parameter_shift",
    "negative_log_likelihood",
    "negative_log_rmse",
    "novelty",
    "pareto_front",
    "primary_axis",
    "quality",
    "relative_change",
    "savings",
    "smallest_reaching",
    "steps_to_target",
    "total_variation",
    "validity",
]
