"""One tree of errors, and the sentence that names the nearest right word."""

import difflib
from collections.abc import Iterable


class QmlError(Exception):
    """Base of every error that this package raises on purpose."""


class CircuitError(QmlError, ValueError):
    """A circuit, its inputs or its weights cannot be used as given."""


class SpecError(QmlError, ValueError):
    """A study, or a name or value in it, is not valid."""


class RecordError(QmlError, ValueError):
    """A results folder or records file cannot be used as it is."""


class TrainingError(QmlError, ValueError):
    """A fit stopped without a usable model; the message names the cause."""


def suggest(given: str, choices: Iterable[str]) -> str:
    """Name the nearest choices to ``given`` and list all of them.

    >>> suggest("two_moon", ["two-moons", "ad-hoc"])
    "Did you mean 'two-moons'? Choices: ad-hoc, two-moons."
    """
    known = sorted(choices)
    near = difflib.get_close_matches(given, known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    return f"{hint}Choices: {', '.join(known) or 'none'}."
