"""P6: a hidden re-uploading teacher, learned by a trained circuit."""

from qml.calibration.case import CASES, Case
from qml.calibration.pool import TRIALS, pool

# Eight pilot replicates with other seeds, thrown away since: mean difference .091, standard deviation .037, for which
# the sample-size formula asks for fewer replicates than the least a verdict needs, 10.
CASES.add(
    Case(
        name="p6-teacher",
        code="P6",
        group="positive",
        summary="a trained circuit of the teacher's own family, the best of ten starts, against the whole pool",
        source="VERDICT.md P6; the family of Schuld, Sweke, Meyer 2021 (arXiv:2008.08605)",
        study={
            "tasks": ["teacher"],
            "models": {
                "quantum": [{"name": "teacher-student", "params": {"start": 0, "n_starts": 10, "penalty": 1e-3}}],
                "classical": pool(),
            },
            "budget": {"trials": TRIALS, "inner_folds": 2},
        },
        repeats=10,
    )
)
