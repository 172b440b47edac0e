"""Estimator classes made from other ones: scikit-learn reads their arguments off a signature."""

import inspect
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from qml.models.full_batch_classifier import FullBatchClassifier
from qml.models.torch_estimator import TorchEstimator


def parameters_of(estimator: type) -> dict[str, Any]:
    """Return the arguments of an estimator class with their defaults, in order."""
    found = inspect.signature(estimator).parameters.values()
    return {parameter.name: parameter.default for parameter in found}


def without_training(base: type) -> tuple[str, ...]:
    """Return the arguments of a torch model that make its circuit: all but those of the training loops."""
    training = {*parameters_of(TorchEstimator), *parameters_of(FullBatchClassifier)}
    return tuple(name for name in parameters_of(base) if name not in training)


def merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return both, the second one's values where they share a name."""
    return {**first, **second}


def derived(
    mixin: type, base: type, kind: str, extra: Mapping[str, Any] | None = None, keep: Collection[str] | None = None
) -> type:
    """Make a twin's estimator class; it can be pickled and cloned.

    Args:
        mixin: What the twin does otherwise.  A subclass of `Detached` holds the model's class instead of deriving from
            it.
        base: The model's estimator class.
        kind: Kind of twin.
        extra: Further arguments with their defaults.
        keep: The model's arguments that the twin has, too; all by default.

    Returns:
        The same class for the same arguments.
    """
    kept = None if keep is None else tuple(keep)
    return _derived(mixin, base, kind, tuple((extra or {}).items()), kept)


class Twin:
    """A twin's estimator knows what it was made from, so that pickle can make its class again."""

    _recipe: tuple[Any, ...]

    def __reduce__(self) -> Any:
        """Store how the class is made beside the attributes."""
        return _blank, self._recipe, self.__getstate__()


class Detached(Twin):
    """A twin that is no subclass of the model's estimator, and builds one to look at its circuit."""

    _base: type

    def _model(self) -> Any:
        """Return the model's estimator with this twin's arguments, unfitted."""
        known = parameters_of(self._base)
        return self._base(**{name: vars(self)[name] for name in known if name in vars(self)})


@lru_cache(maxsize=256)
def _derived(
    mixin: type, base: type, kind: str, extra: tuple[tuple[str, Any], ...], keep: tuple[str, ...] | None
) -> type:
    theirs = {name: value for name, value in parameters_of(base).items() if keep is None or name in keep}
    arguments = {**theirs, **dict(extra)}
    detached = issubclass(mixin, Detached)

    def __init__(self: Any, **given: Any) -> None:  # noqa: N807  # becomes the class's own
        unknown = sorted(set(given) - set(arguments))
        if unknown:
            raise TypeError(f"{type(self).__name__} has no argument {unknown[0]!r}; it has {', '.join(arguments)}.")
        values = {**arguments, **given}
        if not detached:
            base.__init__(self, **{name: values[name] for name in theirs})  # type: ignore[misc]
        for name in arguments if detached else dict(extra):
            setattr(self, name, values[name])

    kind_of = inspect.Parameter.KEYWORD_ONLY
    listed = [inspect.Parameter(name, kind_of, default=value) for name, value in arguments.items()]
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    __init__.__signature__ = inspect.Signature([own, *listed])  # type: ignore[attr-defined]
    body = {
        "__init__": __init__,
        "__module__": mixin.__module__,
        "__doc__": f"The {kind} twin of {base.__name__}: {mixin.__doc__}",
        "_recipe": (mixin, base, kind, extra, keep),
        "_base": base,
        "draw": None,
    }
    return type(f"{kind.capitalize()}{base.__name__}", (mixin,) if detached else (mixin, base), body)


def _blank(*recipe: Any) -> Any:
    made: Any = _derived(*recipe)
    return made.__new__(made)
