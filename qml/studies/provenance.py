"""Versions and machine, so that a result can be traced to what made it."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from qml.studies.cell import now

_LIBRARIES = (
    "dask",
    "distributed",
    "numba",
    "numpy",
    "optuna",
    "pandas",
    "pennylane",
    "scikit-learn",
    "scipy",
    "torch",
)


def provenance() -> dict[str, Any]:
    """Return versions, platform and time as plain data.

    >>> sorted(provenance())[:3]
    ['cpu_count', 'created_at', 'libraries']
    """
    import qml

    return {
        "qml": qml.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu_count": os.cpu_count(),
        "libraries": {name: found for name in _LIBRARIES if (found := _version(name)) is not None},
        "created_at": now(),
    }


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
