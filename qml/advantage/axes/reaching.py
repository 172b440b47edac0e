"""The smallest cost that reaches a target: training rows, copies of a state, optimiser steps.

What never reaches the target within the costs that were tried is *censored*: its cost is known to be larger than all
of them, and no more.  Differences are therefore **restricted**: a censored cost counts as the horizon, the first cost
that was not tried.  log2 of the restricted cost is never further apart than log2 of the true one, and never of another
sign; so a claim of a difference stays honest, while a claim of equality does not, and is refused where costs are
censored (see ``qml.advantage.axes.claims``).

Source: Royston & Parmar 2013, BMC Medical Research Methodology 13:152 (restricted means of censored times).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qml.errors import SpecError


@dataclass(frozen=True)
class Reached:
    """When a target was reached.

    Args:
        cost: The smallest cost that reached it; the horizon if none did.
        censored: Whether none did.
    """

    cost: float
    censored: bool


def first_reaching(costs: ArrayLike, scores: ArrayLike, target: float, horizon: float | None = None) -> Reached:
    """Return the smallest cost whose score is at least the target.

    Args:
        costs: Positive and increasing, shape (k,).
        scores: Higher is better, shape (k,).
        target: What counts as reached, in units of the score.
        horizon: What a censored cost counts as, above every cost; by default the next step of a geometric grid.

    Raises:
        SpecError: If the costs do not increase, or do not match the scores.

    >>> first_reaching([16, 32, 64], [0.6, 0.8, 0.9], target=0.75)
    Reached(cost=32.0, censored=False)
    >>> first_reaching([16, 32, 64], [0.6, 0.7, 0.72], target=0.75)
    Reached(cost=128.0, censored=True)
    """
    grid, values = _curve(costs, scores)
    end = next_on_grid(grid) if horizon is None else float(horizon)
    if end < grid[-1]:
        raise SpecError(f"the horizon {end:g} lies below the largest cost {grid[-1]:g}, which was tried.")
    hits = np.nonzero(values >= target)[0]
    return Reached(float(grid[hits[0]]), False) if len(hits) else Reached(end, True)


def next_on_grid(costs: Sequence[float] | NDArray[np.float64]) -> float:
    """Return the cost that would follow on a geometric grid.

    >>> next_on_grid([16, 32, 64])
    128.0
    """
    if len(costs) < 2:
        raise SpecError(f"a learning curve needs at least 2 costs; got {len(costs)}.")
    return float(costs[-1] ** 2 / costs[-2])


def log2_saving(quantum: Reached, classical: Reached) -> float:
    """Return log2(cost_C / cost_Q), restricted: + means that quantum needs less.

    >>> log2_saving(Reached(16, False), Reached(64, False)), log2_saving(Reached(64, True), Reached(64, True))
    (2.0, 0.0)
    """
    return math.log2(classical.cost / quantum.cost)


def savings(
    costs: ArrayLike, quantum: ArrayLike, classical: ArrayLike, target: float, horizon: float | None = None
) -> tuple[NDArray[np.float64], int]:
    """Return the restricted log2 saving of each replicate, and in how many of them a cost was censored.

    Args:
        costs: Shape (k,).
        quantum: Scores, shape (n_replicates, k).
        classical: Scores, shape (n_replicates, k).
        target: What counts as reached.
        horizon: See `first_reaching`.

    >>> differences, n_censored = savings([16, 32], [[0.9, 0.9], [0.7, 0.9]], [[0.7, 0.9], [0.6, 0.7]], target=0.8)
    >>> differences.tolist(), n_censored
    ([1.0, 1.0], 1)
    """
    sides = [np.asarray(side, dtype=np.float64) for side in (quantum, classical)]
    if sides[0].shape != sides[1].shape or sides[0].ndim != 2:
        raise SpecError(
            f"scores must have the shape (n_replicates, n_costs) on both sides; got {sides[0].shape} and "
            f"{sides[1].shape}."
        )
    pairs = [tuple(first_reaching(costs, side[row], target, horizon) for side in sides) for row in range(len(sides[0]))]
    differences = np.array([log2_saving(*pair) for pair in pairs])
    return differences, sum(any(reached.censored for reached in pair) for pair in pairs)


def area_over_log(costs: ArrayLike, scores: ArrayLike) -> float:
    """Return the mean score over log cost: the area under the learning curve, divided by its width.

    Args:
        costs: Positive and increasing, shape (k,), k >= 2.
        scores: Shape (k,).

    >>> round(area_over_log([1, 2, 8], [0.5, 0.7, 0.9]), 4)
    0.7333
    """
    grid, values = _curve(costs, scores)
    if len(grid) < 2:
        raise SpecError(f"a learning curve needs at least 2 costs; got {len(grid)}.")
    steps = np.diff(np.log2(grid))
    return float((steps * (values[1:] + values[:-1]) / 2).sum() / steps.sum())


def steps_to_target(losses: ArrayLike, steps_per_epoch: int, target: float, max_steps: float) -> Reached:
    """Return the optimiser steps after which the loss of an epoch is at most the target.

    Args:
        losses: One an epoch, shape (n_epochs,); a fit that stopped early never reached what it did not reach.
        steps_per_epoch: Optimiser steps an epoch, at least 1.
        target: The loss that counts as reached.
        max_steps: The horizon: more steps than that were allowed to neither side.

    >>> steps_to_target([0.6, 0.4, 0.3], steps_per_epoch=5, target=0.4, max_steps=100)
    Reached(cost=10.0, censored=False)
    >>> steps_to_target([0.6, 0.4, 0.3], steps_per_epoch=5, target=0.1, max_steps=100)
    Reached(cost=100.0, censored=True)
    """
    values = np.asarray(losses, dtype=np.float64)
    if steps_per_epoch < 1 or max_steps < 1:
        raise SpecError(f"steps are at least 1; got steps_per_epoch={steps_per_epoch}, max_steps={max_steps:g}.")
    steps = steps_per_epoch * np.arange(1, len(values) + 1)
    hits = np.nonzero((values <= target) & (steps <= max_steps))[0]
    return Reached(float(steps[hits[0]]), False) if len(hits) else Reached(float(max_steps), True)


def logrank_p(quantum: Sequence[Reached], classical: Sequence[Reached]) -> float:
    """Return the two-sided p-value of the log-rank test that both sides reach the target at the same rate.

    It treats the sides as independent groups, which paired replicates are not; it is a second opinion, not the claim.

    Source: Mantel 1966; `scipy.stats.logrank`.

    >>> fast, slow = [Reached(k, False) for k in (1, 2, 3, 4)], [Reached(k, False) for k in (11, 12, 13, 14)]
    >>> round(logrank_p(fast, slow), 4)
    0.0067
    """
    from scipy import stats  # slow to import

    groups = [
        stats.CensoredData(
            uncensored=[r.cost for r in side if not r.censored], right=[r.cost for r in side if r.censored]
        )
        for side in (quantum, classical)
    ]
    with np.errstate(invalid="ignore"):  # all at the same time: no variance, and nothing to tell apart
        p = float(stats.logrank(*groups).pvalue)
    return 1.0 if math.isnan(p) else p


def _curve(costs: ArrayLike, scores: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    grid, values = np.asarray(costs, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    if grid.shape != values.shape or grid.ndim != 1 or not len(grid):
        raise SpecError(f"a curve has one score a cost; got shapes {grid.shape} and {values.shape}.")
    if not (np.diff(grid) > 0).all() or grid[0] <= 0:
        raise SpecError(f"costs must be positive and increase; got {grid.tolist()}.")
    if not np.isfinite(values).all():
        raise SpecError("every score of a curve must be a finite number; a failed fit scores chance.")
    return grid, values
