"""Import the modules in which a study's own tasks and models are registered."""

import importlib
import sys
from collections.abc import Iterable
from pathlib import Path

from qml.errors import SpecError


def import_plugins(modules: Iterable[str], beside: Path | None = None) -> None:
    """Import each module; its import registers tasks, models or metrics.

    A module that is not installed is looked for in the current folder, and beside the study file.

    Args:
        modules: Names as in an import statement.
        beside: The folder of the study file.

    Raises:
        SpecError: If one cannot be imported; the message has the cause.

    >>> import_plugins(["json"])
    """
    modules = tuple(modules)
    if not modules:
        return
    for folder in (Path.cwd(), beside):
        if folder is not None and str(folder.resolve()) not in sys.path:
            sys.path.append(str(folder.resolve()))
    importlib.invalidate_caches()
    for module in modules:
        try:
            importlib.import_module(module)
        except Exception as error:
            raise SpecError(
                f"the module {module!r} cannot be imported: {type(error).__name__}: {error}. "
                "Put it beside the study file, or install it."
            ) from error
