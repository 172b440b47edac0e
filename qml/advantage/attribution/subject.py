"""Whatever somebody brings, as a model of ours: estimators, pipelines, modules, layers, names."""

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from sklearn.base import BaseEstimator, clone, is_regressor
from sklearn.pipeline import Pipeline
from torch import nn

from qml.advantage.attribution.module_estimator import ModuleClassifier, ModuleEstimator, ModuleRegressor
from qml.errors import SpecError
from qml.models import MODELS, Model, get
from qml.models.torch_estimator import TorchEstimator
from qml.nn import quantum_layers
from qml.tasks.problem import Problem

# How far from the given value the settings of a fit are tuned: the architecture stays as it is given.
_FACTORS = {"learning_rate": 4.0, "C": 10.0, "penalty": 10.0}


@dataclass(frozen=True)
class Subject:
    """What is looked at.

    Attributes:
        model: Its estimator and search space.
        steps: What a pipeline does before the estimator.
        registered: Whether it is a model of the registry, with the registry's search space.
    """

    model: Model
    steps: tuple[tuple[str, Any], ...] = ()
    registered: bool = False


def read_subject(given: Any, problem: Problem = "classification") -> Subject:
    """Make a model of what is given.

    Args:
        given: A model or its name; an estimator of ours; a pipeline that ends in one; a module or layer, or a function
            that makes one; or any estimator that holds a module with a quantum layer.
        problem: What a module or a layer is trained for; models and estimators of ours know it themselves.

    Raises:
        SpecError: If there is no quantum circuit in it.
    """
    if isinstance(given, str):
        return Subject(get(given), registered=True)
    if isinstance(given, Model):
        return Subject(given, registered=given.name in MODELS)
    if isinstance(given, Pipeline):
        inner = read_subject(given.steps[-1][1], problem)
        return Subject(inner.model, tuple((name, clone(step)) for name, step in given.steps[:-1]))
    wrapper: type[ModuleEstimator] = ModuleRegressor if problem == "regression" else ModuleClassifier
    if isinstance(given, nn.Module):
        _check_quantum(given)
        return Subject(_model(wrapper(module=given), type(given).__name__))
    if isinstance(given, TorchEstimator) or hasattr(given, "_build_kernel"):
        return Subject(_model(given, type(given).__name__))
    held = _held(given)
    if held is not None:
        return Subject(_model(wrapper(module=held), type(given).__name__))
    if callable(given) and not isinstance(given, BaseEstimator):
        return Subject(_model(wrapper(module=given), getattr(given, "__name__", "module")))
    raise SpecError(
        f"attribute takes a QuantumLayer or a module that holds one, a function that makes one, an estimator that "
        f"holds one, or the name of a model; got {type(given).__name__}, and there is no quantum layer in it."
    )


def _check_quantum(module: nn.Module) -> None:
    if next(quantum_layers(module), None) is None:
        raise SpecError(f"there is no QuantumLayer in this {type(module).__name__}, so nothing quantum did any work.")


def _held(estimator: Any) -> nn.Module | None:
    """Return the module with a quantum layer that an estimator holds in an attribute."""
    values = vars(estimator).values() if hasattr(estimator, "__dict__") else ()
    modules = (value for value in values if isinstance(value, nn.Module))
    return next((module for module in modules if next(quantum_layers(module), None) is not None), None)


def _model(estimator: Any, name: str) -> Model:
    """Make an unregistered model: the settings of the fit are tuned around those given, the rest is fixed."""
    given: Mapping[str, Any] = estimator.get_params(deep=False)
    space: dict[str, BaseDistribution] = {
        name: FloatDistribution(given[name] / factor, given[name] * factor, log=True)
        for name, factor in _FACTORS.items()
        if isinstance(given.get(name), float) and given[name] > 0 and not (name == "learning_rate" and "start" in given)
    }
    if isinstance(given.get("start"), int):
        space["start"] = IntDistribution(0, max(9999, given["start"]))
    known = inspect.signature(type(estimator)).parameters
    return Model(
        name="-".join(re.findall(r"[A-Za-z0-9][a-z0-9]*", name)).lower() or "model",
        kind="hybrid",
        problem="regression" if is_regressor(estimator) else "classification",
        summary="the model in question",
        source="given",
        estimator=type(estimator),
        fixed={k: v for k, v in given.items() if k in known and k not in {*space, "random_state"}},
        search_space=space,
        defaults={k: given[k] for k in space},
    )
