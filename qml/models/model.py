"""A model: an estimator with its search space, its kind and its source."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from qml.errors import SpecError, suggest
from qml.registry import Registry
from qml.tasks.problem import Problem, check_problem

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

Kind = Literal["quantum", "hybrid", "classical", "twin"]
Side = Literal["quantum", "classical", "twin"]
TwinKind = Literal["separable", "frozen", "matched", "surrogate"]


@dataclass(frozen=True, kw_only=True)
class Model:
    """Who learns.

    Args:
        name: In kebab-case.
        kind: ``"quantum"``, ``"hybrid"``, ``"classical"`` or ``"twin"``.
        summary: One line.
        source: The paper or the package.
        estimator: A scikit-learn class: a classifier, or a regressor where ``problem`` is regression.
        problem: ``"classification"``, ``"regression"``, ``"generation"`` or ``"optimisation"``; a study refuses a model
            and a task that differ in it.
        fixed: Constructor arguments that are not tuned; ``"features"`` fixes the feature map.
        search_space: What is tuned, by constructor argument.
        defaults: The first trial; its keys are among those of ``search_space``.
        ignores_features: True if the estimator looks at the labels only, so that there is no feature map to choose.
        twin_of: The model it is the twin of; twins only.
        twin: What was taken out of that model; twins only.
        version: Raised by any change that moves a result.

    Raises:
        SpecError: If these do not fit together; the message says how.

    >>> from sklearn.dummy import DummyClassifier
    >>> model = Model(name="guess", kind="classical", summary="guesses", source="-", estimator=DummyClassifier)
    >>> model.side
    'classical'
    """

    name: str
    kind: Kind
    summary: str
    source: str
    estimator: type
    problem: Problem = "classification"
    fixed: Mapping[str, Any] = field(default_factory=dict)
    search_space: "Mapping[str, BaseDistribution]" = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    ignores_features: bool = False
    twin_of: str | None = None
    twin: TwinKind | None = None
    version: int = 1

    def __post_init__(self) -> None:
        check_problem(f"model {self.name!r}", self.problem)
        self._check_kind()
        self._check_parameters()

    @property
    def side(self) -> Side:
        """The side of the comparison it stands on; a hybrid stands on the quantum side."""
        return "quantum" if self.kind == "hybrid" else self.kind

    def draw(self, n_features: int) -> str | None:
        """Return a text drawing of the model's circuit for that many features, or None if it has no circuit."""
        draw = getattr(self.estimator, "draw", None)
        return None if draw is None else str(draw(n_features))

    def _check_kind(self) -> None:
        if self.kind not in ("quantum", "hybrid", "classical", "twin"):
            raise SpecError(
                f"model {self.name!r}: unknown kind {self.kind!r}. "
                f"{suggest(str(self.kind), ('quantum', 'hybrid', 'classical', 'twin'))}"
            )
        is_twin = self.kind == "twin"
        if is_twin != (self.twin_of is not None) or is_twin != (self.twin is not None):
            raise SpecError(
                f"model {self.name!r}: twin_of and twin are given for kind 'twin' and for no other; "
                f"got kind={self.kind!r}, twin_of={self.twin_of!r}, twin={self.twin!r}."
            )

    def _check_parameters(self) -> None:
        if "features" in self.search_space:
            raise SpecError(
                f"model {self.name!r}: leave 'features' out of search_space; the task lists its feature maps."
            )
        known = set(inspect.signature(self.estimator).parameters)
        for name in [*self.fixed, *self.search_space]:
            if name not in known | {"features"}:
                raise SpecError(
                    f"model {self.name!r}: {self.estimator.__name__} has no parameter {name!r}. {suggest(name, known)}"
                )
        both = sorted(set(self.fixed) & set(self.search_space))
        if both:
            raise SpecError(f"model {self.name!r}: {', '.join(both)} cannot be both fixed and searched.")
        for name, value in self.defaults.items():
            if name not in self.search_space:
                raise SpecError(
                    f"model {self.name!r}: the default of {name!r} is not searched. {suggest(name, self.search_space)}"
                )
            if not _contains(self.search_space[name], value):
                raise SpecError(
                    f"model {self.name!r}: the default {name}={value!r} lies outside {self.search_space[name]}."
                )


def _contains(distribution: "BaseDistribution", value: Any) -> bool:
    try:
        return bool(distribution._contains(distribution.to_internal_repr(value)))
    except ValueError:
        return False


MODELS: Registry[Model] = Registry("model", "qml.models")


def get(name: str) -> Model:
    """Return the model of that name; ``"reuploading~frozen"`` is the frozen twin made from ``"reuploading"``.

    Raises:
        SpecError: If there is none; the message names the nearest one and lists all.
    """
    base, mark, kind = str(name).partition("~")
    if mark and name not in MODELS:
        from qml.models.twins.automatic import automatic_twin  # it needs the estimators, and they register with MODELS

        return automatic_twin(MODELS.get(base), kind)
    return MODELS.get(name)


def registered_name(name: str) -> str:
    """Return the name under which a model, or the model that an automatic twin is made from, is registered.

    >>> registered_name("reuploading~frozen"), registered_name("mlp")
    ('reuploading', 'mlp')
    """
    return name if name in MODELS else name.partition("~")[0]


def names() -> tuple[str, ...]:
    """Return the names of all models, sorted."""
    return MODELS.names()
