"""Which part of one model did the work?  The model against its own twins, on one data set or one task."""

from qml.advantage.attribution.result import Attribution, Part
from qml.advantage.attribution.run import attribute

__all__ = ["Attribution", "Part", "attribute"]
