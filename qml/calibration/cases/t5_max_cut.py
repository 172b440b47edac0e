"""T5: QAOA on MaxCut against greedy placement with single flips, at equally many evaluations."""

from qml.advantage import Verdict
from qml.calibration.table_case import TABLES, TableCase

REPLICATES = 10


def judged(seed: int) -> Verdict:
    """Judge the expected cuts of three layers of QAOA on ten graphs of twelve nodes."""
    from qml.studies.optimisation import max_cut_scores

    return max_cut_scores(n_replicates=REPLICATES, n_nodes=12, n_layers=3, seed=seed).verdict("expected")


TABLES.add(
    TableCase(
        name="t5-max-cut",
        code="T5",
        group="trap",
        summary="QAOA with three layers against a plain local search, expected cut of graphs with twelve nodes",
        source="VERDICT.md T5: classical must win",
        repeats=10,
        replicates=REPLICATES,
        judged=judged,
    )
)
