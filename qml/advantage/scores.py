"""What comes in from outside is checked here, once."""

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from qml.advantage.posterior import Array
from qml.errors import SpecError, suggest

Design = Literal["fresh", "resampled"]


def paired_scores(quantum: ArrayLike, classical: ArrayLike) -> tuple[Array, Array]:
    """Return both sides as float arrays of one shape (n,), n >= 2.

    Raises:
        SpecError: If they are no numbers, not one-dimensional, not finite, of unequal length, or fewer than two.

    >>> paired_scores([0.9, 0.8], [0.7, 0.7])[0]
    array([0.9, 0.8])
    """
    sides = _vector("quantum", quantum), _vector("classical", classical)
    n_quantum, n_classical = (len(side) for side in sides)
    if n_quantum != n_classical:
        raise SpecError(
            f"quantum and classical must be paired, one score a replicate and side; got {n_quantum} quantum "
            f"and {n_classical} classical scores."
        )
    if n_quantum < 2:
        raise SpecError(
            f"a difference needs at least 2 paired replicates to have an error bar; got {n_quantum}. "
            "Run the comparison again on other draws of the data (10 or more for a verdict)."
        )
    return sides


def _vector(side: str, scores: ArrayLike) -> Array:
    try:
        vector = np.asarray(scores, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise SpecError(f"{side} must be numbers, one score a replicate; {error}.") from error
    if vector.ndim != 1:
        raise SpecError(
            f"{side} must have shape (n_replicates,); got {vector.shape}. "
            "Average several model seeds inside a replicate first."
        )
    bad = np.flatnonzero(~np.isfinite(vector))
    if len(bad):
        raise SpecError(
            f"{side}[{bad[0]}] is {vector[bad[0]]}; every score must be finite. "
            "A failed fit counts as a score at chance level: leaving it out would flatter its side."
        )
    return vector


def check_design(design: str, test_fraction: float | None) -> None:
    """Check that the design is known and has the test fraction it needs, and no other.

    Raises:
        SpecError: If not; the message says what to give.

    >>> check_design("resampled", 0.25)
    """
    if design not in get_args(Design):
        raise SpecError(f"unknown design {design!r}. {suggest(str(design), get_args(Design))}")
    if design == "fresh":
        if test_fraction is not None:
            raise SpecError(
                f"test_fraction={test_fraction} belongs to design='resampled' (repeated splits of one data set); "
                "design='fresh' means that every replicate draws new data. Give one or the other."
            )
    elif test_fraction is None:
        raise SpecError(
            "design='resampled' needs test_fraction, the share of the rows in the test part (0.25 for 75/25 splits, "
            "0.1 for 10-fold cross-validation): without it the error bar would be far too small."
        )
    elif not _is_number(test_fraction) or not 0 < test_fraction < 1:
        raise SpecError(f"test_fraction must lie strictly between 0 and 1; got {test_fraction}.")


def check_margin(margin: float) -> None:
    """Check a margin: the smallest difference that matters, in units of the score.

    Raises:
        SpecError: If it is negative or not a finite number.

    >>> check_margin(0.02)
    """
    if not _is_number(margin) or margin < 0:
        raise SpecError(
            f"margin must be a finite number >= 0, the smallest difference that matters (0.02 for accuracies); "
            f"got {margin!r}."
        )


def check_alpha(alpha: float) -> None:
    """Check a one-sided error rate.

    Raises:
        SpecError: If it is not inside (0, 0.5).

    >>> check_alpha(0.05)
    """
    if not _is_number(alpha) or not 0 < alpha < 0.5:
        raise SpecError(f"alpha must lie strictly between 0 and 0.5 (one-sided, usually 0.05); got {alpha!r}.")


def check_chance(chance: float) -> None:
    """Check a chance level: the score of a learner that ignores its inputs.

    Raises:
        SpecError: If it is not a finite number.

    >>> check_chance(0.5)
    """
    if not _is_number(chance):
        raise SpecError(f"chance must be a finite number, the score of guessing; got {chance!r}.")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and bool(np.isfinite(value))


def json_safe(value: Any) -> Any:
    """Return the value in JSON's types: tuples become lists, numpy numbers become Python's, non-finite becomes None.

    >>> json_safe({"interval": (np.float64(0.5), float("nan"))})
    {'interval': [0.5, None]}
    """
    if isinstance(value, dict):
        return {str(key): json_safe(entry) for key, entry in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [json_safe(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
