"""How a fit is run, and what it leaves behind."""

import math
from dataclasses import dataclass
from typing import Literal

from qml.errors import SpecError


@dataclass(frozen=True)
class Schedule:
    """The settings of one fit; they are checked when the schedule is made.

    Args:
        max_epochs: Passes over the training part at most, at least 1.
        batch_size: Samples a step at most, at least 1; the batches of an epoch differ by one sample at most.
        learning_rate: Step size of Adam, positive.
        validation_fraction: Share of the training data that is held out for early stopping, in [0, 1);
            0 holds out nothing and watches the training loss instead.
        patience: Epochs without a better validation loss before the fit stops, at least 1.
        weight_decay: Decoupled weight decay (AdamW), at least 0; 0 is plain Adam.

    Raises:
        SpecError: If a value is out of its range.

    >>> Schedule(max_epochs=20).batch_size
    32
    """

    max_epochs: int = 100
    batch_size: int = 32
    learning_rate: float = 0.02
    validation_fraction: float = 0.2
    patience: int = 30
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        for name in ("max_epochs", "batch_size", "patience"):
            value = getattr(self, name)
            _require(_is_whole(value) and value >= 1, name, "a whole number, at least 1", value)
        _require(_is_real(self.learning_rate) and self.learning_rate > 0, "learning_rate", "> 0", self.learning_rate)
        _require(_is_real(self.weight_decay) and self.weight_decay >= 0, "weight_decay", ">= 0", self.weight_decay)
        fraction = self.validation_fraction
        _require(_is_real(fraction) and 0 <= fraction < 1, "validation_fraction", "in [0, 1)", fraction)


@dataclass(frozen=True)
class FitResult:
    """What happened in a fit.

    Attributes:
        train_losses: Mean loss of the steps of each epoch, taken while the weights move.
        validation_losses: Loss on the held-out part after each epoch; empty if nothing was held out.
        best_epoch: The epoch, counted from 1, whose weights the module now has.
        stop_reason: ``"patience"`` if the watched loss stopped falling, ``"converged"`` if a full-batch fit found a
            minimum, else ``"max-epochs"``.
        steps: Optimiser steps taken; of a full-batch fit, its gradients.
        seconds: Wall time of the fit.
        samples: Samples whose gradient was taken, over all steps; None if the trainer does not count them.
    """

    train_losses: tuple[float, ...]
    validation_losses: tuple[float, ...]
    best_epoch: int
    stop_reason: Literal["patience", "converged", "max-epochs"]
    steps: int
    seconds: float
    samples: int | None = None


def _is_whole(value: object) -> bool:
    return hasattr(value, "__index__") and not isinstance(value, bool)


def _is_real(value: object) -> bool:
    try:
        return math.isfinite(value) and not isinstance(value, bool)  # type: ignore[arg-type]  # the except is the check
    except TypeError:
        return False


def _require(holds: bool, name: str, allowed: str, value: object) -> None:
    if not holds:
        raise SpecError(f"{name} must be {allowed}; got {value!r}.")
