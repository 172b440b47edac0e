"""Studies: tasks × models × replicates under one budget, run on any number of workers and recorded."""

from qml.studies.cell import Cell, CellRecord, run_cell
from qml.studies.outcome import judge_records
from qml.studies.plan import Plan
from qml.studies.records import Records
from qml.studies.spec import StudySpec
from qml.studies.study import Study, StudyResult

__all__ = [
    "Cell",
    "CellRecord",
    "Plan",
    "Records",
    "Study",
    "StudyResult",
    "StudySpec",
    "judge_records",
    "run_cell",
]
