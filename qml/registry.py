"""A registry of named entries that finds its own entries: one file adds one thing."""

import importlib
import pkgutil
import sys
import threading
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Generic, Protocol, TypeVar

from qml.errors import SpecError, suggest


class Named(Protocol):
    """Anything with a name."""

    @property
    def name(self) -> str:
        """The registered name, in kebab-case."""


T = TypeVar("T", bound=Named)


class Registry(Generic[T]):
    """Entries by name, in one package and in the plug-ins that declare its entry-point group.

    The first look-up imports every module below ``package``, and every plug-in of the entry-point group of the
    same name.  A module registers its entry when it is imported, so a new file needs no edit elsewhere.

    Args:
        kind: What an entry is called in messages, for example ``"task"``.
        package: The package whose modules register entries, for example ``"qml.tasks"``.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self.package = package
        self._entries: dict[str, T] = {}
        self._origins: dict[str, str] = {}
        self._discovered = False
        self._lock = threading.RLock()

    def add(self, entry: T) -> T:
        """Register an entry under its name and return it.

        Raises:
            SpecError: If the name is taken by another entry.
        """
        if entry.name in self._entries:
            raise SpecError(f"a {self.kind} named {entry.name!r} is already registered; choose another name.")
        self._entries[entry.name] = entry
        self._origins[entry.name] = str(sys._getframe(1).f_globals.get("__name__", "__main__"))
        return entry

    def get(self, name: str) -> T:
        """Return the entry of that name.

        Raises:
            SpecError: If there is none; the message names the nearest one and lists all.
        """
        self._discover()
        if name not in self._entries:
            raise SpecError(f"unknown {self.kind} {name!r}. {suggest(str(name), self._entries)}")
        return self._entries[name]

    def origin(self, name: str) -> str:
        """Return the name of the module that registered an entry; ``"__main__"`` for a script or a notebook.

        Raises:
            SpecError: If there is no entry of that name.
        """
        self.get(name)
        return self._origins[name]

    def names(self) -> tuple[str, ...]:
        """Return every registered name, sorted."""
        self._discover()
        return tuple(sorted(self._entries))

    def __iter__(self) -> Iterator[T]:
        return (self._entries[name] for name in self.names())

    def __contains__(self, name: object) -> bool:
        self._discover()
        return name in self._entries

    def _discover(self) -> None:
        if self._discovered:
            return
        with self._lock:
            self._import_all()
            self._discovered = True

    def _import_all(self) -> None:
        root = importlib.import_module(self.package)
        for module in pkgutil.walk_packages(root.__path__, prefix=f"{self.package}."):
            importlib.import_module(module.name)
        for plugin in entry_points(group=self.package):
            try:
                plugin.load()
            except Exception as error:
                raise SpecError(
                    f"the plug-in {plugin.name!r} ({plugin.value}) for {self.package} cannot be imported: {error!r}. "
                    "Mend or uninstall it."
                ) from error
