"""Everything about one task, model or circuit as plain data."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from qml.errors import SpecError, suggest
from qml.studies.cell import plain

_KINDS = ("task", "model", "circuit")
_DRAWN_FEATURES = 2  # what is drawn of a model is the same circuit at any width


def describe(words: Sequence[str]) -> dict[str, Any]:
    """Return all that is known about an entry.

    Args:
        words: A name, or one of task, model, circuit and a name.

    Raises:
        SpecError: If there is none of that name, or there are two of different kinds.
    """
    if len(words) == 2 and words[0] in _KINDS:
        return _facts(words[0], _room(words[0]).get(words[1]))
    if len(words) != 1:
        raise SpecError(f"show takes a name, or a kind ({', '.join(_KINDS)}) and a name; got {' '.join(words)!r}.")
    name = words[0]
    found = [kind for kind in _KINDS if name in _room(kind).names()]
    if len(found) > 1:
        raise SpecError(f"{name!r} is a {' and a '.join(found)}; write for example: qml show {found[0]} {name}.")
    if not found:
        known = [known for kind in _KINDS for known in _room(kind).names()]
        raise SpecError(f"there is no task, model or circuit {name!r}. {suggest(name, known)}")
    return _facts(found[0], _room(found[0]).get(name))


def _room(kind: str) -> Any:
    from qml import circuits, models, tasks

    return {"task": tasks, "model": models, "circuit": circuits}[kind]


def _facts(kind: str, entry: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"entry": kind}
    if is_dataclass(entry):
        names = [field.name for field in fields(entry)]
    else:
        names = [name for name in ("name", "kind", "summary", "source") if hasattr(entry, name)]
    for name in names:
        value = getattr(entry, name)
        facts[name] = _reference(value) if callable(value) else plain(value)
    drawing = _drawing(entry)
    return facts | ({"drawing": drawing} if drawing else {})


def _reference(value: Any) -> str:
    return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', type(value).__qualname__)}"


def _drawing(entry: Any) -> str | None:
    draw = getattr(entry, "draw", None)
    if draw is None:
        return None
    try:
        drawing = draw(_DRAWN_FEATURES)
    except NotImplementedError:
        return None
    return str(drawing) if drawing else None
