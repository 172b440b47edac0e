"""The quantum-classical sandbox: for this task, this model and this budget, does the quantum part help?

Everything is loaded on first use, so ``import qml`` costs nothing.

>>> import qml
>>> qml.verdict([0.9, 0.8, 0.9, 0.85], [0.5, 0.6, 0.5, 0.55], margin=0.02).label
'INCONCLUSIVE'
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qml import advantage, circuits, diagnostics, models, nn, reports, simulators, studies, tasks, testing, training
    from qml.advantage import verdict
    from qml.nn import QuantumLayer
    from qml.studies import Study

__version__ = "0.1.0"

__all__ = [
    "QuantumLayer",
    "Study",
    "advantage",
    "circuits",
    "diagnostics",
    "models",
    "nn",
    "reports",
    "simulators",
    "studies",
    "tasks",
    "testing",
    "training",
    "verdict",
]

_EXPORTS = {"QuantumLayer": "qml.nn", "Study": "qml.studies", "verdict": "qml.advantage"}


def __getattr__(name: str) -> Any:
    if name in _EXPORTS:
        value = getattr(importlib.import_module(_EXPORTS[name]), name)
    elif name in __all__:
        value = importlib.import_module(f"qml.{name}")
    elif name.startswith("_"):
        raise AttributeError(f"module 'qml' has no attribute {name!r}")
    else:
        raise AttributeError(_explain_missing(name))
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _explain_missing(name: str) -> str:
    import pennylane as qp

    if hasattr(qp, name):
        there = f"that is PennyLane. Write `import pennylane as qp` and `qp.{name}`."
        return f"module 'qml' has no attribute {name!r}: {there}"
    from qml.errors import suggest

    return f"module 'qml' has no attribute {name!r}. {suggest(name, __all__)}"
