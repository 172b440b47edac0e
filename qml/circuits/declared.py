"""Circuits that are named data: hashable, picklable, and drawn without being run."""

from abc import ABC, abstractmethod
from typing import Any


class DeclaredCircuit(ABC):
    """A quantum function that knows its own shapes.

    Subclasses are frozen dataclasses of names and numbers, so that two equal ones are the same circuit.
    """

    @property
    @abstractmethod
    def n_inputs(self) -> int:
        """Features of one sample."""

    @property
    @abstractmethod
    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each weight by argument name."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What the circuit is called in messages."""

    @abstractmethod
    def __call__(self, inputs: Any, **weights: Any) -> Any:
        """Queue the circuit and return its measurements."""
