"""The cells of a study -> one verdict a task."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np

from qml.advantage import gates
from qml.advantage.beside import beside_the_score
from qml.advantage.circuits import circuits_text, kernel_flags, tags_of
from qml.advantage.claims import Claim, Finding, Look, settle
from qml.advantage.comparison import Comparison, compare
from qml.advantage.derived import Derived
from qml.advantage.fdr import benjamini_hochberg
from qml.advantage.holm import holm
from qml.advantage.looks import Looks
from qml.advantage.pooled import TaskEffect, pool_tasks
from qml.advantage.posterior import Array, t_posterior
from qml.advantage.rows import FamilyRow, StudyVerdict, TaskVerdict
from qml.advantage.settings import SCORE_AXES, Protocol, TaskSettings
from qml.advantage.survival import compare_survival, survival_flags, survival_of
from qml.advantage.table import Cell, Side, TaskTable, read_cells, scores_of
from qml.advantage.twins import compare_twins, evidence_level

__all__ = ["Protocol", "TaskSettings", "judge"]


@dataclass(frozen=True, kw_only=True)
class _Case:
    """One task at one look on its way to a verdict: who won, what the differences say, which gates failed."""

    table: TaskTable
    quantum: tuple[Cell, ...]
    classical: tuple[Cell, ...]
    main: Comparison | None
    families: Mapping[str, Comparison | None]
    failed_gates: tuple[str, ...]
    standard_error: float | None
    family_gates: Mapping[str, str] = field(default_factory=dict)


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
            (``"shots=100,p=0.01"``); ``tags``, names of the cheap simulations that apply to the fitted circuit; and
            ``circuit``, a mapping whose ``"kernel"``, of a kernel model, says ``concentrated``, ``shots`` and
            ``bandwidth_tuned``.
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
    if protocol.axis not in SCORE_AXES:
        from qml.advantage.axes.claims import judge_axis  # most studies have no use for it

        return judge_axis(cells, tasks, protocol)
    return judge_tables(read_cells(cells, tasks), protocol)


def judge_tables(
    tables: Mapping[str, TaskTable], protocol: Protocol, derived: Mapping[str, Derived] | None = None
) -> StudyVerdict:
    """Judge cells that were read already; see `judge`.

    Args:
        tables: By task, in the order of the verdict.
        protocol: How the study was run; its axis is not looked at.
        derived: By task, of cells that were made of other cells, what these cannot know.
    """
    given = derived or {}
    n_families = sum(len(_family_models(table, given.get(name))) for name, table in tables.items())
    stages = [_stages(table, protocol, len(tables), n_families, given.get(name)) for name, table in tables.items()]
    findings = settle([_claim(cases, protocol) for cases in stages])
    reached = [cases[: finding.look + 1] for cases, finding in zip(stages, findings, strict=True)]
    families = _family_rows(reached, protocol, n_families)
    rows = tuple(
        _task_row(cases[-1], models, finding, protocol, len(table.replicates))
        for table, cases, models, finding in zip(tables.values(), reached, families, findings, strict=True)
    )
    effects = [_effect(cases[-1]) for cases in reached]
    return StudyVerdict(protocol, rows, pool_tasks(effects, protocol.alpha))


def _stages(
    table: TaskTable, protocol: Protocol, n_claims: int, n_families: int, derived: Derived | None
) -> tuple[_Case, ...]:
    """Return one case for each look that was reached, first to last; one of all there is where there is no look."""
    looks = protocol.looks_of(table.settings.design)
    reached = [n for n in looks if n <= table.leading_replicates]
    if not reached:
        return (_case(table, protocol, n_claims, n_families, (), derived, None),)
    return tuple(_case(table.first(n), protocol, n_claims, n_families, looks, derived, n) for n in reached)


def _family_models(table: TaskTable, derived: Derived | None) -> tuple[str, ...]:
    return table.models("quantum") if derived is None else tuple(derived.families)


def _family_scores(table: TaskTable, model: str, derived: Derived | None) -> Array | None:
    if not table.replicates:
        return None
    if derived is None:
        return scores_of(table.winners([model]))
    return derived.values(model, table.replicates)


def _case(
    table: TaskTable,
    protocol: Protocol,
    n_claims: int,
    n_families: int,
    looks: Looks,
    derived: Derived | None,
    n: int | None,
) -> _Case:
    complete = bool(table.replicates)
    quantum = table.winners(table.models("quantum")) if complete else ()
    classical = table.winners(table.models("classical")) if complete else ()
    theirs = scores_of(classical)
    error = _standard_error(table.settings, quantum, classical)
    ours = {model: _family_scores(table, model, derived) for model in _family_models(table, derived)}
    return _Case(
        table=table,
        quantum=quantum,
        classical=classical,
        main=_compare(scores_of(quantum) - theirs, table.settings, protocol, n_claims, looks),
        families={
            model: None if scores is None else _compare(scores - theirs, table.settings, protocol, n_families, looks)
            for model, scores in ours.items()
        },
        failed_gates=tuple(_failed_gates(table, quantum, classical, protocol, error, derived, n)),
        standard_error=error,
        family_gates={}
        if derived is None
        else {model: derived.problem(model) for model, scores in ours.items() if scores is None},
    )


def _compare(
    differences: Array, task: TaskSettings, protocol: Protocol, n_claims: int, looks: Looks
) -> Comparison | None:
    if len(differences) < 2:
        return None
    return compare(
        differences,
        margin=task.margin,
        design=task.design,
        test_fraction=task.fraction,
        alpha=protocol.alpha,
        n_claims=n_claims,
        looks=looks,
    )


def _claim(cases: Sequence[_Case], protocol: Protocol, model: str | None = None) -> Claim:
    """Return the claim of a task, or of one quantum model on it, with all the looks that were reached."""
    if model is None:
        seen = tuple(Look(comparison=case.main, gates=case.failed_gates) for case in cases)
    else:
        seen = tuple(Look(comparison=case.families[model], gates=_gates_of(case, model)) for case in cases)
    return Claim(seen=seen, looks=protocol.looks_of(cases[0].table.settings.design))


def _gates_of(case: _Case, model: str) -> tuple[str, ...]:
    """Return the gates that fail for one quantum model: its own, and those of the task."""
    own = case.family_gates.get(model)
    return (*([own] if own else []), *case.failed_gates)


def _failed_gates(
    table: TaskTable,
    quantum: Sequence[Cell],
    classical: Sequence[Cell],
    protocol: Protocol,
    error: float | None,
    derived: Derived | None,
    look: int | None,
) -> list[str]:
    task, n = table.settings, len(table.replicates)
    behind = [] if derived is None else derived.gates(look)  # what a derived cell hides is checked where it is
    own = [gates.pool_incomplete(table, protocol), gates.budgets_differ(table), gates.training_failed(table)]
    checks = [
        *behind,
        gates.unfinished(table, protocol),
        gates.too_few_replicates(n),
        *(own if derived is None else []),
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


def _numbers(comparison: Comparison | None) -> dict[str, Any]:
    names = ("interval", "p_advantage", "p_equivalent", "p_disadvantage")
    return {name: None if comparison is None else getattr(comparison, name) for name in names}


def _mean(cells: Sequence[Cell]) -> float | None:
    return float(np.mean(scores_of(cells))) if cells else None


def _family_rows(reached: Sequence[Sequence[_Case]], protocol: Protocol, n_families: int) -> list[list[FamilyRow]]:
    """Return the rows of each task's quantum models, at the look of its verdict; Holm and BH over all of them."""
    claims = [
        (place, model, _claim(cases, protocol, model))
        for place, cases in enumerate(reached)
        for model in cases[-1].families
    ]
    p_values = [claim.p_value(len(claim.seen) - 1) for _, _, claim in claims]
    rows: list[list[FamilyRow]] = [[] for _ in reached]
    for (place, model, claim), p_holm, q_value in zip(
        claims, holm(p_values), benjamini_hochberg(p_values), strict=True
    ):
        rows[place].append(_family_row(model, claim, p_holm, q_value, n_families))
    return rows


def _family_row(model: str, claim: Claim, p_holm: float, q_value: float, n_families: int) -> FamilyRow:
    comparison = claim.seen[-1].comparison
    label, reason = claim.conclude(len(claim.seen) - 1, p_holm, n_families)
    return FamilyRow(
        model=model,
        label=label,
        reason=reason,
        mean=None if comparison is None else comparison.mean,
        p_advantage_holm=None if comparison is None else p_holm,
        q_advantage=None if comparison is None else q_value,
        **_numbers(comparison),
    )


def _effect(case: _Case) -> TaskEffect:
    """Return what a task brings to the pool of tasks; controls, and comparisons that a gate stopped, stay out."""
    task = case.table.settings
    differences = scores_of(case.quantum) - scores_of(case.classical)
    control = "engineered" if task.engineered else "null" if task.null else ""
    return TaskEffect(
        task=task.name,
        posterior=t_posterior(differences, task.design, task.fraction) if len(differences) > 1 else None,
        metric=task.metric,
        margin=task.margin,
        left_out=control or next(iter(case.failed_gates), ""),
    )


def _task_row(
    case: _Case, families: Sequence[FamilyRow], finding: Finding, protocol: Protocol, n_complete: int
) -> TaskVerdict:
    table, task, main = case.table, case.table.settings, case.main
    label, looks = finding.label, protocol.looks_of(case.table.settings.design)
    twins = compare_twins(table, case.quantum, protocol.alpha, protocol.not_applicable)
    survival = compare_survival(table, case.quantum, case.classical, protocol.alpha)
    level, level_note = evidence_level(
        label,
        twins,
        len(table.models("classical")),
        tags=tags_of(case.quantum),
        survival=survival_of(survival),
        alpha=protocol.alpha,
        shared_angles=task.shared_angles,
    )
    quantum, classical = scores_of(case.quantum), scores_of(case.classical)
    quantum_score, classical_score = _mean(case.quantum), _mean(case.classical)
    beside = beside_the_score(case.quantum, case.classical, task, protocol.alpha)
    return TaskVerdict(
        task=task.name,
        label=label,
        reason=finding.reason,
        level=level,
        level_note=level_note,
        mean=float(np.mean(quantum - classical)) if len(quantum) else None,
        margin=task.margin,
        p_advantage_holm=None if main is None else finding.p_holm,
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
        circuits=circuits_text(case.quantum),
        families=tuple(families),
        flags=(*_flags(case, label, n_complete - len(table.replicates)), *survival_flags(survival)),
        ledger={side: _ledger(table, side) for side in get_args(Side)},
        look=finding.look + 1 if len(looks) > 1 and len(table.replicates) in looks else None,
        survival=survival,
        axes={protocol.axis: {"secondary": beside}} if beside else {},
        **_numbers(main),
    )


def _is_robust(table: TaskTable, quantum: Array, alpha: float) -> bool:
    """Whether quantum beats, by the margin, even the classical model that was best on test in each replicate."""
    task = table.settings
    differences = quantum - table.best_on_test(table.models("classical"))
    return t_posterior(differences, task.design, task.fraction).above(task.margin) > 1 - alpha


def _flags(case: _Case, label: str, n_later: int) -> list[str]:
    table, task = case.table, case.table.settings
    flags = []
    if task.engineered:
        flags.append("engineered: the generator of this task favours quantum")
    if task.null:
        flags.append("null: there is nothing to learn in this task")
        if label in ("ADVANTAGE", "DISADVANTAGE"):
            flags.append("false alarm: a difference on a task with nothing to learn")
    if n_later:
        flags.append(f"not judged: {n_later} replicate{'' if n_later == 1 else 's'} after the look of the verdict")
    incomplete = {cell.replicate for cell in table.cells} - set(table.replicates)
    if incomplete:
        flags.append(f"left out, with cells missing: replicates {', '.join(map(str, sorted(incomplete)))}")
    n_failed = sum(cell.failed for cell in table.cells)
    if n_failed:
        flags.append(f"{n_failed} of {len(table.cells)} cells failed and count as chance")
    flags.extend(kernel_flags(table))
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
