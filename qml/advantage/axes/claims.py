"""One claim a task on an axis other than generalisation: what each side reached, replicate by replicate.

Each side still sends its validation winner, at every point of its learning curve.  What the winners reached becomes
one number a side and replicate, + meaning better, and these numbers are judged as scores are: same gates, same
posterior, same correction over tasks.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np

from qml.advantage import gates
from qml.advantage.axes.axis import Axis, primary_axis
from qml.advantage.axes.reaching import Reached, area_over_log, first_reaching, logrank_p, next_on_grid, steps_to_target
from qml.advantage.axes.robustness import relative_change
from qml.advantage.decision import Label
from qml.advantage.derived import Derived
from qml.advantage.posterior import t_posterior
from qml.advantage.rows import FamilyRow, StudyVerdict, TaskVerdict
from qml.advantage.settings import Protocol, TaskSettings
from qml.advantage.survival import Setting, of_noise
from qml.advantage.table import Cell, Side, TaskTable, TwinKind, read_cells
from qml.advantage.twins import evidence_level
from qml.errors import SpecError

LOST = -1.0  # the relative change of a score that a failed fit never had
_SIDES = {"quantum": "quantum side", "classical": "classical side"}


@dataclass(frozen=True)
class _Found:
    """What one side (or one kind of twin) reached.

    Attributes:
        values: By replicate, + meaning better.
        reached: The same as costs, where the axis has any.
        curve: Mean winner's score at each cost.
        areas: Mean score over log cost, by replicate.
        winners: How often each model won, over all points.
        problem: Why there are no values; empty if there are.
    """

    values: Mapping[int, float]
    reached: Mapping[int, Reached]
    curve: tuple[float, ...] = ()
    areas: Mapping[int, float] | None = None
    winners: Mapping[str, int] | None = None
    problem: str = ""


@dataclass(frozen=True)
class _Claim:
    """One task on its way to a claim."""

    name: str
    axis: Axis
    tables: tuple[TaskTable, ...]
    found: Mapping[str, _Found]
    families: Mapping[str, _Found]
    protocol: Protocol

    @property
    def costs(self) -> list[float]:
        return [float(table.settings.cost or 0.0) for table in self.tables]

    def failed_gates(self, n: int | None) -> list[str]:
        """Return what stands in the way on the cells of the first n replicates; of all of them for None."""
        checks = [self.found[side].problem for side in _SIDES]
        for whole in self.tables:
            table = whole if n is None else whole.first(n)
            where = f" (at {table.settings.name})" if len(self.tables) > 1 else ""
            for gate in (
                gates.pool_incomplete(table, self.protocol),
                gates.budgets_differ(table),
                gates.training_failed(table),
            ):
                checks.append(f"{gate}{where}" if gate else "")
        return [check for check in checks if check]

    def first(self, n: int) -> "_Claim":
        """Return the claim on the first n replicates."""
        return _claim(self.name, self.axis, [table.first(n) for table in self.tables], self.protocol)

    def derived(self) -> Derived:
        """Return what the judge has to know beside the derived cells."""
        return Derived(
            gates=self.failed_gates,
            families={model: found.values for model, found in self.families.items()},
            problems={
                model: f"nothing to compare: {model} is not trained in steps"
                if self.axis.name == "steps-to-target"
                else found.problem
                for model, found in self.families.items()
                if found.problem
            },
        )


def judge_axis(cells: Iterable[Mapping[str, Any]], tasks: Sequence[TaskSettings], protocol: Protocol) -> StudyVerdict:
    """Judge a study on the axis that its protocol names: one claim a task (or learning curve), Holm over them.

    Args:
        cells: As for `qml.advantage.judge`.  For steps-to-target, cells have ``axis`` with ``losses`` (one an epoch),
            ``steps_per_epoch`` and ``max_steps``; for robustness, ``survival``.
        tasks: Settings; those with one ``curve`` are the points of it, each with its ``cost``.
        protocol: With ``axis`` and, where the axis needs one, ``target``.

    Returns:
        One `TaskVerdict` a task or curve; its scores are minus log2 of what was needed (or the relative change of the
        score), its ``axes`` hold the curves.

    Raises:
        SpecError: If no claim can rest on the axis, or its target is missing.
    """
    from qml.advantage.judge import judge_tables

    axis = primary_axis(protocol.axis)
    if axis.needs_target and protocol.target is None:
        raise SpecError(f"the axis {axis.name} needs a target: the score (or loss) that counts as reached.")
    tables = read_cells(cells, tasks)
    curves: dict[str, list[TaskTable]] = {}
    for table in tables.values():
        curves.setdefault(table.settings.curve or table.settings.name, []).append(table)
    claims = [_claim(name, axis, points, protocol) for name, points in curves.items()]
    derived = [cell for claim in claims for cell in _derived_cells(claim)]
    settings = [_settings(claim, protocol) for claim in claims]
    plain = replace(protocol, axis="generalisation", target=None, required_pool=(), not_applicable={})
    beside = {claim.name: claim.derived() for claim in claims}
    verdict = judge_tables(read_cells(derived, settings), plain, beside)
    rows = tuple(_finished(row, claim, protocol) for row, claim in zip(verdict.tasks, claims, strict=True))
    return replace(verdict, protocol=protocol, tasks=rows)


def _claim(name: str, axis: Axis, points: Sequence[TaskTable], protocol: Protocol) -> _Claim:
    tables = tuple(sorted(points, key=lambda table: table.settings.cost or 0.0))
    measure = _MEASURES[axis.name]
    groups: dict[str, list[str]] = {side: [] for side in _SIDES}
    for kind in (*_SIDES, *get_args(TwinKind)):
        models = tuple(dict.fromkeys(c.model for c in tables[0].cells if kind in (c.twin, c.side)))
        if models:
            groups[kind] = list(models)
    found = {kind: measure(tables, models, protocol) for kind, models in groups.items()}
    families = {model: measure(tables, [model], protocol) for model in groups["quantum"]}
    return _Claim(name, axis, tables, found, families, protocol)


def _winners(table: TaskTable, models: Sequence[str]) -> dict[int, Cell]:
    ran = {(cell.replicate, cell.model) for cell in table.cells}
    if not models or any((r, model) not in ran for r in table.replicates for model in models):
        return {}
    return {cell.replicate: cell for cell in table.winners(models)}


def _reaching_scores(tables: Sequence[TaskTable], models: Sequence[str], protocol: Protocol) -> _Found:
    """Return the cost at which the side's winner first scores the target."""
    assert protocol.target is not None  # judge_axis checks it
    costs = [float(table.settings.cost or 0.0) for table in tables]
    winners = [_winners(table, models) for table in tables]
    replicates = sorted(set.intersection(*map(set, winners)))
    scores = {r: [point[r].score for point in winners] for r in replicates}
    reached = {r: first_reaching(costs, scores[r], protocol.target) for r in replicates}
    return _Found(
        values={r: -math.log2(found.cost) for r, found in reached.items()},
        reached=reached,
        curve=tuple(float(np.mean([scores[r][k] for r in replicates])) for k in range(len(costs)) if replicates),
        areas={r: area_over_log(costs, scores[r]) for r in replicates},
        winners=dict(Counter(point[r].model for point in winners for r in replicates)),
    )


def _reaching_loss(tables: Sequence[TaskTable], models: Sequence[str], protocol: Protocol) -> _Found:
    """Return the optimiser steps after which the training loss of the side's winner reaches the target.

    Only models that are trained in steps compete; the others have none to count.
    """
    assert protocol.target is not None  # judge_axis checks it
    (table,) = tables
    stepped = [
        model for model in models if all(cell.axis or cell.failed for cell in table.cells if cell.model == model)
    ]
    stepped = [model for model in stepped if any(cell.axis for cell in table.cells if cell.model == model)]
    every = [cell.axis for cell in table.cells if cell.axis and cell.side != "twin"]
    if not stepped:
        side = next((cell.side for cell in table.cells if cell.model in models), "one")
        return _Found({}, {}, problem=f"nothing to compare: no model of the {side} side is trained in steps")
    horizon = float(min(axis["max_steps"] for axis in every))
    winners = _winners(table, stepped)
    reached = {
        r: steps_to_target(cell.axis["losses"], cell.axis["steps_per_epoch"], protocol.target, horizon)
        if cell.axis
        else Reached(horizon, True)
        for r, cell in winners.items()
    }
    return _Found(
        values={r: -math.log2(found.cost) for r, found in reached.items()},
        reached=reached,
        winners=dict(Counter(cell.model for cell in winners.values())),
    )


def _standing_noise(tables: Sequence[TaskTable], models: Sequence[str], protocol: Protocol) -> _Found:
    """Return the relative change of the winner's score with depolarising noise, at the most shots.

    What does not run on a circuit meets neither shots nor noise: its score does not change.
    """
    (table,) = tables
    winners = _winners(table, models)
    quantum = any(cell.side == "quantum" for cell in winners.values())
    absent = sorted(
        {cell.model for cell in winners.values() if quantum and not cell.failed and not of_noise(cell.survival)}
    )
    if absent:
        return _Found({}, {}, problem=f"{', '.join(absent)} won replicates and was not scored under shots and noise")
    return _Found(
        values={r: LOST if cell.failed else _change(of_noise(cell.survival)) for r, cell in winners.items()},
        reached={},
        winners=dict(Counter(cell.model for cell in winners.values())),
    )


def _change(survival: Mapping[str, float]) -> float:
    if not survival:
        return 0.0
    settings = {Setting.of(name): score for name, score in survival.items()}
    most = max(setting.shots for setting in settings)
    line = sorted((setting.depolarizing, score) for setting, score in settings.items() if setting.shots == most)
    return relative_change([p for p, _ in line], [score for _, score in line])


_MEASURES: Mapping[str, Callable[[Sequence[TaskTable], Sequence[str], Protocol], _Found]] = {
    "sample-efficiency": _reaching_scores,
    "copies": _reaching_scores,
    "steps-to-target": _reaching_loss,
    "robustness": _standing_noise,
}


def _derived_cells(claim: _Claim) -> Iterable[dict[str, Any]]:
    """Give one cell a side and replicate, and one a kind of twin, whose score is what was reached."""
    complete = set.intersection(*(set(claim.found[side].values) for side in _SIDES))
    for kind, found in claim.found.items():
        side = kind if kind in _SIDES else "twin"
        for replicate in sorted(set(found.values) & complete):
            trials, failed = _trials(claim.tables, kind, replicate)
            yield {
                "task": claim.name,
                "replicate": replicate,
                "model": _SIDES.get(kind, f"{kind} twins"),
                "side": side,
                "twin": kind if side == "twin" else None,
                "twin_of": None,
                "status": "done",
                "score": found.values[replicate],
                "validation_score": found.values[replicate],  # each side is one model here: nothing is selected by it
                "n_trials": trials,
                "n_failed_trials": failed,
            }


def _trials(tables: Sequence[TaskTable], kind: str, replicate: int) -> tuple[int, int]:
    cells = [c for table in tables for c in table.cells if c.replicate == replicate and kind in (c.twin, c.side)]
    return sum(cell.n_trials for cell in cells), sum(cell.n_failed_trials for cell in cells)


def _settings(claim: _Claim, protocol: Protocol) -> TaskSettings:
    task = claim.tables[0].settings
    margin = claim.axis.margin if task.axis_margin is None else task.axis_margin
    assert margin is not None  # a primary axis has one
    return replace(
        task,
        name=claim.name,
        metric=claim.axis.name,
        margin=margin,
        chance=_worst(claim),
        curve=None,
        cost=None,
        axis_margin=None,
    )


def _worst(claim: _Claim) -> float:
    """Return the value of a side that reaches nothing."""
    if claim.axis.name in ("sample-efficiency", "copies"):
        return -math.log2(next_on_grid(claim.costs))
    if claim.axis.name == "steps-to-target":
        horizons = [axis["max_steps"] for table in claim.tables for c in table.cells if (axis := c.axis)]
        return -math.log2(min(horizons, default=1))
    return 2 * LOST  # every score that is there at all has "learned"


def _finished(row: TaskVerdict, claim: _Claim, protocol: Protocol) -> TaskVerdict:
    """Put what the derived cells cannot know into the row."""
    if row.look is not None:
        claim = claim.first(row.n_replicates)
    censored = {side: _is_censored(claim.found[side]) for side in _SIDES}
    sides = " and the ".join(side for side in _SIDES if censored[side])
    label, reason = _worded(row.label, row.reason, f"the {sides} side" if sides else "", protocol)
    n_pool = len(claim.tables[0].models("classical"))
    level, note = evidence_level(label, row.twins, n_pool, alpha=protocol.alpha)
    return replace(
        row,
        label=label,
        reason=reason,
        level=level,
        level_note=note,
        robust=False,
        families=tuple(_family(family, claim, protocol) for family in row.families),
        quantum_winners=claim.found["quantum"].winners or {},
        classical_winners=claim.found["classical"].winners or {},
        ledger={side: _ledger(claim.tables, side) for side in get_args(Side)},
        axes={claim.axis.name: _details(claim, protocol)},
    )


def _family(row: FamilyRow, claim: _Claim, protocol: Protocol) -> FamilyRow:
    """Put into a model's row what the judge cannot know: a cost that nobody saw is no tie."""
    unseen = [_is_censored(claim.families[row.model]), _is_censored(claim.found["classical"])]
    who = " and ".join(name for name, is_so in zip((row.model, "the classical side"), unseen, strict=True) if is_so)
    label, reason = _worded(row.label, row.reason, who, protocol)
    return replace(row, label=label, reason=reason)


def _is_censored(found: _Found) -> bool:
    return any(reached.censored for reached in found.reached.values())


def _worded(label: Label, reason: str, censored: str, protocol: Protocol) -> tuple[Label, str]:
    """Return label and reason in the words of the axis; equality is refused where somebody's costs are censored."""
    if reason.startswith("not learned"):
        return label, f"target not reached: neither side reaches {protocol.target:g} reliably"
    if label == "NO ADVANTAGE" and censored:
        return "INCONCLUSIVE", (
            f"censored: {censored} did not reach {protocol.target:g} in every replicate, so "
            "the sides may differ beyond what was tried; equality is not claimed"
        )
    return label, reason


def _details(claim: _Claim, protocol: Protocol) -> dict[str, Any]:
    """Return the curves and counts behind the claim, in JSON's types."""
    details: dict[str, Any] = {"metric": claim.axis.metric, "target": protocol.target}
    for side in _SIDES:
        found = claim.found[side]
        details[side] = {
            "values": [found.values[r] for r in sorted(found.values)],
            "needed": [None if found.reached[r].censored else found.reached[r].cost for r in sorted(found.reached)],
            "censored": sum(reached.censored for reached in found.reached.values()),
            "curve": list(found.curve),
        }
    both = [list(claim.found[side].reached.values()) for side in _SIDES]
    if len(claim.tables) > 1:
        details["costs"] = claim.costs
        details["area"] = _area(claim, protocol)
    elif all(both) and not all(r.censored for side in both for r in side):
        details["logrank_p"] = logrank_p(*both)
    return details


def _area(claim: _Claim, protocol: Protocol) -> dict[str, Any] | None:
    """Compare the mean scores over log cost; a secondary number without a claim."""
    quantum, classical = (claim.found[side].areas or {} for side in _SIDES)
    common = sorted(set(quantum) & set(classical))
    if len(common) < 2:
        return None
    differences = np.array([quantum[r] - classical[r] for r in common])
    posterior = t_posterior(differences, claim.tables[0].settings.design, claim.tables[0].settings.fraction)
    return {"mean": posterior.mean, "interval": list(posterior.interval(protocol.alpha))}


def _ledger(tables: Sequence[TaskTable], side: Side) -> dict[str, int]:
    cells = [cell for table in tables for cell in table.cells if cell.side == side]
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
