"""T1: parity of a hidden choice of bits, which Gaussian elimination solves."""

from qml.calibration.case import CASES, Case
from qml.calibration.pool import SMALL_POOL, SMALL_TRIALS

CASES.add(
    Case(
        name="t1-parity",
        code="T1",
        group="trap",
        summary="a circuit that flips an ancilla by chosen bits against a pool with the task's own solver",
        source="Bernstein, Vazirani 1997; noise-free parity is a linear system modulo 2, solved in polynomial time",
        study={
            "tasks": ["parity"],
            "models": {
                "quantum": ["parity-circuit"],
                "classical": SMALL_POOL,
            },
            "budget": {"trials": SMALL_TRIALS + 1, "inner_folds": 2},  # one for the solver, which joins the pool
        },
        repeats=10,
        quick_repeats=1,
    )
)
