"""The cells of a study -> one verdict a task."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from qml.advantage import gates
from qml.advantage.comparison import Comparison, compare
from qml.advantage.decision import Label, conclude
from qml.advantage.holm import holm
from qml.advantage.posterior import Array, t_posterior
from qml.advantage.rows import FamilyRow, StudyVerdict, TaskVerdict
from qml.advantage.settings import Protocol, TaskSettings
from qml.advantage.survival import compare_survival, survival_flags, survival_of
from qml.advantage.table import Cell, Side, TaskTable, read_cells, scores_of
from qml.advantage.twins import compare_twins, evidence_level

__all__ = ["Protocol", "TaskSettings", "judge"]


@dataclass(frozen=True, kw_only=True)
class _Case:
    """One task on its way to a verdict: who won, what the differences say, which gates failed."""

    table: TaskTable
    quantum: tuple[Cell, ...]
    classical: tuple[Cell, ...]
    main: Comparison | None
    families: Mapping[str, Comparison | None]
    failed_gates: tuple[str, ...]
    standard_error: float | None


def judge(cells: Iterable[Mapping[str, Any]], tasks: Sequence[TaskSettings], protocol: Protocol) -> StudyVerdict:
    """Judge a study: on each task, the quantum side against the classical side, one claim a task, Holm over tasks.

    In each replicate a side is represented by its model with the best validation score; the first one *in the order
    of the cells* wins ties, so give the cells in the order of the plan, not in that of their completion.

    Args:
        cells: Mappings with the keys ``task``, ``replicate``, ``model``, ``side`` (``"quantum"``, ``"classical"`` or
            ``"twin"``), ``twin`` (kind, or None), ``twin_of``, ``status`` (``"done"`` or ``"failed"``), ``score`` (on
            test), ``validation_score``, ``n_trials`` (allowed), ``n_failed_trials``.  A failed cell scores chance, on
            validation too: its failure was there to see before the test part was opened.  Records of a DataFrame will
            do: NaN means None.  Optional: ``survival``, test score by setting of shots and noise
            (``"shots=100,p=0.01"``).
        tasks: What the verdict needs to know about each task.
        protocol: How the study was run.

    Returns:
        One `TaskVerdict` a task, in the order of ``tasks``.

    Raises:
        SpecError: If a cell is double, belongs to no task, or holds a value that cannot be used.

    >>> def cell(replicate, model, side, score):
    ...     return {"task": "moons", "replicate": replicate, "model": model, "side": side, "twin": None,
    ...             "twin_of": None, "status": "done", "score": score, "validation_score": score, "n_trials": 5,
    ...             "n_failed_trials": 0}
    >>> cells = [cell(r, *who) for r in range(10) for who in (("iqp", "quantum", 0.9), ("svm", "classical", 0.9))]
    >>> moons = TaskSettings("moons", "fresh", None, 1000, "balanced-accuracy", chance=0.5, margin=0.02)
    >>> protocol = Protocol(alpha=0.05, trials=5, inner_folds=2, replicates=10, required_pool=("svm",))
    >>> judge(cells, [moons], protocol)["moons"].reason
    'both sides score the same in all 10 replicates'
    """
    if protocol.axis != "generalisation":
        from qml.advantage.axes.claims import judge_axis  # most studies have no use for it

        return judge_axis(cells, tasks, protocol)
    tables = read_cells(cells, tasks)
    n_families = sum(len(table.models("quantum")) for table in tables.values())
    cases = [_case(table, protocol, len(tables), n_families) for table in tables.values()]
    main = holm([_p_value(case.main) for case in cases])
    family = iter(holm([_p_value(comparison) for case in cases for comparison in case.families.values()]))
    rows = []
    for case, adjusted in zip(cases, main, strict=True):
        families = [
            _family_row(model, comparison, case, next(family), n_families)
            for model, comparison in case.families.items()
        ]
        rows.append(_task_row(case, families, adjusted, protocol, len(tables)))
    return StudyVerdict(protocol, tuple(rows))


def _case(table: TaskTable, protocol: Protocol, n_claims: int, n_families: int) -> _Case:
    complete = bool(table.replicates)
    quantum = table.winners(table.models("quantum")) if complete else ()
    classical = table.winners(table.models("classical")) if complete else ()
    theirs = scores_of(classical)
    error = _standard_error(table.settings, quantum, classical)
    return _Case(
        table=table,
        quantum=quantum,
        classical=classical,
        main=_compare(scores_of(quantum) - theirs, table.settings, protocol, n_claims),
        families={
            model: _compare(scores_of(table.winners([model])) - theirs, table.settings, protocol, n_families)
            for model in table.models("quantum")
        }
        if complete
        else dict.fromkeys(table.models("quantum")),
        failed_gates=tuple(_failed_gates(table, quantum, classical, protocol, error)),
        standard_error=error,
    )


def _compare(differences: Array, task: TaskSettings, protocol: Protocol, n_claims: int) -> Comparison | None:
    if len(differences) < 2:
        return None
    return compare(
        differences,
        margin=task.margin,
        design=task.design,
        test_fraction=task.fraction,
        alpha=protocol.alpha,
        n_claims=n_claims,
    )


def _failed_gates(
    table: TaskTable, quantum: Sequence[Cell], classical: Sequence[Cell], protocol: Protocol, error: float | None
) -> list[str]:
    task, n = table.settings, len(table.replicates)
    checks = [
        gates.unfinished(table, protocol),
        gates.too_few_replicates(n),
        gates.pool_incomplete(table, protocol),
        gates.budgets_differ(table),
        gates.training_failed(table),
        None
        if n < 2
        else gates.not_learned(
            scores_of(quantum),
            scores_of(classical),
            chance=task.chance,
            margin=task.margin,
            design=task.design,
            test_fraction=task.fraction,
            alpha=protocol.alpha,
        ),
        gates.scarce_test_data(task, error),
    ]
    return [check for check in checks if check]


def _standard_error(task: TaskSettings, quantum: Sequence[Cell], classical: Sequence[Cell]) -> float | None:
    errors = [gates.standard_error_of_score(task, _mean(side) or 0.0, len(side)) for side in (quantum, classical)]
    return max((error for error in errors if error is not None), default=None)


def _p_value(comparison: Comparison | None) -> float:
    return 1.0 if comparison is None else 1.0 - comparison.p_advantage


def _conclude(comparison: Comparison | None, case: _Case, adjusted: float, n_claims: int) -> tuple[Label, str]:
    if comparison is None:  # fewer than two replicates: a gate has failed
        return "INCONCLUSIVE", case.failed_gates[0]
    return conclude(comparison, case.failed_gates, adjusted, n_claims)


def _numbers(comparison: Comparison | None) -> dict[str, Any]:
    names = ("interval", "p_advantage", "p_equivalent", "p_disadvantage")
    return {name: None if comparison is None else getattr(comparison, name) for name in names}


def _mean(cells: Sequence[Cell]) -> float | None:
    return float(np.mean(scores_of(cells))) if cells else None


def _family_row(model: str, comparison: Comparison | None, case: _Case, adjusted: float, n_claims: int) -> FamilyRow:
    label, reason = _conclude(comparison, case, adjusted, n_claims)
    return FamilyRow(
        model=model,
        label=label,
        reason=reason,
        mean=None if comparison is None else comparison.mean,
        p_advantage_holm=None if comparison is None else adjusted,
        **_numbers(comparison),
    )


def _task_row(
    case: _Case, families: Sequence[FamilyRow], adjusted: float, protocol: Protocol, n_claims: int
) -> TaskVerdict:
    table, task, main = case.table, case.table.settings, case.main
    label, reason = _conclude(main, case, adjusted, n_claims)
    twins = compare_twins(table, case.quantum, protocol.alpha, protocol.not_applicable)
    survival = compare_survival(table, case.quantum, case.classical, protocol.alpha)
    level, level_note = evidence_level(
        label, twins, len(table.models("classical")), survival=survival_of(survival), alpha=protocol.alpha
    )
    quantum, classical = scores_of(case.quantum), scores_of(case.classical)
    quantum_score, classical_score = _mean(case.quantum), _mean(case.classical)
    return TaskVerdict(
        task=task.name,
        label=label,
        reason=reason,
        level=level,
        level_note=level_note,
        mean=float(np.mean(quantum - classical)) if len(quantum) else None,
        margin=task.margin,
        p_advantage_holm=None if main is None else adjusted,
        minimum_detectable_effect=None if main is None else main.minimum_detectable_effect,
        test_standard_error=case.standard_error,
        n_replicates=len(table.replicates),
        design=task.design,
        test_fraction=task.test_fraction,
        metric=task.metric,
        chance=task.chance,
        engineered=task.engineered,
        null=task.null,
        robust=label == "ADVANTAGE" and _is_robust(table, quantum, protocol.alpha),
        quantum_score=quantum_score,
        classical_score=classical_score,
        quantum_scores=tuple(quantum.tolist()),
        classical_scores=tuple(classical.tolist()),
        differences=tuple((quantum - classical).tolist()),
        replicates=table.replicates,
        quantum_winners=dict(Counter(cell.model for cell in case.quantum)),
        classical_winners=dict(Counter(cell.model for cell in case.classical)),
        twins=twins,
        families=tuple(families),
        flags=(*_flags(case, label), *survival_flags(survival)),
        ledger={side: _ledger(table, side) for side in get_args(Side)},
        survival=survival,
        **_numbers(main),
    )


def _is_robust(table: TaskTable, quantum: Array, alpha: float) -> bool:
    """Whether quantum beats, by the margin, even the classical model that was best on test in each replicate."""
    task = table.settings
    differences = quantum - table.best_on_test(table.models("classical"))
    return t_posterior(differences, task.design, task.fraction).above(task.margin) > 1 - alpha


def _flags(case: _Case, label: str) -> list[str]:
    table, task = case.table, case.table.settings
    flags = []
    if task.engineered:
        flags.append("engineered: the generator of this task favours quantum")
    if task.null:
        flags.append("null: there is nothing to learn in this task")
        if label in ("ADVANTAGE", "DISADVANTAGE"):
            flags.append("false alarm: a difference on a task with nothing to learn")
    incomplete = {cell.replicate for cell in table.cells} - set(table.replicates)
    if incomplete:
        flags.append(f"left out, with cells missing: replicates {', '.join(map(str, sorted(incomplete)))}")
    n_failed = sum(cell.failed for cell in table.cells)
    if n_failed:
        flags.append(f"{n_failed} of {len(table.cells)} cells failed and count as chance")
    flags.extend(f"also: {gate}" for gate in case.failed_gates[1:])
    return flags


def _ledger(table: TaskTable, side: Side) -> dict[str, int]:
    cells = [cell for cell in table.cells if cell.side == side]
    per_replicate = Counter[int]()
    for cell in cells:
        per_replicate[cell.replicate] += cell.n_trials
    return {
        "trials": max(per_replicate.values(), default=0),
        "total_trials": sum(per_replicate.values()),
        "failed_trials": sum(cell.n_failed_trials for cell in cells),
        "cells": len(cells),
        "failed_cells": sum(cell.failed for cell in cells),
    }
