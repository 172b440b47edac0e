"""Does the gain survive shots and noise?  The quantum winners, scored again, against the same classical winners."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qml.advantage.posterior import t_posterior
from qml.advantage.table import Cell, TaskTable, scores_of
from qml.errors import SpecError

SHOTS = (100, 1_000, 10_000)
DEPOLARIZING = (0.0, 0.001, 0.01)


@dataclass(frozen=True, order=True)
class Setting:
    """One setting of shots and noise.

    Args:
        shots: Samples a measurement setting, or a kernel entry; at least 1.
        depolarizing: Probability of an error after every gate, on each of its wires, in [0, 1].

    >>> Setting(100, 0.01).name, Setting.of("shots=1000,p=0")
    ('shots=100,p=0.01', Setting(shots=1000, depolarizing=0.0))
    """

    shots: int
    depolarizing: float

    @property
    def name(self) -> str:
        """How records and verdicts call it."""
        return f"shots={self.shots},p={self.depolarizing:g}"

    @classmethod
    def of(cls, name: str) -> "Setting":
        """Read a name.

        Raises:
            SpecError: If it is none.
        """
        found = re.fullmatch(r"shots=(\d+),p=([\d.e-]+)", name)
        if found is None:
            raise SpecError(f"{name!r} is no setting of shots and noise; one is written as 'shots=100,p=0.01'.")
        return cls(int(found[1]), float(found[2]))


STANDARD = tuple(Setting(shots, p) for p in DEPOLARIZING for shots in SHOTS)


@dataclass(frozen=True, kw_only=True)
class SurvivalRow:
    """The comparison of a task in one setting of shots and noise.

    Args:
        setting: Its name.
        shots: Samples a measurement setting, or a kernel entry.
        depolarizing: Probability of an error after every gate, on each of its wires.
        quantum_score: Mean test score of the quantum winners in it; None if one of them was not run in it.
        mean: Mean difference to the classical winners, which have neither shots nor noise; None as above.
        p_advantage: P(difference > margin); None as above, and with fewer than two replicates.
        survives: Whether that passes 1 - alpha.
        note: Why there is no number; empty if there is one.
    """

    setting: str
    shots: int
    depolarizing: float
    quantum_score: float | None
    mean: float | None
    p_advantage: float | None
    survives: bool
    note: str


def compare_survival(
    table: TaskTable, quantum: Sequence[Cell], classical: Sequence[Cell], alpha: float
) -> tuple[SurvivalRow, ...]:
    """Return one row a setting in which any quantum winner was scored, by noise and then by shots.

    The tests are not corrected for their number: all of them must pass.

    Args:
        table: The task's cells.
        quantum: The quantum winner of each complete replicate.
        classical: The classical winner of each.
        alpha: One-sided error rate.
    """
    found = {Setting.of(name) for cell in quantum for name in of_noise(cell.survival)}
    ordered = sorted(found, key=lambda setting: (setting.depolarizing, setting.shots))
    return tuple(_row(setting, table, quantum, classical, alpha) for setting in ordered)


def of_noise(survival: Mapping[str, float] | None) -> dict[str, float]:
    """Return the scores under shots and noise, without those under attack (`qml.advantage.adversarial`).

    >>> of_noise({"shots=100,p=0": 0.9, "pgd=0.1": 0.8})
    {'shots=100,p=0': 0.9}
    """
    return {name: score for name, score in (survival or {}).items() if not name.startswith("pgd=")}


def survival_of(rows: Sequence[SurvivalRow]) -> dict[str, float] | None:
    """Return P(better) by setting, as `evidence_level` takes it; None unless every standard setting was assessed.

    >>> survival_of([]) is None
    True
    """
    found = {row.setting: row.p_advantage for row in rows if row.p_advantage is not None}
    if len(found) < len(rows) or not {setting.name for setting in STANDARD} <= set(found):
        return None
    return found


def survival_flags(rows: Sequence[SurvivalRow]) -> list[str]:
    """Say why survival was looked at and yet not assessed; empty if it was, or if nobody looked."""
    if not rows or survival_of(rows) is not None:
        return []
    assessed = {row.setting for row in rows if row.p_advantage is not None}
    missing = [setting.name for setting in STANDARD if setting.name not in assessed]
    notes = sorted({row.note for row in rows if row.note})
    return [f"survival is assessed in part only: without {'; '.join(missing)}{''.join(f' ({n})' for n in notes)}"]


def _row(
    setting: Setting, table: TaskTable, quantum: Sequence[Cell], classical: Sequence[Cell], alpha: float
) -> SurvivalRow:
    scores = [_score(cell, setting.name, table.settings.chance) for cell in quantum]
    absent = sorted({cell.model for cell, score in zip(quantum, scores, strict=True) if score is None})
    known = np.array([score for score in scores if score is not None], dtype=np.float64)
    mean = quantum_score = p = None
    note = f"{', '.join(absent)} won replicates and was not scored under shots and noise" if absent else ""
    if not absent:
        differences = known - scores_of(classical)
        mean, quantum_score = float(differences.mean()), float(known.mean())
        if len(known) < 2:
            note = "fewer than two replicates"
        else:
            task = table.settings
            p = t_posterior(differences, task.design, task.fraction).above(task.margin)
    return SurvivalRow(
        setting=setting.name,
        shots=setting.shots,
        depolarizing=setting.depolarizing,
        quantum_score=quantum_score,
        mean=mean,
        p_advantage=p,
        survives=p is not None and p > 1 - alpha,
        note=note,
    )


def _score(cell: Cell, setting: str, chance: float) -> float | None:
    """Return a winner's score in a setting; a failed fit counts as chance in all of them."""
    if cell.failed:
        return chance
    survival: Mapping[str, float] = cell.survival or {}
    return survival.get(setting)
