"""T2: the phases of the cluster-Ising chain, which measurements in local bases tell apart as well."""

from qml.calibration.case import CASES, Case
from qml.calibration.pool import SMALL_POOL, SMALL_TRIALS

CASES.add(
    Case(
        name="t2-cluster-ising",
        code="T2",
        group="trap",
        summary="a circuit that reads all stabilizers at once against a pool on local bases, at equally many copies",
        source="Cong, Choi, Lukin 2019 (arXiv:1810.03787); Bermejo et al. 2024: local measurements suffice.",
        study={
            "tasks": [{"name": "cluster-ising", "n_train": 100}],
            "models": {"quantum": ["string-order"], "twins": ["separable"], "classical": SMALL_POOL},
            "budget": {"trials": SMALL_TRIALS, "inner_folds": 2},
        },
        repeats=10,
    )
)
