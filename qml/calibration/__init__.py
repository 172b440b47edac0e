"""How often is the verdict right?  Studies whose answer is known, run from data to verdict, and counted."""

from qml.calibration.case import CASES, Case
from qml.calibration.suite import Suite, full_suite, quick_suite, suite_of

__all__ = ["CASES", "Case", "Suite", "full_suite", "quick_suite", "suite_of"]
