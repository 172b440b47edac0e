"""What helped?  Quantum against its twins, and the evidence level that follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from qml.advantage.decision import Label
from qml.advantage.gates import MAX_FAILURES
from qml.advantage.posterior import t_posterior
from qml.advantage.table import Cell, TaskTable, TwinKind, scores_of

TWIN_MARGIN = 0.01
NOT_ASSESSED = "L3 (cheap simulation) and L4 (shots and noise) are not assessed in this version"


@dataclass(frozen=True, kw_only=True)
class TwinRow:
    """Quantum against the best twin of one kind.

    Args:
        twin: The kind.
        mean: Mean difference, quantum minus twin; None if it could not be computed.
        lower: Its one-sided lower bound at alpha; None as above.
        passes: Whether the bound is above 0.01, and the comparison is a fair one.
        note: Why it does not pass; empty if it does.
    """

    twin: TwinKind
    mean: float | None
    lower: float | None
    passes: bool
    note: str


def compare_twins(table: TaskTable, winners: Sequence[Cell], alpha: float) -> tuple[TwinRow, ...]:
    """Return one row for each kind of twin that has cells.

    The tests are not corrected for their number: all of them must pass.

    Args:
        table: The task's cells.
        winners: The quantum winner of each complete replicate.
        alpha: One-sided error rate.
    """
    kinds = {cell.twin for cell in table.cells if cell.twin is not None}
    return tuple(_row(kind, table, winners, alpha) for kind in get_args(TwinKind) if kind in kinds)


def _row(kind: TwinKind, table: TaskTable, winners: Sequence[Cell], alpha: float) -> TwinRow:
    cells = [cell for cell in table.cells if cell.twin == kind]
    models = tuple(dict.fromkeys(cell.model for cell in cells))
    ran = {(cell.replicate, cell.model) for cell in cells}
    if any((replicate, model) not in ran for replicate in table.replicates for model in models):
        return TwinRow(twin=kind, mean=None, lower=None, passes=False, note="it did not run in every replicate")
    if len(winners) < 2:
        return TwinRow(twin=kind, mean=None, lower=None, passes=False, note="fewer than two replicates")
    differences = scores_of(winners) - scores_of(table.winners(models))
    posterior = t_posterior(differences, table.settings.design, table.settings.fraction)
    lower = posterior.quantile(alpha)
    note = _unfair(table, cells, winners)
    if not note and lower <= TWIN_MARGIN:
        note = f"the lower bound {lower:.3f} is not above {TWIN_MARGIN:g}"
    return TwinRow(twin=kind, mean=posterior.mean, lower=lower, passes=not note, note=note)


def _unfair(table: TaskTable, cells: Sequence[Cell], winners: Sequence[Cell]) -> str:
    """Say why these twins are no fair opponent of the quantum winners; empty if they are."""
    imitated = {cell.twin_of for cell in cells}
    alone = sorted({winner.model for winner in winners} - imitated) if None not in imitated else []
    if alone:
        return f"{', '.join(alone)} won replicates and has no such twin"
    for replicate in table.replicates:
        n_twin = sum(cell.n_trials for cell in cells if cell.replicate == replicate)
        if n_twin < table.n_trials("quantum", replicate):
            return f"it had fewer trials ({n_twin}) than quantum ({table.n_trials('quantum', replicate)})"
    n_failed = sum(cell.failed for cell in cells)
    return f"{n_failed} of {len(cells)} fits failed" if n_failed > MAX_FAILURES * len(cells) else ""


def evidence_level(label: Label, rows: Sequence[TwinRow], n_pool: int) -> tuple[str, str]:
    """Return the evidence level, L0 to L2, and the sentence that explains it.

    >>> evidence_level("NO ADVANTAGE", (), n_pool=10)
    ('L0', 'L0: no advantage shown; the levels start there.')
    """
    if label != "ADVANTAGE":
        return "L0", "L0: no advantage shown; the levels start there."
    beats = f"beats a pool of {n_pool} classical models"
    problems = [f"the {row.twin} twin does not pass ({row.note})" for row in rows if not row.passes]
    present = {row.twin for row in rows}
    missing = [kind for kind in get_args(TwinKind) if kind not in present]
    if missing:
        problems.append(f"this study did not run the {_and(missing)} twin{'s' if len(missing) > 1 else ''}")
    if problems:
        return "L1", f"L1: {beats}. Not L2, so the cause is open: {'; '.join(problems)}. {NOT_ASSESSED}."
    return "L2", f"L2: {beats}, and all four kinds of twin. {NOT_ASSESSED}."


def _and(words: Sequence[str]) -> str:
    """Join words as prose does.

    >>> _and(["a", "b", "c"]), _and(["a"])
    ('a, b and c', 'a')
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
