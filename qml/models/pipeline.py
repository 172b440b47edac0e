"""A model on a task: what is tuned, where the tuning starts, and the pipeline of one setting."""

import inspect
from collections.abc import Mapping
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution
from sklearn.pipeline import Pipeline

from qml.errors import SpecError
from qml.models.features import feature_map
from qml.models.model import Model
from qml.tasks import Task


def search_space(model: Model, task: Task) -> dict[str, BaseDistribution]:
    """Return what is tuned: the model's own search space, and the choice of the feature map under ``"features"``.

    A model that ignores the features, or whose feature map is fixed, has no such choice, and neither has a model with
    nothing else to tune on a task with one map.  An empty space means that one fit is enough.

    >>> from qml import models, tasks
    >>> list(search_space(models.get("svm-rbf"), tasks.get("two-moons")))
    ['C', 'gamma', 'features']
    >>> search_space(models.get("dummy"), tasks.get("two-moons"))
    {}
    """
    space = dict(model.search_space)
    if _chooses_features(model, task):
        space["features"] = CategoricalDistribution(task.feature_maps)
    return space


def default_params(model: Model, task: Task) -> dict[str, Any]:
    """Return the first trial: the model's defaults and the task's first feature map.

    >>> from qml import models, tasks
    >>> default_params(models.get("svm-rbf"), tasks.get("two-moons"))
    {'C': 1.0, 'gamma': 0.5, 'features': 'standard'}
    """
    params = dict(model.defaults)
    if _chooses_features(model, task):
        params["features"] = task.feature_maps[0]
    return params


def build(model: Model, task: Task, params: Mapping[str, Any], random_state: int) -> Pipeline:
    """Make the unfitted pipeline of one setting: the feature map, then the estimator.

    Args:
        model: Who learns.
        task: What is learned; it decides the feature maps.
        params: A trial: constructor arguments, and ``"features"`` for the feature map (default: the task's first).
        random_state: Given to the estimator if it has that argument; at least 0 and below 2**32.

    Returns:
        A pipeline with the steps ``"features"`` and ``"estimator"``.

    Raises:
        SpecError: If the feature map is not one of the task's, or is kept for quantum models and this is none.

    >>> from qml import models, tasks
    >>> task = tasks.get("two-moons")
    >>> pipeline = build(models.get("svm-rbf"), task, {"C": 3.0, "features": "sincos"}, random_state=0)
    >>> pipeline["estimator"].C, list(pipeline["features"].named_steps)
    (3.0, ['check', 'scale', 'sincos'])
    """
    arguments = {**model.fixed, **params}
    name = arguments.pop("features", task.feature_maps[0])
    if name in task.quantum_maps and model.side != "quantum":
        raise SpecError(
            f"{name!r} of {task.name!r} is the record of a quantum measurement, which only quantum models may read; "
            f"{model.name!r} is {model.kind}. Its feature maps are: {', '.join(task.feature_maps)}."
        )
    if "random_state" in inspect.signature(model.estimator).parameters:
        arguments.setdefault("random_state", random_state)
    return Pipeline([("features", feature_map(name, task)), ("estimator", model.estimator(**arguments))])


def _chooses_features(model: Model, task: Task) -> bool:
    if model.ignores_features or "features" in model.fixed:
        return False
    return bool(model.search_space) or len(task.feature_maps) > 1
