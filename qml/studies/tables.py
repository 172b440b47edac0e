"""Plans and verdicts as tables for a terminal."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qml.advantage.pooled import pooled_text
from qml.advantage.words import detectable, interval_name, interval_text, number, probability
from qml.studies.estimate import Estimate, duration
from qml.studies.plan import Plan

if TYPE_CHECKING:
    from rich.table import Table

_COLOURS = {"ADVANTAGE": "green", "NO ADVANTAGE": "cyan", "DISADVANTAGE": "red", "INCONCLUSIVE": "yellow"}
_PROBABILITIES = (("better", "p_advantage"), ("equal ", "p_equivalent"), ("worse ", "p_disadvantage"))
_NOTES = ("reason", "level_note", "circuits")


def verdict_table(verdict: Mapping[str, Any]) -> "Table":
    """Make the table of a verdict: one row a task.

    Args:
        verdict: Content of verdict.json.

    >>> verdict_table({"tasks": []}).row_count
    0
    """
    from rich.table import Table
    from rich.text import Text

    interval = interval_name(float(verdict.get("protocol", {}).get("alpha", 0.05)))
    table = Table(show_lines=True)
    table.add_column("task")
    table.add_column("verdict\n(level)", no_wrap=True)
    table.add_column("quantum\nclassical", justify="right")
    table.add_column(f"difference\n\\[{interval}]", justify="right", no_wrap=True)
    table.add_column("probability", no_wrap=True)
    for task in verdict["tasks"]:
        marks = [f"({name})" for name in ("engineered", "null") if task.get(name)]
        table.add_row(
            "\n".join([task["task"], *marks]),
            Text(f"{task['label']}\n({task['level']}{_stamp(task)})", style=_COLOURS.get(task["label"], "")),
            f"{number(task['quantum_score'])}\n{number(task['classical_score'])}",
            Text(f"{number(task['mean'], sign=True)}\n{_bracketed(task['interval'])}"),
            "\n".join(f"{name} {probability(task[key]):>7}" for name, key in _PROBABILITIES),
        )
    return table


def verdict_lines(verdict: Mapping[str, Any]) -> list[str]:
    """Say why, a line a task, what the tasks say together, and what stands in the way of a confirmatory verdict.

    >>> verdict_lines({"tasks": [{"task": "two-moons", "reason": "too few replicates"}]})
    ['two-moons: too few replicates.']
    """
    lines = [
        " ".join([f"{task['task']}:", *(f"{task[name].rstrip('.')}." for name in _NOTES if task.get(name))])
        + detectable(str(task.get("label")), str(task.get("reason")), task.get("minimum_detectable_effect"))
        for task in verdict["tasks"]
    ]
    if verdict.get("pooled") and len(verdict["tasks"]) > 1:
        lines.append(pooled_text(verdict["pooled"]))
    return lines + [f"Exploratory, not confirmatory: {why}." for why in verdict.get("exploratory", ())]


def plan_table(plan: Plan) -> "Table":
    """Make the table of a plan: trials a replicate, one row a task and side."""
    from rich.table import Table

    table = Table(title_justify="left")
    for column in ("task", "side", "trials"):
        table.add_column(column, no_wrap=True)
    table.add_column("who gets how many")
    for task, sides in plan.budgets().items():
        for row, (side, models) in enumerate(sides.items()):
            shares = ", ".join(f"{model} {trials}" for model, trials in models.items())
            table.add_row(task if row == 0 else "", side, str(sum(models.values())), shares)
        table.add_section()
    return table


def plan_lines(plan: Plan, pending: int, time: Estimate) -> list[str]:
    """Say how much a plan is and how long it will take."""
    done = len(plan.cells) - pending
    known = f" ({done} are recorded, {pending} are left)" if done else ""
    cells = f"{len(plan.cells)} cells{known}, {plan.n_fits()} fits."
    if not pending:
        return [cells, "Nothing is left to run."]
    return [cells, f"About {duration(time.seconds)} with {time.workers} workers: estimated {time.basis}."]


def plan_dict(plan: Plan, pending: int, time: Estimate) -> dict[str, Any]:
    """Return a plan as plain data."""
    return {
        "name": plan.name,
        "cells": len(plan.cells),
        "pending": pending,
        "fits": plan.n_fits(),
        "trials": plan.budgets(),
        "seconds": round(time.seconds, 1),
        "workers": time.workers,
        "basis": time.basis,
    }


def _stamp(task: Mapping[str, Any]) -> str:
    return ", exploratory" if task.get("exploratory") else ""


def _bracketed(interval: Any) -> str:
    return f"[{interval_text(interval)}]" if interval else "–"
