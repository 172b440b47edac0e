"""The results of a study: one row a task, rows for families and twins below it, and verdict.json's shape."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from qml.advantage.decision import Label
from qml.advantage.pooled import Pooled
from qml.advantage.scores import json_safe
from qml.advantage.settings import Protocol
from qml.advantage.survival import SurvivalRow
from qml.advantage.twins import TwinRow
from qml.advantage.words import detectable
from qml.errors import SpecError, suggest

Interval = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class FamilyRow:
    """One quantum model against the classical side: secondary, with a Holm family of its own.

    The numbers are those of `qml.advantage.Verdict`, and None with fewer than two replicates.  ``q_advantage`` is
    Benjamini and Hochberg's, over all quantum models and tasks of the study.
    """

    model: str
    label: Label
    reason: str
    mean: float | None
    interval: Interval | None
    p_advantage: float | None
    p_equivalent: float | None
    p_disadvantage: float | None
    p_advantage_holm: float | None
    q_advantage: float | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class TaskVerdict:
    """The verdict on one task; the fields are those of verdict.json.

    Numbers that need an error bar (``interval``, the probabilities, ``minimum_detectable_effect``) are None with fewer
    than two complete replicates, and the means are None with none.

    Args:
        task: The task's name.
        label: ``"ADVANTAGE"``, ``"NO ADVANTAGE"``, ``"DISADVANTAGE"`` or ``"INCONCLUSIVE"``.
        reason: One sentence.
        level: Evidence level, ``"L0"`` to ``"L2"``.
        level_note: What is missing for the next level.
        mean: Mean difference, validation-selected quantum minus validation-selected classical.
        interval: Central interval of probability 1 - 2 alpha.
        margin: The smallest difference that matters.
        p_advantage: P(difference > margin).
        p_equivalent: P(|difference| <= margin).
        p_disadvantage: P(difference < -margin).
        p_advantage_holm: Holm-adjusted p-value of the claim, over all tasks of the study.
        minimum_detectable_effect: Smallest true difference called ADVANTAGE with 90 % power, at Holm's first step.
        test_standard_error: What the finite test data leave open in a mean score; None for metrics that are no shares.
        n_replicates: Complete replicates.
        design: ``"fresh"`` or ``"resampled"``.
        test_fraction: n_test / (n_test + n_train).
        metric: The metric's name.
        chance: The score of guessing.
        engineered: Whether the generator favours quantum.
        null: Whether there is nothing to learn.
        robust: Whether quantum beats even the classical model that was best *on test*, with the same certainty.
        quantum_score: Mean over ``quantum_scores``.
        classical_score: Mean over ``classical_scores``.
        quantum_scores: Test score of the quantum winner, one a replicate.
        classical_scores: Test score of the classical winner, one a replicate.
        differences: Quantum minus classical, one a replicate.
        replicates: Their numbers.
        quantum_winners: How often each quantum model won on validation.
        classical_winners: The same for the classical side.
        twins: One row a kind of twin.
        families: One row a quantum model.
        flags: Remarks a reader must see.
        ledger: By side: ``trials`` (allowed, per replicate), ``total_trials``, ``failed_trials``, ``cells``,
            ``failed_cells``.
        exploratory: Whether something was decided after test parts had been opened; the study's verdict says what.
        look: The look that the verdict rests on, from 1; None with one look, or before the first.
        survival: One row a setting of shots and noise; none if the study did not ask for any.
        axes: What the other axes say, by name, as plain data.
        circuits: Wires, depth, shots and noise of the quantum winners, in words; empty if nobody looked.
    """

    task: str
    label: Label
    reason: str
    level: str
    level_note: str
    mean: float | None
    interval: Interval | None
    margin: float
    p_advantage: float | None
    p_equivalent: float | None
    p_disadvantage: float | None
    p_advantage_holm: float | None
    minimum_detectable_effect: float | None
    test_standard_error: float | None
    n_replicates: int
    design: str
    test_fraction: float | None
    metric: str
    chance: float
    engineered: bool
    null: bool
    robust: bool
    quantum_score: float | None
    classical_score: float | None
    quantum_scores: tuple[float, ...]
    classical_scores: tuple[float, ...]
    differences: tuple[float, ...]
    replicates: tuple[int, ...]
    quantum_winners: Mapping[str, int]
    classical_winners: Mapping[str, int]
    twins: tuple[TwinRow, ...]
    families: tuple[FamilyRow, ...]
    flags: tuple[str, ...]
    ledger: Mapping[str, Mapping[str, int]]
    look: int | None = None
    exploratory: bool = False
    survival: tuple[SurvivalRow, ...] = ()
    axes: Mapping[str, Any] = field(default_factory=dict)
    circuits: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in JSON's types."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        rows = {name: [asdict(row) for row in plain[name]] for name in ("twins", "families", "survival")}
        safe: dict[str, Any] = json_safe({**plain, **rows})
        return safe

    def __str__(self) -> str:
        numbers = ""
        if self.mean is not None and self.interval is not None:
            low, high = self.interval
            numbers = f" Difference {self.mean:+.3f} [{low:+.3f}, {high:+.3f}], margin {self.margin:g}."
        stamp = ", exploratory" if self.exploratory else ""
        reach = detectable(self.label, self.reason, self.minimum_detectable_effect)
        return f"{self.task}: {self.label} ({self.level}{stamp}): {self.reason}.{numbers}{reach}"

    def __repr__(self) -> str:
        return f"<TaskVerdict {self}>"


@dataclass(frozen=True, repr=False)
class StudyVerdict:
    """The verdicts of a study, one a task, in the order of the tasks.

    Args:
        protocol: How the study was run.
        tasks: The verdicts.
        pooled: The mean difference over tasks.
        exploratory: Why none of them is confirmatory; empty if they are.
    """

    protocol: Protocol
    tasks: tuple[TaskVerdict, ...]
    pooled: Pooled | None = None
    exploratory: tuple[str, ...] = ()

    def __getitem__(self, task: str) -> TaskVerdict:
        """Return the verdict on the task of that name.

        Raises:
            SpecError: If there is none.
        """
        for row in self.tasks:
            if row.task == task:
                return row
        raise SpecError(f"there is no verdict on task {task!r}. {suggest(str(task), (row.task for row in self.tasks))}")

    def to_dict(self) -> dict[str, Any]:
        """Return what verdict.json holds."""
        pooled = None if self.pooled is None else self.pooled.to_dict()
        return {
            "protocol": self.protocol.to_dict(),
            "exploratory": list(self.exploratory),
            "tasks": [row.to_dict() for row in self.tasks],
            "pooled": pooled,
        }

    def stamped(self, reasons: Sequence[str]) -> "StudyVerdict":
        """Return the same verdicts as exploratory, or as they are if there is no reason.

        Args:
            reasons: What was decided after test parts had been opened.
        """
        if not reasons:
            return self
        rows = tuple(replace(row, exploratory=True) for row in self.tasks)
        return replace(self, tasks=rows, exploratory=(*self.exploratory, *reasons))

    def __str__(self) -> str:
        lines = [str(row) for row in self.tasks]
        if self.pooled is not None and len(self.tasks) > 1:
            lines.append(str(self.pooled))
        return "\n".join([*lines, *(f"exploratory: {why}." for why in self.exploratory)])

    def __repr__(self) -> str:
        return f"<StudyVerdict {' | '.join(f'{row.task}: {row.label} ({row.level})' for row in self.tasks)}>"
