"""Who learns: quantum, hybrid and classical estimators, each with its search space.  One file a model."""

from qml.models.model import MODELS, Model, get, names, registered_name
from qml.models.pipeline import build, default_params, search_space
from qml.models.pool import REQUIRED_POOL, REQUIRED_POOLS

__all__ = [
    "MODELS",
    "REQUIRED_POOL",
    "REQUIRED_POOLS",
    "Model",
    "build",
    "default_params",
    "get",
    "names",
    "registered_name",
    "search_space",
]
