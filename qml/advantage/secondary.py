"""What a study reports beside its claims: parameters, projected hardware time, attacks.  Nothing rests on it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qml.advantage.adversarial import adversarial_scores
from qml.advantage.axes.parameters import parameter_efficiency
from qml.advantage.axes.projection import hardware_time
from qml.advantage.scores import json_safe
from qml.advantage.settings import Protocol, TaskSettings
from qml.advantage.table import TaskTable, read_cells

_SCORES = ("sample-efficiency", "copies")  # axes whose target is a score


def secondary_results(
    cells: Iterable[Mapping[str, Any]], tasks: Sequence[TaskSettings], protocol: Protocol
) -> list[dict[str, Any]]:
    """Return the secondary results of a study, one entry a task (or learning curve), as plain data.

    Args:
        cells: As for `qml.advantage.judge`; with ``n_parameters``, and ``circuit`` with ``depth``, ``n_rows``,
            ``n_weights`` and ``samples``, see `qml.advantage.axes.projection.workload`; and ``survival``, with the
            score under an attack of radius 0.1 as ``"pgd=0.1"``.
        tasks: Settings; of those with one ``curve``, the one of the largest ``cost`` is looked at.
        protocol: How the study was run; its target, where that is a score, is asked of the parameter counts too.

    >>> cell = {"task": "moons", "replicate": 0, "twin": None, "twin_of": None, "status": "done", "n_trials": 1,
    ...         "n_failed_trials": 0, "validation_score": 0.9}
    >>> cells = [cell | {"model": "pqc", "side": "quantum", "score": 0.9, "n_parameters": 12},
    ...          cell | {"model": "forest", "side": "classical", "score": 0.9}]
    >>> moons = TaskSettings("moons", "fresh", None, 1000, "balanced-accuracy", chance=0.5, margin=0.02)
    >>> protocol = Protocol(alpha=0.05, trials=1, inner_folds=2, replicates=10)
    >>> found = secondary_results(cells, [moons], protocol)[0]["parameter_efficiency"]
    >>> found["front"], found["not_counted"][0]["model"]
    (['pqc'], 'forest')
    """
    curves: dict[str, list[TaskTable]] = {}
    for table in read_cells(cells, tasks).values():
        curves.setdefault(table.settings.curve or table.settings.name, []).append(table)
    target = protocol.target if protocol.axis in _SCORES else None
    found: list[dict[str, Any]] = json_safe([_entry(name, points, target, protocol) for name, points in curves.items()])
    return found


def _entry(name: str, points: Sequence[TaskTable], target: float | None, protocol: Protocol) -> dict[str, Any]:
    table = max(points, key=lambda point: point.settings.cost or 0.0)
    attacked = adversarial_scores(table, protocol.alpha, protocol.survival)
    return {
        "task": name,
        "at": table.settings.name,
        "parameter_efficiency": parameter_efficiency(table.cells, target),
        "hardware_time": hardware_time(table.cells),
        **({} if attacked is None else {"adversarial": attacked}),
    }
