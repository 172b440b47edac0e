"""The classical pool that positives and traps compete with: the registered one, its two perceptrons cut short."""

from typing import Any

from qml.models import REQUIRED_POOL

EPOCHS = 60  # as in the quickstart
TRIALS = 19  # the smallest budget in which each of the nine tunable members has two settings

# Traps, where all four twins are run too: the pool without its two perceptrons, which cost most.
SMALL_POOL = tuple(name for name in REQUIRED_POOL if name not in ("mlp", "matched-mlp"))
SMALL_TRIALS = 8
TWINS = ("separable", "frozen", "matched", "surrogate")


def pool() -> list[Any]:
    """Return the pool as a study lists it.

    >>> pool()[0], len(pool())
    ('dummy', 10)
    """
    short = ("mlp", "matched-mlp")
    return [{"name": name, "params": {"max_epochs": EPOCHS}} if name in short else name for name in REQUIRED_POOL]
