"""T3: a target inside the circuit's Fourier spectrum, which ridge regression on the same frequencies has too."""

from qml.calibration.case import CASES, Case
from qml.calibration.pool import SMALL_POOL, SMALL_TRIALS, TWINS

CASES.add(
    Case(
        name="t3-fourier-target",
        code="T3",
        group="trap",
        summary="a trained circuit with two uploads and its twins against a pool with the Fourier surrogate",
        source="Schuld, Sweke, Meyer 2021 (arXiv:2008.08605): both have the frequencies -2 to 2 of each angle.",
        study={
            "tasks": ["fourier-target"],
            "models": {
                "quantum": [
                    {"name": "teacher-student", "params": {"n_layers": 2, "start": 0, "n_starts": 4, "penalty": 1e-3}}
                ],
                "twins": TWINS,
                "classical": SMALL_POOL,
            },
            "budget": {"trials": SMALL_TRIALS, "inner_folds": 2},
        },
        repeats=5,
    )
)
