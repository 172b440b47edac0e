"""A study's own tasks, models and metrics: the modules that register them, and the hashes of their source."""

import hashlib
import importlib
import sys
from collections.abc import Iterable, Mapping
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from qml.errors import SpecError

if TYPE_CHECKING:
    from qml.registry import Registry

# The source that each plug-in had when this process imported it: Python does not read a changed file again.
_IMPORTED: WeakKeyDictionary[ModuleType, str] = WeakKeyDictionary()


def import_plugins(modules: Iterable[str], beside: Path | None = None) -> dict[str, str]:
    """Import each module; its import registers tasks, models or metrics.

    A module that is not installed is looked for in the current folder, and beside the study file.

    Args:
        modules: Names as in an import statement.
        beside: The folder of the study file.

    Returns:
        For each module, the hash of its source as it was when this process imported it.

    Raises:
        SpecError: If one cannot be imported; the message has the cause.

    >>> list(import_plugins(["json"]))
    ['json']
    """
    sources = plugin_sources(modules, beside)
    importlib.invalidate_caches()
    return {module: _IMPORTED.setdefault(_import(module), source) for module, source in sources.items()}


def plugin_sources(modules: Iterable[str], beside: Path | None = None) -> dict[str, str]:
    """Hash the source of each module without importing it: its file, or all Python files of a package.

    What a plug-in imports from other modules is not in its hash.

    Args:
        modules: Names as in an import statement.
        beside: The folder of the study file.

    Returns:
        For each module a SHA-256, 64 hexadecimal digits.

    Raises:
        SpecError: If there is no such module, or its source cannot be read.

    >>> plugin_sources(["json"]) == plugin_sources(["json"])
    True
    """
    modules = tuple(modules)
    if modules:
        _look_in(Path.cwd(), beside)
    return {module: _source(module) for module in modules}


def check_origin(registry: "Registry[Any]", name: str, plugins: Iterable[str]) -> None:
    """Check that the workers can find an entry of this process.

    Args:
        registry: Where it is registered.
        name: Its name.
        plugins: The modules that the workers import.

    Raises:
        SpecError: If it was registered by a module that they do not import; the message says how to mend it.
    """
    origin, kind = registry.origin(name), registry.kind
    plugins = tuple(plugins)
    if _is_below(origin, ("qml", *plugins)) or _has_entry_point(origin, registry.package):
        return
    if origin == "__main__":
        raise SpecError(
            f"the {kind} {name!r} was defined in a script or a notebook, and the workers run neither. Put it into a "
            "file of its own, for example mine.py, and name that in the study: plugins: [mine]."
        )
    raise SpecError(
        f"the {kind} {name!r} was registered by the module {origin!r}, which the workers do not import. "
        f"Name it in the study: plugins: [{', '.join((*plugins, origin))}]."
    )


def sources_of(origins: Iterable[str], sources: Mapping[str, str]) -> dict[str, str]:
    """Return the plug-ins among ``sources`` that registered something at ``origins``.

    >>> sources_of(["qml.models.classical.knn", "mine.tasks"], {"mine": "a1", "other": "b2"})
    {'mine': 'a1'}
    """
    origins = tuple(origins)
    return {name: source for name, source in sources.items() if any(_is_below(origin, (name,)) for origin in origins)}


def _is_below(module: str, packages: Iterable[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def _has_entry_point(module: str, group: str) -> bool:
    return _is_below(module, {point.module.partition(".")[0] for point in entry_points(group=group)})


def _look_in(*folders: Path | None) -> None:
    for folder in folders:
        if folder is not None and str(folder.resolve()) not in sys.path:
            sys.path.append(str(folder.resolve()))


def _import(module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except Exception as error:
        raise _cannot_be_imported(module, f"{type(error).__name__}: {error}") from error


def _cannot_be_imported(module: str, cause: str) -> SpecError:
    return SpecError(f"the module {module!r} cannot be imported: {cause}. Put it beside the study file, or install it.")


def _source(module: str) -> str:
    spec = _spec(module)
    try:
        files = _files(spec)
        text = hashlib.sha256()
        for name, path in files:
            content = path.read_bytes().replace(b"\r\n", b"\n")
            text.update(f"{name} {len(content)}\n".encode() + content)
    except OSError as error:
        raise SpecError(f"the source of the module {module!r} cannot be read: {error}.") from error
    if not files:
        raise SpecError(f"the module {module!r} has no source file, so a change of it would go unseen.")
    return text.hexdigest()


def _spec(module: str) -> ModuleSpec:
    """Find a module; unlike `find_spec`, without importing the packages above it."""
    top, *parts = module.split(".")
    importlib.invalidate_caches()
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        spec = None
    name = top
    for part in parts:
        if spec is None:
            break
        name = f"{name}.{part}"
        spec = PathFinder.find_spec(name, spec.submodule_search_locations or [])
    if spec is None:
        raise _cannot_be_imported(module, f"ModuleNotFoundError: No module named {name!r}")
    return spec


def _files(spec: ModuleSpec) -> list[tuple[str, Path]]:
    if spec.submodule_search_locations is None:
        return [("", Path(spec.origin))] if spec.has_location and spec.origin else []
    folders = [Path(folder) for folder in spec.submodule_search_locations]
    return sorted((path.relative_to(folder).as_posix(), path) for folder in folders for path in folder.rglob("*.py"))
