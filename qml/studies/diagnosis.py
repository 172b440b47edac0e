"""`qml diagnose`: a registered model, fitted on one draw of a task, and what its circuit is like."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import yaml

from qml.errors import SpecError, suggest

if TYPE_CHECKING:
    from qml.diagnostics import Diagnosis


def diagnose_entry(model: str, task: str, seed: int = 0, settings: Iterable[str] = ()) -> "Diagnosis":
    """Fit a model on the training part of one draw of a task, at its defaults, and diagnose it.

    Args:
        model: Name of a quantum or hybrid model.
        task: Name of a task; its test part stays closed.
        seed: Of the draw and of the fit.
        settings: Constructor arguments as ``name=value``, in place of defaults.

    Raises:
        SpecError: If a name is unknown, the model has no circuit or is for another kind of problem, or a setting is
            none of its arguments.
    """
    from qml import models, tasks
    from qml.diagnostics import diagnose
    from qml.models import build, default_params
    from qml.studies.cell import with_params

    entry, given = models.get(model), _settings(settings)
    if entry.kind not in ("quantum", "hybrid", "twin"):
        alike = [other for other in map(models.get, models.names()) if other.problem == entry.problem]
        circuits = [other.name for other in alike if other.kind in ("quantum", "hybrid")]
        raise SpecError(f"{model!r} is a classical model and has no circuit. {suggest(model, circuits)}")
    entry, where = with_params(entry, given), tasks.get(task)
    if entry.problem != where.problem:
        fitting = [name for name in tasks.names() if tasks.get(name).problem == entry.problem]
        raise SpecError(
            f"{model!r} is a {entry.problem} model, and {task!r} is a {where.problem} task. "
            f"Tasks that fit: {', '.join(fitting)}."
        )
    split = where.split(seed)
    pipeline = build(entry, where, {**default_params(entry, where), **given}, seed).fit(split.X_train, split.y_train)
    return diagnose(pipeline, split.X_train, split.y_train)


def _settings(settings: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise SpecError(f"--set takes name=value, such as n_layers=3; got {setting!r}.")
        found[name.strip()] = yaml.safe_load(value)
    return found
