"""What the judge is told of a task whose cells were made of other cells: the sides on an axis that is no score."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from qml.advantage.posterior import Array


@dataclass(frozen=True, kw_only=True)
class Derived:
    """One task on another axis, beside the derived cells of its two sides.

    Args:
        gates: The sentences of the gates that fail on the cells behind it, given the number of replicates of a look;
            None for all of them.
        families: For each quantum model, what it reached by replicate, in units of the derived scores.
        problems: Why a quantum model has no comparison, by its name.
    """

    gates: Callable[[int | None], Sequence[str]]
    families: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)

    def values(self, model: str, replicates: Sequence[int]) -> Array | None:
        """Return what a model reached in these replicates, shape (n,); None if it has no value in one of them.

        >>> Derived(gates=lambda n: (), families={"pqc": {0: -4.0, 1: -5.0}}).values("pqc", [0, 1]).tolist()
        [-4.0, -5.0]
        """
        found = self.families[model]
        if any(replicate not in found for replicate in replicates):
            return None
        return np.array([found[replicate] for replicate in replicates], dtype=np.float64)

    def problem(self, model: str) -> str:
        """Return why a model has no comparison."""
        return self.problems.get(model) or f"nothing to compare: {model} reached nothing in some replicate"
