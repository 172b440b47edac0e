"""P5: digits, relabelled so that a projected kernel is at home on them."""

from qml.calibration.case import CASES, Case
from qml.calibration.pool import TRIALS, pool

CASES.add(
    Case(
        name="p5-relabelled-digits",
        code="P5",
        group="positive",
        summary="the projected kernel that relabelled the digits against the whole pool",
        source="Huang et al. 2021 (arXiv:2011.01938)",
        study={
            "tasks": ["relabelled-digits"],
            "models": {"quantum": ["projected-kernel"], "classical": pool()},
            "budget": {"trials": TRIALS, "inner_folds": 2},
        },
        repeats=10,
    )
)
