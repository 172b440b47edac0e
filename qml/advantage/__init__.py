"""Scores in, verdict out: plain statistics that need numpy and scipy only.

>>> from qml.advantage import replicates_needed
>>> replicates_needed(sd=0.03, true_difference=0.05, margin=0.02)
11
"""

import importlib
from typing import TYPE_CHECKING, Any

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
from qml.advantage.secondary import secondary_results
from qml.advantage.settings import MIN_REPLICATES, Protocol, TaskSettings
from qml.advantage.twins import TWIN_MARGIN, TwinRow
from qml.advantage.verdict import PairedScores, Verdict, Verdicts, verdict, verdicts

if TYPE_CHECKING:
    from qml.advantage.attribution import Attribution, attribute

__all__ = [
    "FALSE_DISCOVERY_RATE",
    "MIN_REPLICATES",
    "MIN_TASKS",
    "TWIN_MARGIN",
    "Attribution",
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
    "attribute",
    "benjamini_hochberg",
    "holm",
    "judge",
    "mcnemar",
    "minimum_detectable_effect",
    "obrien_fleming_constant",
    "propose_replicates",
    "replicates_needed",
    "secondary_results",
    "verdict",
    "verdicts",
]

_ATTRIBUTION = ("Attribution", "attribute")  # they need torch, which the statistics do not


def __getattr__(name: str) -> Any:
    if name in _ATTRIBUTION:
        value = globals()[name] = getattr(importlib.import_module("qml.advantage.attribution"), name)
        return value
    raise AttributeError(f"module 'qml.advantage' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
