"""Scores in, verdict out: plain statistics that need numpy and scipy only.

>>> from qml.advantage import replicates_needed
>>> replicates_needed(sd=0.03, true_difference=0.05, margin=0.02)
11
"""

from qml.advantage.decision import Label
from qml.advantage.holm import holm
from qml.advantage.judge import judge
from qml.advantage.power import minimum_detectable_effect, replicates_needed
from qml.advantage.rows import FamilyRow, StudyVerdict, TaskVerdict
from qml.advantage.settings import MIN_REPLICATES, Protocol, TaskSettings
from qml.advantage.twins import TWIN_MARGIN, TwinRow
from qml.advantage.verdict import Verdict, verdict

__all__ = [
    "MIN_REPLICATES",
    "TWIN_MARGIN",
    "FamilyRow",
    "Label",
    "Protocol",
    "StudyVerdict",
    "TaskSettings",
    "TaskVerdict",
    "TwinRow",
    "Verdict",
    "holm",
    "judge",
    "minimum_detectable_effect",
    "replicates_needed",
    "verdict",
]
