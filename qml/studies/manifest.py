"""The manifest: everything that a verdict rests on, written down and hashed before any test part may be opened."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qml.studies.cell import Cell
from qml.studies.hashing import digest
from qml.studies.spec import changes

Manifest = dict[str, Any]


def manifest_of(
    cells: Sequence[Cell],
    tasks: Iterable[Mapping[str, Any]],
    protocol: Mapping[str, Any],
    sources: Mapping[str, str],
) -> Manifest:
    """Write down what a study has decided, as plain data; its hash is `qml.studies.hashing.digest` of it.

    Args:
        cells: The plan, in order.
        tasks: Settings of each task, as the judge takes them: metric, margin, design and sizes.
        protocol: Settings of the judgement: alpha, trials, folds, replicates, required pool, and what else it has.
        sources: Hash of the source of each plug-in.

    Returns:
        ``protocol``; ``tasks`` by name, with their versions and sizes; ``seeds``, one a replicate, by task; ``models``
        by side and name, with what is searched in how many trials on each task; ``multiplicity``: the claims that are
        corrected together; ``plugins``; and ``cells``, a digest of the keys of all cells in order.
    """
    settings = {str(task["name"]): {key: value for key, value in task.items() if key != "name"} for task in tasks}
    seeds: dict[str, dict[int, int]] = {}
    models: dict[str, dict[str, Any]] = {}
    for cell in cells:
        settings.setdefault(cell.label, {}).update(
            version=cell.task_version,
            n_train=cell.n_train,
            n_test=cell.n_test,
            params=dict(cell.task_params),
            study_seed=cell.study_seed,
        )
        if cell.replicate not in seeds.setdefault(cell.label, {}):
            seeds[cell.label][cell.replicate] = cell.data_seed
        side = models.setdefault(cell.side, {})
        entry = side.setdefault(cell.model, {"version": cell.model_version, "twin": cell.twin, "tasks": {}})
        if cell.label not in entry["tasks"]:
            entry["tasks"][cell.label] = _budget(cell)
    return {
        "protocol": dict(protocol),
        "tasks": settings,
        "seeds": {task: list(by_replicate.values()) for task, by_replicate in seeds.items()},
        "models": models,
        "multiplicity": {"claims": list(dict.fromkeys(task.get("curve", name) for name, task in settings.items()))},
        "plugins": dict(sources),
        "cells": digest([cell.key for cell in cells]),
    }


def manifest_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Say in words what differs between two manifests; nothing if they are equal.

    >>> before = {"tasks": {"two-moons": {"margin": 0.02}, "ad-hoc": {"margin": 0.02}}}
    >>> manifest_changes(before, {"tasks": {"two-moons": {"margin": 0.05}}})
    ["the task 'ad-hoc' was left out", 'two-moons.margin: 0.02 -> 0.05']
    """
    if old == new:
        return []
    lines = [
        *_members("task", old.get("tasks", {}), new.get("tasks", {}), ""),
        *changes(old.get("protocol", {}), new.get("protocol", {})),
        *_shared(old.get("tasks", {}), new.get("tasks", {})),
    ]
    for side in dict.fromkeys([*old.get("models", {}), *new.get("models", {})]):
        before, after = old.get("models", {}).get(side, {}), new.get("models", {}).get(side, {})
        lines += _members("model", before, after, f" {'among the twins' if side == 'twin' else f'on the {side} side'}")
        for model in before.keys() & after.keys():
            lines += _changed_model(model, before[model], after[model])
    before, after = old.get("plugins", {}), new.get("plugins", {})
    lines += _members("plug-in", before, after, "")
    lines += [
        f"the code of the plug-in {name!r} changed" for name in before if after.get(name, before[name]) != before[name]
    ]
    return lines or [_unexplained(old, new)]


def known_to(old: Mapping[str, Any], new: Manifest) -> Manifest:
    """Return the new manifest without the settings that the qml which wrote the old one did not know.

    A setting that a later version adds does not make another study of one that was begun before.
    """
    tasks = {
        name: {key: value for key, value in settings.items() if key in old.get("tasks", {}).get(name, settings)}
        for name, settings in new["tasks"].items()
    }
    protocol = {key: value for key, value in new["protocol"].items() if key in old.get("protocol", {})}
    return {key: value for key, value in {**new, "tasks": tasks, "protocol": protocol}.items() if key in old}


def _budget(cell: Cell) -> dict[str, Any]:
    return {
        "trials": cell.n_trials,
        "inner_folds": cell.inner_folds,
        "params": dict(cell.params),
        "search": json.loads(cell.search) if cell.search else None,
    }


def _members(what: str, old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> list[str]:
    gone = [f"the {what} {name!r}{where} was left out" for name in old if name not in new]
    return gone + [f"the {what} {name!r}{where} was added" for name in new if name not in old]


def _shared(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return [line for name in old if name in new for line in changes(old[name], new[name], (name,))]


def _changed_model(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    own = changes({**old, "tasks": None}, {**new, "tasks": None}, (name,))
    theirs = [line for line in _shared(old["tasks"], new["tasks"]) if line]
    return own + [f"{name} on {line}" for line in theirs]


def _unexplained(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    if old.get("seeds") != new.get("seeds"):
        return "the seeds of the replicates changed"
    return "the cells changed: another version of qml plans them differently"
