"""Scores on adversarial inputs, beside the verdict: which models could be attacked, and what was left of their scores.

Source: Madry et al. 2018 (arXiv:1706.06083), for the attack; the scores come from `qml.studies.survival.rescore`.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qml.advantage.axes.robustness import relative_change
from qml.advantage.posterior import Array, t_posterior
from qml.advantage.table import Cell, Side, TaskTable
from qml.errors import SpecError

PREFIX = "pgd="
LOST = -1.0  # the relative change of a score that a failed fit never had
NOTE = (
    "not a claim: models without gradients for their inputs (kernel machines, forests, neighbours) are not assessed, "
    "so the sides are represented by their winners among the models that are"
)


def attack_name(epsilon: float) -> str:
    """Return how records call an attack with that radius.

    >>> attack_name(0.1)
    'pgd=0.1'
    """
    return f"{PREFIX}{epsilon:g}"


def epsilon_of(name: str) -> float | None:
    """Return the radius of an attack by its name; None for a setting of another kind.

    Raises:
        SpecError: If the radius cannot be read.

    >>> epsilon_of("pgd=0.1"), epsilon_of("shots=100,p=0")
    (0.1, None)
    """
    if not name.startswith(PREFIX):
        return None
    try:
        epsilon = float(name.removeprefix(PREFIX))
    except ValueError:
        epsilon = math.nan
    if not 0 <= epsilon < math.inf:
        raise SpecError(f"{name!r} is no attack; one is written as 'pgd=0.1', with a radius of at least 0.")
    return epsilon


def adversarial_scores(table: TaskTable, alpha: float, planned: Sequence[str] = ()) -> dict[str, Any] | None:
    """Return what is left of each model's score under attack, and of each side's winner among those models.

    Args:
        table: The task's cells; ``survival`` of a cell holds its score by attack, such as ``"pgd=0.1"``.
        alpha: One-sided error rate; it sets the interval.
        planned: Names of the settings that the study asked for, attacks among them.

    Returns:
        Plain data; None if nobody asked for an attack: ``epsilons``, from 0; ``models`` with mean ``scores`` at each
        and the ``relative_change`` over them; ``not_assessed``; and ``difference``: relative change of the quantum
        winners minus that of the classical ones, + meaning that quantum stands more, with its interval.
    """
    radii = {epsilon_of(name) for names in (planned, *(cell.survival or () for cell in table.cells)) for name in names}
    epsilons = sorted({0.0, *(radius for radius in radii if radius is not None)})
    if len(epsilons) < 2:
        return None
    sides = {side: [m for m in table.models(side) if _assessed(table, m, epsilons)] for side in _SIDES}
    everyone = [(side, model) for side in _SIDES for model in table.models(side)]
    return {
        "note": NOTE,
        "epsilons": epsilons,
        "models": [_model(table, side, model, epsilons) for side, model in everyone if model in sides[side]],
        "not_assessed": [{"model": model, "side": side} for side, model in everyone if model not in sides[side]],
        "difference": _difference(table, sides, epsilons, alpha),
    }


_SIDES: tuple[Side, ...] = ("quantum", "classical")


def _assessed(table: TaskTable, model: str, epsilons: Sequence[float]) -> bool:
    done = [cell for cell in table.cells if cell.model == model and not cell.failed]
    names = {attack_name(epsilon) for epsilon in epsilons if epsilon}
    return bool(done) and all(names <= set(cell.survival or ()) for cell in done)


def _scores(cell: Cell, epsilons: Sequence[float]) -> list[float]:
    """Return the scores at each radius; a failed fit scores chance at all of them."""
    attacks = {} if cell.failed else cell.survival or {}
    return [cell.score, *(attacks.get(attack_name(epsilon), cell.score) for epsilon in epsilons[1:])]


def _change(cell: Cell, epsilons: Sequence[float]) -> float:
    return LOST if cell.failed else relative_change(epsilons, _scores(cell, epsilons))


def _model(table: TaskTable, side: str, model: str, epsilons: Sequence[float]) -> dict[str, Any]:
    cells = [cell for cell in table.cells if cell.model == model]
    return {
        "model": model,
        "side": side,
        "scores": np.mean([_scores(cell, epsilons) for cell in cells], axis=0).tolist(),
        "relative_change": _mean([cell for cell in cells if not cell.failed], epsilons),
        "fits": len(cells),
    }


def _mean(cells: Sequence[Cell], epsilons: Sequence[float]) -> float | None:
    try:
        return float(np.mean([_change(cell, epsilons) for cell in cells]))
    except SpecError:  # a score at or below zero has no relative change
        return None


def _difference(
    table: TaskTable, sides: Mapping[Side, list[str]], epsilons: Sequence[float], alpha: float
) -> dict[str, Any] | None:
    if not all(sides.values()) or len(table.replicates) < 2:
        return None
    try:
        changes = {
            side: np.array([_change(cell, epsilons) for cell in table.winners(models)])
            for side, models in sides.items()
        }
    except SpecError:
        return None
    differences: Array = changes["quantum"] - changes["classical"]
    posterior = t_posterior(differences, table.settings.design, table.settings.fraction)
    return {
        "mean": posterior.mean,
        "interval": list(posterior.interval(alpha)),
        "quantum": float(changes["quantum"].mean()),
        "classical": float(changes["classical"].mean()),
    }
