"""What helped?  Quantum against its twins, and the evidence level that follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from qml.advantage.decision import Label
from qml.advantage.gates import MAX_FAILURES
from qml.advantage.posterior import t_posterior
from qml.advantage.table import Cell, TaskTable, TwinKind, scores_of

TWIN_MARGIN = 0.01
# Without these there is no L2.  The generator-aware solver is one more where a task names it.
NEEDED: tuple[TwinKind, ...] = ("separable", "frozen", "matched", "surrogate")


@dataclass(frozen=True, kw_only=True)
class TwinRow:
    """Quantum against the best twin of one kind.

    Args:
        twin: The kind; ``"generator"`` is the task's own solver.
        mean: Mean difference, quantum minus twin; None if it could not be computed.
        lower: Its one-sided lower bound at alpha; None as above.
        passes: Whether the bound is above 0.01, and the comparison is a fair one.
        note: Why it does not pass; empty if it does.
        applies: False where the quantum winners have nothing that this kind takes out; it then neither passes nor
            stands in the way.
    """

    twin: TwinKind
    mean: float | None
    lower: float | None
    passes: bool
    note: str
    applies: bool = True


def compare_twins(
    table: TaskTable,
    winners: Sequence[Cell],
    alpha: float,
    not_applicable: Mapping[str, Sequence[str]] | None = None,
) -> tuple[TwinRow, ...]:
    """Return one row for each kind of twin that has cells, or that does not apply to any winner.

    The tests are not corrected for their number: all of them must pass.

    Args:
        table: The task's cells.
        winners: The quantum winner of each complete replicate.
        alpha: One-sided error rate.
        not_applicable: For a kind of twin, the quantum models that have nothing for it to take out.
    """
    ran = {cell.twin for cell in table.cells if cell.twin is not None}
    rows = []
    for kind in get_args(TwinKind):
        exempt = (not_applicable or {}).get(kind, ())
        won = {winner.model for winner in winners}
        if won and won <= set(exempt):
            note = f"not applicable: {_and(sorted(won))} has nothing that a {kind} twin takes out"
            rows.append(TwinRow(twin=kind, mean=None, lower=None, passes=False, note=note, applies=False))
        elif kind in ran:
            rows.append(_row(kind, table, winners, alpha, exempt))
    return tuple(rows)


def _row(kind: TwinKind, table: TaskTable, winners: Sequence[Cell], alpha: float, exempt: Sequence[str]) -> TwinRow:
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
    note = _unfair(table, cells, winners, exempt)
    if not note and lower <= TWIN_MARGIN:
        note = f"the lower bound {lower:.3f} is not above {TWIN_MARGIN:g}"
    return TwinRow(twin=kind, mean=posterior.mean, lower=lower, passes=not note, note=note)


def _unfair(table: TaskTable, cells: Sequence[Cell], winners: Sequence[Cell], exempt: Sequence[str]) -> str:
    """Say why these twins are no fair opponent of the quantum winners; empty if they are."""
    imitated = {cell.twin_of for cell in cells}
    alone = sorted({winner.model for winner in winners} - imitated - set(exempt)) if None not in imitated else []
    if alone:
        return f"{', '.join(alone)} won replicates and has no such twin"
    # A solver that knows the generator has nothing to tune, or all of a side's trials.
    budgeted = [] if cells[0].twin == "generator" else table.replicates
    for replicate in budgeted:
        n_twin = sum(cell.n_trials for cell in cells if cell.replicate == replicate)
        if n_twin < table.n_trials("quantum", replicate):
            return f"it had fewer trials ({n_twin}) than quantum ({table.n_trials('quantum', replicate)})"
    n_failed = sum(cell.failed for cell in cells)
    return f"{n_failed} of {len(cells)} fits failed" if n_failed > MAX_FAILURES * len(cells) else ""


def evidence_level(
    label: Label,
    rows: Sequence[TwinRow],
    n_pool: int,
    tags: Sequence[str] | None = None,
    survival: Mapping[str, float] | None = None,
    alpha: float = 0.05,
    shared_angles: bool = True,
) -> tuple[str, str]:
    """Return the evidence level, L0 to L4, and the sentence that explains it.

    Args:
        label: Of the verdict.
        rows: What `compare_twins` gave.
        n_pool: Classical models of the pool.
        tags: Names of the cheap-simulation tags that apply to the quantum winners; None if that was not assessed.
        survival: P(better) by setting of shots and noise; None if that was not assessed.
        alpha: One-sided error rate.
        shared_angles: Whether the classical models could have [sin x, cos x] of features that are angles.

    >>> evidence_level("NO ADVANTAGE", (), n_pool=10)
    ('L0', 'L0: no advantage shown; the levels start there.')
    """
    if label != "ADVANTAGE":
        return "L0", "L0: no advantage shown; the levels start there."
    beats = f"beats a pool of {n_pool} classical models"
    problems = _problems(rows)
    if not shared_angles:
        problems.append(
            "the features are angles, and the classical models could not have their sines and cosines as a circuit has"
        )
    if problems:
        cheap = f" A cheap simulation is known ({', '.join(tags)})." if tags else ""
        return "L1", f"L1: {beats}. Not L2, so the cause is open: {'; '.join(problems)}.{cheap}{_open(tags, survival)}"
    beats += f", and {_twins_beaten(rows)}"
    if tags is None or tags:
        cheap = f" Not L3: it can be simulated cheaply ({', '.join(tags)})." if tags else ""
        return "L2", f"L2: {beats}.{cheap}{_open(tags, survival)}"
    beats += "; no tag of a cheap simulation applies to its circuits, which says nothing about larger ones"
    lost = [f"{setting}: {p:.2f}" for setting, p in (survival or {}).items() if not p > 1 - alpha]
    if survival is None or lost:
        gone = f" Not L4: P(better) does not pass {1 - alpha:g} with {'; '.join(lost)}." if lost else ""
        return "L3", f"L3: {beats}.{gone}{_open(tags, survival)}"
    return "L4", f"L4: {beats}; and it survives shots and noise in all {len(survival)} settings."


def _problems(rows: Sequence[TwinRow]) -> list[str]:
    """List what stands between an advantage and L2."""
    problems = [f"the {_name(row.twin)} does not pass ({row.note})" for row in rows if row.applies and not row.passes]
    present = {row.twin for row in rows}
    missing = [kind for kind in NEEDED if kind not in present]
    if missing:
        problems.append(f"this study did not run the {_and(missing)} twin{'s' if len(missing) > 1 else ''}")
    return problems


def _twins_beaten(rows: Sequence[TwinRow]) -> str:
    applied = [row.twin for row in rows if row.applies and row.twin in NEEDED]
    beaten = "all four kinds of twin" if len(applied) == len(NEEDED) else f"its {_and(applied)} twins"
    extra = [f" and the {_name(row.twin)}" for row in rows if row.twin == "generator"]
    exempt = [f" ({row.twin} is {row.note})" for row in rows if not row.applies]
    return "".join([beaten, *extra, *exempt])


def _name(kind: TwinKind) -> str:
    return "task's own solver" if kind == "generator" else f"{kind} twin"


def _open(tags: Sequence[str] | None, survival: Mapping[str, float] | None) -> str:
    """Say which levels nobody looked at, with a space before it; empty if all were assessed."""
    levels = [("L3 (cheap simulation)", tags), ("L4 (shots and noise)", survival)]
    missing = [name for name, found in levels if found is None]
    return f" {_and(missing)} {'are' if len(missing) > 1 else 'is'} not assessed." if missing else ""


def _and(words: Sequence[str]) -> str:
    """Join words as prose does.

    >>> _and(["a", "b", "c"]), _and(["a"])
    ('a, b and c', 'a')
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
