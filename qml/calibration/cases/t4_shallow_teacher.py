"""T4, shared angles: a teacher with one upload, which sees one of its four angles."""

from qml.calibration.case import CASES, Case
from qml.calibration.pool import SMALL_POOL, SMALL_TRIALS, TWINS

ONE_UPLOAD = {"n_layers": 1, "start": 0, "n_starts": 4, "penalty": 1e-3}

CASES.add(
    Case(
        name="t4-shallow-teacher",
        code="T4",
        group="trap",
        summary="a student with one upload and its twins against a pool, on a teacher with one upload",
        source="VERDICT.md P6: Z on wire 0 commutes with the last CZ ring, so the label is a sine of one angle.",
        study={
            "tasks": [{"name": "teacher-shallow", "n_train": 100}],
            "models": {
                "quantum": [{"name": "teacher-student", "params": ONE_UPLOAD}],
                "twins": TWINS,
                "classical": SMALL_POOL,
            },
            "budget": {"trials": SMALL_TRIALS, "inner_folds": 2},
        },
        repeats=5,
    )
)
