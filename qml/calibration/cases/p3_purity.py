"""P3: is a state pure or noise?  Two copies in one device against one copy at a time."""

from qml.calibration.case import CASES, Case
from qml.calibration.pool import TRIALS, pool

CASES.add(
    Case(
        name="p3-purity",
        code="P3",
        group="positive",
        summary="swap tests on four pairs of copies against the whole pool on single-copy outcomes, four wires",
        source="Huang et al. 2022 (arXiv:2112.00778)",
        study={
            "tasks": [{"name": "purity", "n_train": 100}],
            "models": {"quantum": ["swap-test"], "classical": pool()},
            "budget": {"trials": TRIALS, "inner_folds": 2},
        },
        repeats=20,
    )
)
