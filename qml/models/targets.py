"""Real targets in units of their spread: learned from the training part, and undone in predictions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """Mean and spread of training targets.

    Args:
        mean: In the units of the targets.
        spread: Standard deviation, positive; 1 where all targets are equal.

    >>> scale = Scale.of(np.array([1.0, 3.0]))
    >>> scale.down(np.array([1.0, 3.0])).tolist(), scale.up(np.array([0.0])).tolist()
    ([-1.0, 1.0], [2.0])
    """

    mean: float
    spread: float

    @classmethod
    def of(cls, y: Float) -> "Scale":
        """Learn it from training targets, shape (n,)."""
        return cls(float(np.mean(y)), float(np.std(y)) or 1.0)

    def down(self, y: Float) -> Float:
        """Return targets with mean 0 and standard deviation 1, shape (n,)."""
        scaled: Float = (np.asarray(y, dtype=np.float64) - self.mean) / self.spread
        return scaled

    def up(self, values: Float) -> Float:
        """Return values in the units of the targets, shape (n,)."""
        restored: Float = values * self.spread + self.mean
        return restored
