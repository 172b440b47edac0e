"""Scores in, verdict out: plain statistics that need numpy and scipy only.

>>> from qml.advantage import replicates_needed
>>> replicates_needed(sd=0.03, true_difference=0.05, margin=0.02)
11
"""

from qml.advantage.decision import Label
from qml.advantage.fdr import FALSE_DISCOVERY_RATE, benjamini_hochberg
from qml.advantage.holm import holm
from qml.advantage.judge import judge
from qml.advantage.looks import obrien_fleming_constant
from qml.advantage.mcnemar import McNemar, mcnemar
from qml.advantage.pilot import Proposal, propose_replicates
from qml.advantage.pooled import MIN_TASKS, Pooled
from qml.advantage.power import minimum_detectable_effect, replicates_needed
from qml.advantage.rows import FamilyRow, StudyVerdict, TaskVerdict
from qml.advantage.settings import MIN_REPLICATES, Protocol, TaskSettings
from qml.advantage.twins import TWIN_MARGIN, TwinRow
from qml.advantage.verdict import PairedScores, Verdict, Verdicts, verdict, verdicts

__all__ = [
    "FALSE_DISCOVERY_RATE",
    "MIN_REPLICATES",
    "MIN_TASKS",
    "TWIN_MARGIN",
    "FamilyRow",
    "Label",
    "McNemar",
    "PairedScores",
    "Pooled",
    "Proposal",
    "Protocol",
    "StudyVerdict",
    "TaskSettings",
    "TaskVerdict",
    "TwinRow",
    "Verdict",
    "Verdicts",
    "benjamini_hochberg",
    "holm",
    "judge",
    "mcnemar",
    "minimum_detectable_effect",
    "obrien_fleming_constant",
    "propose_replicates",
    "replicates_needed",
    "verdict",
    "verdicts",
]
