"""T4: the hidden teacher, with angles that the classical side may not look at as points on the circle."""

from qml.calibration.case import CASES, Case
from qml.calibration.pool import SMALL_POOL, SMALL_TRIALS, TWINS

CASES.add(
    Case(
        name="t4-raw-angles",
        code="T4",
        group="trap",
        summary="the teacher's student and its twins against a pool that sees raw angles only",
        source="The circuit reads an angle as a point on the circle, and the pool may not: a part is representation.",
        study={
            "tasks": [{"name": "teacher-raw", "n_train": 150}],
            "models": {
                "quantum": [{"name": "teacher-student", "params": {"start": 0, "n_starts": 4, "penalty": 1e-3}}],
                "twins": TWINS,
                "classical": SMALL_POOL,
            },
            "budget": {"trials": SMALL_TRIALS, "inner_folds": 2},
        },
        repeats=5,
    )
)
