"""P2: Havlíček's ad hoc data."""

from qml.calibration.case import CASES, Case
from qml.calibration.pool import TRIALS, pool

CASES.add(
    Case(
        name="p2-ad-hoc",
        code="P2",
        group="positive",
        summary="the kernel that labelled the data against the whole pool, two wires, 40 rows",
        source="Havlíček et al. 2019 (arXiv:1804.11326)",
        study={
            "tasks": ["ad-hoc"],
            "models": {"quantum": ["iqp-kernel"], "classical": pool()},
            "budget": {"trials": TRIALS, "inner_folds": 2},
        },
        repeats=20,
        quick_repeats=1,
    )
)
