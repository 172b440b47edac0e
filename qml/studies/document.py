"""A YAML file as plain data that remembers the line of every key, and the overrides laid on top of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qml.errors import SpecError, suggest

Loc = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """Plain data, and where each part of it was written.

    Args:
        data: The content, of dicts, lists and scalars.
        path: The file it was read from; None for data built in Python.
        lines: Line of each location, counted from 1.
        overrides: ``--set`` text of each overridden location.
    """

    data: Mapping[str, Any]
    path: Path | None = None
    lines: Mapping[Loc, int] = field(default_factory=dict)
    overrides: Mapping[Loc, str] = field(default_factory=dict)

    def where(self, loc: Loc) -> str:
        """Say where a location was written: a ``--set``, a file and line, or the dotted name.

        >>> Document({}).where(("tasks", 0, "name"))
        'tasks[0].name'
        """
        for length in range(len(loc), 0, -1):
            if loc[:length] in self.overrides:
                return f"--set {self.overrides[loc[:length]]}"
        if self.path is None:
            return dotted(loc) or "the study"
        known = next((self.lines[loc[:n]] for n in range(len(loc), -1, -1) if loc[:n] in self.lines), 1)
        return f"{self.path}:{known}"

    def override(self, settings: Iterable[str]) -> "Document":
        """Return a copy with each ``key=value`` set; keys are dotted and values are YAML.

        >>> Document({"budget": {"trials": 28}}).override(["budget.trials=10"]).data
        {'budget': {'trials': 10}}

        Raises:
            SpecError: If a setting has no ``=``, its value is not YAML, or its path leads into a scalar.
        """
        data = _copy(self.data)
        overrides = dict(self.overrides)
        for setting in settings:
            key, equals, text = setting.partition("=")
            if not equals or not key.strip():
                raise SpecError(f"--set {setting}: write key=value, for example --set budget.trials=10.")
            loc = _parse(key.strip())
            _put(data, loc, _parse_value(text, setting), setting)
            overrides[loc] = setting
        return Document(data, self.path, self.lines, overrides)


def read_document(path: str | Path) -> Document:
    """Read a YAML file.

    Raises:
        SpecError: If the file cannot be read, is not YAML, is not a mapping, or writes one key twice.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        near = sorted(str(other) for other in path.parent.glob("*.y*ml")) if path.parent.is_dir() else []
        hint = suggest(str(path), near) if near else "The folder has no study file."
        raise SpecError(f"{path}: there is no such study file. {hint}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"{path}: the study file cannot be read: {error}.") from None
    return parse_document(text, path)


def parse_document(text: str, path: Path) -> Document:
    """Parse YAML text that came from ``path``; see `read_document`."""
    import yaml

    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise SpecError(f"{path}:1: a study is a mapping of keys (name:, tasks:, models:, …).")
        lines: dict[Loc, int] = {(): 1}
        _walk(node, (), lines, path)
        data = loader.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or str(error)
        raise SpecError(f"{path}:{line}: this is not valid YAML: {problem}.") from None
    finally:
        loader.dispose()
    return Document(data, path, lines)


def dotted(loc: Sequence[str | int]) -> str:
    """Write a location as in Python.

    >>> dotted(("models", "quantum", 0, "name"))
    'models.quantum[0].name'
    """
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def _walk(node: Any, loc: Loc, lines: dict[Loc, int], path: Path) -> None:
    import yaml

    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise SpecError(f"{path}:{key.start_mark.line + 1}: a key must be a plain word.")
            inner = (*loc, key.value)
            line = key.start_mark.line + 1
            if inner in lines:
                raise SpecError(
                    f"{path}:{line}: the key {key.value!r} is written twice (first in line {lines[inner]})."
                )
            lines[inner] = line
            _walk(value, inner, lines, path)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[(*loc, index)] = value.start_mark.line + 1
            _walk(value, (*loc, index), lines, path)


def _parse(key: str) -> Loc:
    return tuple(int(part) if part.isdigit() else part for part in key.split("."))


def _parse_value(text: str, setting: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SpecError(f"--set {setting}: the value is not valid YAML: {error}.") from None


def _put(data: Any, loc: Loc, value: Any, setting: str) -> None:
    outer: Any = None
    for depth, part in enumerate(loc):
        last = depth == len(loc) - 1
        if depth and isinstance(data, str):
            data = _promoted(outer, loc[depth - 1], part)
        if isinstance(data, list):
            if not isinstance(part, int) or part >= len(data):
                raise SpecError(
                    f"--set {setting}: {dotted(loc[:depth])} is a list of {len(data)}; "
                    f"write a place in it (0, 1, …), got {part!r}."
                )
        elif not isinstance(data, dict):
            raise SpecError(f"--set {setting}: {dotted(loc[:depth])} is {data!r}, it has no key {part!r}.")
        elif not last:
            data.setdefault(part, {})
        if last:
            data[part] = value
        else:
            outer, data = data, data[part]


def _promoted(outer: Any, place: Any, part: str | int) -> Any:
    """Write a plain name as the longer form that a setting leads into, and return it."""
    if isinstance(part, int):
        outer[place] = [outer[place]]  # tasks: two-moons
    elif isinstance(outer, list):
        outer[place] = {"name": outer[place]}  # tasks: [two-moons]
    return outer[place]


def _copy(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {key: _copy(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_copy(value) for value in data]
    return data
