"""The gates: each returns a sentence when no verdict may be given, and None when it is passed."""

import math

from qml.advantage.posterior import Array, t_posterior
from qml.advantage.settings import MIN_REPLICATES, Protocol, TaskSettings
from qml.advantage.table import TaskTable

MAX_FAILURES = 0.2
PROPORTIONS = ("accuracy", "balanced-accuracy")
LOG_ERRORS = ("negative-log-rmse",)


def too_few_replicates(n: int) -> str | None:
    """Ask for at least 10 replicates.

    >>> too_few_replicates(4)
    'too few replicates: 4 given, at least 10 are needed for a verdict'
    """
    if n >= MIN_REPLICATES:
        return None
    return f"too few replicates: {n} given, at least {MIN_REPLICATES} are needed for a verdict"


def no_look_yet(n: int, first: int) -> str:
    """Say that the first look was not reached.

    >>> no_look_yet(7, 10)
    'unfinished: 7 of the 10 replicates of the first look are there; run on before you look'
    """
    return f"unfinished: {n} of the {first} replicates of the first look are there; run on before you look"


def not_learned(
    quantum: Array,
    classical: Array,
    *,
    chance: float,
    margin: float,
    design: str,
    test_fraction: float | None,
    alpha: float,
) -> str | None:
    """Ask that one side's one-sided lower bound beats chance + margin: nobody wins where nobody learned.

    Args:
        quantum: Scores, shape (n,), n >= 2.
        classical: Scores, shape (n,).
        chance: The score of guessing.
        margin: The smallest difference that matters.
        design: ``"fresh"`` or ``"resampled"``.
        test_fraction: For ``"resampled"``.
        alpha: One-sided error rate.
    """
    sides = {"quantum": quantum, "classical": classical}
    posteriors = {side: t_posterior(scores, design, test_fraction) for side, scores in sides.items()}
    needed = chance + margin
    if any(posterior.above(needed) > 1 - alpha for posterior in posteriors.values()):
        return None
    best = max(posteriors, key=lambda side: posteriors[side].quantile(alpha))
    return (
        f"not learned: neither side beats chance + margin ({needed:.3g}); best is {best} with "
        f"{posteriors[best].mean:.3f}, lower bound {posteriors[best].quantile(alpha):.3f}"
    )


def unfinished(table: TaskTable, protocol: Protocol) -> str | None:
    """Ask for both sides, and for every planned replicate: dropped seeds count against nobody but the reader."""
    for side in ("quantum", "classical"):
        if not table.models(side):
            return f"nothing to compare: there is no {side} model on {table.settings.name}"
    complete = len(table.replicates)
    if protocol.looks_of(table.settings.design):
        reached = table.leading_replicates
        first = protocol.looks_of(table.settings.design)[0]
        return None if reached >= first else no_look_yet(reached, first)
    if complete >= protocol.replicates:
        return None
    return (
        f"unfinished: {complete} of {protocol.replicates} planned replicates have every cell; "
        "run the study again to continue"
    )


def pool_incomplete(table: TaskTable, protocol: Protocol) -> str | None:
    """Ask for every required classical model, present and (nearly always) trained."""
    missing = [model for model in protocol.required_pool if model not in table.models("classical")]
    if missing:
        return f"pool incomplete: the classical side lacks {', '.join(missing)}"
    for model in protocol.required_pool:
        cells = [cell for cell in table.cells if cell.model == model]
        n_failed = sum(cell.failed for cell in cells)
        if n_failed > MAX_FAILURES * len(cells):
            return f"pool incomplete: the required model {model} failed in {n_failed} of {len(cells)} replicates"
    return None


def budgets_differ(table: TaskTable) -> str | None:
    """Ask that in no replicate the quantum side had more trials than the classical side."""
    for replicate in table.replicates:
        n_quantum, n_classical = (table.n_trials(side, replicate) for side in ("quantum", "classical"))
        if n_quantum > n_classical:
            return (
                f"budgets differ: in replicate {replicate} the quantum side had {n_quantum} trials, "
                f"the classical side {n_classical}"
            )
    return None


def training_failed(table: TaskTable) -> str | None:
    """Ask that at most 20 % of a side's cells failed, and at most 20 % of its trials."""
    for side in ("quantum", "classical"):
        cells = [cell for cell in table.cells if cell.side == side]
        counts = {
            "cells": (sum(cell.failed for cell in cells), len(cells)),
            "trials": (sum(cell.n_failed_trials for cell in cells), sum(cell.n_trials for cell in cells)),
        }
        for what, (n_failed, n_all) in counts.items():
            if n_failed > MAX_FAILURES * n_all:
                return (
                    f"training: {n_failed} of {n_all} {what} of the {side} side failed, "
                    f"more than {MAX_FAILURES:.0%}; mend the failures and run again"
                )
    return None


def standard_error_of_score(settings: TaskSettings, score: float, n_replicates: int) -> float | None:
    """Return the standard error that the finite test data leave in a mean score; None for metrics without one.

    It is binomial for accuracies.  The logarithm of a root mean squared error has the standard error 1/sqrt(2 n), for
    normal errors.

    Fresh replicates test on n_test new rows each; splits of one data set never see more rows than it has.

    >>> moons = TaskSettings("moons", "fresh", None, 1000, "accuracy", chance=0.5, margin=0.02)
    >>> round(standard_error_of_score(moons, 0.9, n_replicates=10), 4)
    0.003
    """
    if settings.metric not in (*PROPORTIONS, *LOG_ERRORS) or n_replicates == 0:
        return None
    n_rows = float(settings.n_test * n_replicates)
    if settings.design == "resampled":
        assert settings.test_fraction is not None  # TaskSettings checks it
        n_rows = min(n_rows, settings.n_test / settings.test_fraction)
    if settings.metric in LOG_ERRORS:
        return 1 / math.sqrt(2 * n_rows)
    share = min(max(score, 0.0), 1.0)
    return math.sqrt(share * (1 - share) / n_rows)


def scarce_test_data(settings: TaskSettings, error: float | None) -> str | None:
    """Ask that the standard error of a score is at most the margin."""
    if error is None or error <= settings.margin or settings.margin == 0:
        return None
    return (
        f"test data too few: {settings.n_test} test rows a replicate leave a standard error of {error:.3f} in a mean "
        f"score, more than the margin {settings.margin:g}"
    )
