"""The axes of a comparison: what each one measures, its default margin, and whether a claim may rest on it."""

import math
from dataclasses import dataclass

from qml.errors import SpecError, suggest


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One way to be better.

    Args:
        name: In kebab-case.
        metric: What is compared, oriented so that + means quantum better.
        margin: Default margin, in units of the metric; None where nothing may be claimed.
        primary: Whether a study can name it as the axis of its claims.
        why_not: Why it cannot; empty if it can.
        needs_target: Whether a study must say which score (or loss) counts as reached.
        problem: The kind of problem that it is for; None for classification and regression.
    """

    name: str
    metric: str
    margin: float | None
    primary: bool
    why_not: str = ""
    needs_target: bool = False
    problem: str | None = None


AXES = (
    Axis(name="generalisation", metric="test score", margin=0.02, primary=True),
    Axis(
        name="sample-efficiency",
        metric="log2(N*_C / N*_Q), N* the smallest training part that reaches the target",
        margin=0.32,
        primary=True,
        needs_target=True,
    ),
    Axis(
        name="parameter-efficiency",
        metric="trainable parameters against the score",
        margin=None,
        primary=False,
        why_not="counting parameters says nothing about what a model costs or learns; they are reported as a Pareto "
        "front",
    ),
    Axis(
        name="steps-to-target",
        metric="log2(steps_C / steps_Q), optimiser steps until the training loss reaches the target",
        margin=math.log2(1.25),
        primary=True,
        needs_target=True,
    ),
    Axis(
        name="optimisation",
        metric="(C - C_min) / (C_max - C_min), expected, at equal evaluations",
        margin=0.01,
        primary=True,
        problem="optimisation",
    ),
    Axis(
        name="generative",
        metric="minus the exact total variation distance",
        margin=0.02,
        primary=True,
        problem="generation",
    ),
    Axis(
        name="robustness",
        metric="change of the score over the strengths of noise, relative to the score without",
        margin=0.1,
        primary=True,
    ),
    Axis(
        name="copies",
        metric="log2(M*_C / M*_Q), M* the fewest copies of the state that reach the target",
        margin=1.0,
        primary=True,
        needs_target=True,
    ),
    Axis(
        name="hardware-time",
        metric="seconds on stated hardware",
        margin=None,
        primary=False,
        why_not="it is a projection from assumed gate times, and is only reported",
    ),
)


def get_axis(name: str) -> Axis:
    """Return the axis of that name.

    Raises:
        SpecError: If there is none.

    >>> get_axis("copies").margin
    1.0
    """
    for axis in AXES:
        if axis.name == name:
            return axis
    raise SpecError(f"there is no axis {name!r}. {suggest(str(name), [axis.name for axis in AXES])}")


def primary_axis(name: str) -> Axis:
    """Return the axis that a study's claims rest on.

    Raises:
        SpecError: If there is none of that name, or no claim may rest on it.

    >>> primary_axis("hardware-time")
    Traceback (most recent call last):
    ...
    qml.errors.SpecError: no claim can rest on hardware-time: it is a projection from assumed gate times, and is only \
reported. Primary axes: generalisation, sample-efficiency, steps-to-target, optimisation, generative, robustness, \
copies.
    """
    axis = get_axis(name)
    if not axis.primary:
        primary = ", ".join(axis.name for axis in AXES if axis.primary)
        raise SpecError(f"no claim can rest on {name}: {axis.why_not}. Primary axes: {primary}.")
    return axis
