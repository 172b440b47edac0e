"""Twins of any quantum model, made from the model itself."""

import inspect
from functools import lru_cache
from typing import Any

import torch
from optuna.distributions import CategoricalDistribution, FloatDistribution
from torch import nn

from qml.errors import QmlError, SpecError, suggest
from qml.models.model import MODELS, Model
from qml.models.torch_estimator import TorchEstimator
from qml.models.twins.circuit_twins import (
    MatchedKernelRegressionTwin,
    MatchedKernelTwin,
    SpectrumRegressionTwin,
    SpectrumTwin,
    front_is_fixed,
)
from qml.models.twins.module_twins import FrozenTwin, MatchedTwin, SeparableKernelTwin, SeparableTwin, SurrogateTwin
from qml.models.twins.signature import derived, merged, parameters_of, without_training
from qml.nn import quantum_layers, spectrum

KINDS = ("separable", "frozen", "matched", "surrogate")
MARK = "~"
_WIDTHS = (2, 4, 3, 8)  # features to look at a model with, whose task is not known
VERSION = 1  # raised by any change that moves a result of these twins
_C = FloatDistribution(1e-2, 1e3, log=True)
_SCALE = FloatDistribution(0.1, 3.0, log=True)
_SUMMARIES = {
    "separable": "{} without entangling gates, every input and weight kept",
    "frozen": "{} with its circuit's weights left as they are drawn, everything else trained",
    "matched": "{} with a classical layer, or kernel, in the place of its circuit",
    "surrogate": "{} with a linear map of every frequency its circuit reaches in the circuit's place",
}
_SOURCES = {
    "separable": "Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059)",
    "frozen": "random features of a circuit, as in Wilson et al. 2018 (arXiv:1806.08321)",
    "matched": "VERDICT.md, L2",
    "surrogate": "Schuld, Sweke, Meyer 2021 (arXiv:2008.08605); Schreiber, Eisert, Meyer 2023 (arXiv:2206.11740)",
}


class NotApplicableError(SpecError):
    """A model has nothing that this kind of twin takes out."""


def twin_of(model: Model, kind: str) -> Model:
    """Return the twin of a model: the registered one where there is one, else one made from the model.

    Args:
        model: A quantum or hybrid model.
        kind: ``"separable"``, ``"frozen"``, ``"matched"`` or ``"surrogate"``.

    Raises:
        NotApplicableError: If the model has nothing that this kind takes out.
        SpecError: If no twin can be made of it; the message says why.

    >>> from qml import models
    >>> [twin_of(models.get("reuploading"), kind).name for kind in ("separable", "frozen")]
    ['reuploading-separable', 'reuploading~frozen']
    """
    if kind not in KINDS:
        raise SpecError(f"there is no {kind!r} twin. {suggest(str(kind), KINDS)}")
    for entry in MODELS:
        if entry.twin_of == model.name and entry.twin == kind:
            return entry
    return automatic_twin(model, kind)


def automatic_twin(model: Model, kind: str, n_features: int | None = None) -> Model:
    """Return a twin made from the model, whatever is registered.

    Its estimator takes the model's arguments, is tuned in the model's search space, and differs from the model in one
    thing.  A matched layer's activation, a surrogate's regularisation and the width of a matched kernel are tuned, too.

    Args:
        model: A quantum or hybrid model.
        kind: ``"separable"``, ``"frozen"``, ``"matched"`` or ``"surrogate"``.
        n_features: Features to look at its module with; by default the first of a few numbers that it takes.

    Raises:
        NotApplicableError: If the model has nothing that this kind takes out.
        SpecError: If no twin can be made of its estimator.

    >>> from qml import models
    >>> list(automatic_twin(models.get("dressed"), "matched").search_space)
    ['n_layers', 'learning_rate', 'validation_fraction', 'activation']
    """
    if model.side != "quantum":
        raise SpecError(f"twins are made of quantum and hybrid models; {model.name!r} is a {model.kind} model.")
    return _automatic(_Key(model), kind, _WIDTHS if n_features is None else (n_features,))


class _Key:
    """A model as a key of a cache: models hold dictionaries, and are compared as objects."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.model == other.model

    def __hash__(self) -> int:
        return hash(self.model.name)


@lru_cache(maxsize=256)
def _automatic(key: _Key, kind: str, widths: tuple[int, ...]) -> Model:
    model = key.model
    name = model.name
    estimator, space, defaults = _recipe(model, model.estimator, kind, widths)
    known = set(inspect.signature(estimator).parameters)
    searched = {k: v for k, v in model.search_space.items() if k in known} | space
    return Model(
        name=f"{name}{MARK}{kind}",
        kind="twin",
        problem=model.problem,
        twin_of=name,
        twin=kind,  # type: ignore[arg-type]  # one of KINDS, checked above
        summary=_SUMMARIES[kind].format(name),
        source=_SOURCES[kind],
        estimator=estimator,
        fixed={k: v for k, v in model.fixed.items() if k in known | {"features"} and k not in space},
        search_space=searched,
        defaults={k: v for k, v in {**model.defaults, **defaults}.items() if k in searched},
        version=model.version + VERSION - 1,
    )


def _recipe(
    model: Model, base: type, kind: str, widths: tuple[int, ...]
) -> tuple[type, dict[str, Any], dict[str, Any]]:
    """Return the twin's estimator, what is tuned beside the model's own parameters, and where that starts."""
    if why := getattr(base, "no_twin", {}).get(kind):
        raise NotApplicableError(f"{model.name!r} has nothing that a {kind} twin takes out: {why}.")
    if hasattr(base, "_build_kernel"):
        return _kernel_recipe(model, base, kind, widths)
    if not issubclass(base, TorchEstimator):
        raise SpecError(
            f"no {kind} twin can be made of {model.name!r}: its estimator {base.__name__} is no TorchClassifier or "
            f"TorchRegressor with a QuantumLayer inside, and has no _build_kernel. "
            f"Register one with twin_of={model.name!r}, twin={kind!r}."
        )
    module, width = _example(model, base, kind, widths)
    if kind == "separable":
        return derived(SeparableTwin, base, kind), {}, {}
    if kind == "frozen":
        if not any(parameter.numel() for layer in quantum_layers(module) for parameter in layer.parameters()):
            raise NotApplicableError(f"the circuit of {model.name!r} has no weights, so there is nothing to freeze.")
        return derived(FrozenTwin, base, kind), {}, {}
    if kind == "matched":
        choice = {"activation": CategoricalDistribution(["cos", "tanh"])}
        return derived(MatchedTwin, base, kind, {"activation": "cos"}), choice, {"activation": "cos"}
    layers = list(quantum_layers(module))
    reaches = [_spectrum(model, layer) for layer in layers]
    if len(layers) > 1 or not front_is_fixed(module, layers[0], width):
        return derived(SurrogateTwin, base, kind), {}, {}
    # Where only scaling and encoding stand before the circuit, the fit is convex: no gradient steps.
    space: dict[str, Any] = {"C": _C}
    defaults: dict[str, Any] = {"C": 1.0}
    if reaches[0].is_trained:
        space["scale"], defaults["scale"] = _SCALE, 1.0
    return (
        derived(
            _twin_class(model, SpectrumTwin, SpectrumRegressionTwin),
            base,
            kind,
            {"C": 1.0, "scale": 1.0},
            without_training(base),
        ),
        space,
        defaults,
    )


def _kernel_recipe(
    model: Model, base: type, kind: str, widths: tuple[int, ...]
) -> tuple[type, dict[str, Any], dict[str, Any]]:
    if kind == "separable":
        return derived(SeparableKernelTwin, base, kind), {}, {}
    if kind == "frozen":
        raise NotApplicableError(f"nothing is trained in the circuit of {model.name!r}, so there is nothing to freeze.")
    module = _kernel_example(model, base, widths)
    for layer in quantum_layers(module):
        _spectrum(model, layer)
    own = {"C": parameters_of(base).get("C", 1.0)}
    space: dict[str, Any] = {} if "C" in model.search_space or "C" in model.fixed else {"C": _C}
    defaults: dict[str, Any] = {"C": 1.0} if space else {}
    if kind == "surrogate":
        if "scaling" not in model.search_space:  # without a bandwidth of the model's own, the twin tunes one
            space["scale"], defaults["scale"] = _SCALE, 1.0
        return (
            derived(_twin_class(model, SpectrumTwin, SpectrumRegressionTwin), base, kind, merged(own, {"scale": 1.0})),
            space,
            defaults,
        )
    space |= {
        "gamma": FloatDistribution(1e-2, 1e2, log=True),
        "representation": CategoricalDistribution(["circle", "angles"]),
    }
    defaults |= {"gamma": 0.5, "representation": "circle"}
    extra = merged(own, {"gamma": 0.5, "representation": "circle"})
    return (
        derived(_twin_class(model, MatchedKernelTwin, MatchedKernelRegressionTwin), base, kind, extra),
        space,
        defaults,
    )


def _twin_class(model: Model, classifier: type, regressor: type) -> type:
    return regressor if model.problem == "regression" else classifier


def _arguments(model: Model, base: type) -> dict[str, Any]:
    known = parameters_of(base)
    return {k: v for k, v in {**model.fixed, **model.defaults}.items() if k in known}


def _example(model: Model, base: type, kind: str, widths: tuple[int, ...]) -> tuple[nn.Module, int]:
    """Build a model's module, for the first of some numbers of features that it takes; return that number, too."""
    problem: Exception | None = None
    for n_features in widths:
        try:
            estimator = base(**_arguments(model, base))
            module: nn.Module = estimator._build_module(n_features, 1, torch.Generator().manual_seed(0))
            with torch.no_grad():
                module(torch.zeros(1, n_features, dtype=next(module.parameters()).dtype))
        except (QmlError, RuntimeError, ValueError, IndexError) as error:
            problem = error
            continue
        if next(quantum_layers(module), None) is None:
            raise SpecError(f"no {kind} twin can be made of {model.name!r}: its module has no QuantumLayer inside.")
        return module, n_features
    raise SpecError(f"no {kind} twin can be made of {model.name!r}: its module cannot be built: {problem}") from problem


def _kernel_example(model: Model, base: type, widths: tuple[int, ...]) -> nn.Module:
    problem: Exception | None = None
    for n_features in widths:
        try:
            module: nn.Module = base(**_arguments(model, base))._build_kernel(n_features)
            return module
        except (QmlError, RuntimeError, ValueError, IndexError) as error:
            problem = error
    raise SpecError(f"no twin can be made of {model.name!r}: its kernel cannot be built: {problem}") from problem


def _spectrum(model: Model, layer: Any) -> Any:
    try:
        return spectrum(layer, nominal=True)
    except QmlError as error:
        raise SpecError(f"no surrogate can be made of {model.name!r}: {error}") from error
