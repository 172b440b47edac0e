"""Cells in, one table a task out: who ran, who won each replicate, and what was spent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np

from qml.advantage.posterior import Array
from qml.advantage.settings import TaskSettings
from qml.errors import SpecError, suggest

Side = Literal["quantum", "classical", "twin"]
TwinKind = Literal["separable", "frozen", "matched", "surrogate", "generator"]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One model on one replicate of one task.

    Args:
        replicate: Which replicate.
        model: The model's name.
        side: ``"quantum"``, ``"classical"`` or ``"twin"``.
        twin: The kind of twin, if it is one.
        twin_of: The quantum model it imitates; None for a twin of them all.
        failed: Whether the fit failed.
        score: Score on the test part; chance if it failed.
        validation_score: Score in the inner folds; chance if it failed, so that it wins only where all is lost.
        n_trials: Trials allowed to this model in this replicate.
        n_failed_trials: Those that failed.
        tags: Names of the cheap simulations that apply to the fitted circuit; None if that was not assessed.
        circuit: Wires, depth, shots and noise of the fitted circuit, and of a kernel model whether its entries
            concentrate and a bandwidth was tuned; None if it was not looked at.
        survival: Test score by setting of shots and noise; None if not assessed.
        axis: What other axes need to know: losses, steps_per_epoch and max_steps of a fit in steps; None otherwise.
        secondary: Numbers beside the score, by name; none where the metric has none.
        n_parameters: Trainable numbers of the final fit, head and scalings counted; None if nobody counted them.
    """

    replicate: int
    model: str
    side: Side
    twin: TwinKind | None
    twin_of: str | None
    failed: bool
    score: float
    validation_score: float
    n_trials: int
    n_failed_trials: int
    tags: tuple[str, ...] | None = None
    circuit: Mapping[str, Any] | None = None
    survival: Mapping[str, float] | None = None
    axis: Mapping[str, Any] | None = None
    secondary: Mapping[str, float] = field(default_factory=dict)
    n_parameters: int | None = None


@dataclass(frozen=True)
class TaskTable:
    """All cells of one task."""

    settings: TaskSettings
    cells: tuple[Cell, ...]

    @cached_property
    def _by_key(self) -> dict[tuple[int, str], Cell]:
        return {(cell.replicate, cell.model): cell for cell in self.cells}

    def models(self, side: Side) -> tuple[str, ...]:
        """Return the models of a side, in the order in which they first appear."""
        return tuple(dict.fromkeys(cell.model for cell in self.cells if cell.side == side))

    @cached_property
    def replicates(self) -> tuple[int, ...]:
        """The replicates in which every quantum and every classical model has a cell, sorted."""
        quantum, classical = self.models("quantum"), self.models("classical")
        if not (quantum and classical):
            return ()
        seen = sorted({cell.replicate for cell in self.cells})
        return tuple(r for r in seen if all((r, model) in self._by_key for model in (*quantum, *classical)))

    @property
    def leading_replicates(self) -> int:
        """How many of replicates 0, 1, 2, … are complete before the first that is not: looks count these."""
        complete = set(self.replicates)
        return next(r for r in range(len(complete) + 1) if r not in complete)

    def first(self, n: int) -> "TaskTable":
        """Return the table of replicates 0 to n - 1."""
        return TaskTable(self.settings, tuple(cell for cell in self.cells if cell.replicate < n))

    def n_trials(self, side: Side, replicate: int) -> int:
        """Return the trials allowed to a side in one replicate."""
        return sum(self._by_key[replicate, m].n_trials for m in self.models(side) if (replicate, m) in self._by_key)

    def winners(self, models: Sequence[str]) -> tuple[Cell, ...]:
        """Return, for each complete replicate, the model with the best validation score (the first one on ties)."""
        order = {model: -rank for rank, model in enumerate(models)}
        return tuple(
            max(
                (self._by_key[replicate, model] for model in models),
                key=lambda cell: (cell.validation_score, order[cell.model]),
            )
            for replicate in self.replicates
        )

    def best_on_test(self, models: Sequence[str]) -> Array:
        """Return, for each complete replicate, the best test score: what nobody could have picked honestly."""
        return np.array([max(self._by_key[r, model].score for model in models) for r in self.replicates])


def scores_of(cells: Sequence[Cell]) -> Array:
    """Return the test scores of cells, shape (n,)."""
    return np.array([cell.score for cell in cells], dtype=np.float64)


def read_cells(cells: Iterable[Mapping[str, Any]], tasks: Sequence[TaskSettings]) -> dict[str, TaskTable]:
    """Check cells from outside and sort them by task; a failed one scores chance.

    Args:
        cells: Mappings with the keys of `qml.advantage.judge`; None and NaN both mean "none" (as in a DataFrame).
        tasks: The tasks, in the order of the verdict.

    Raises:
        SpecError: If a cell is double, belongs to no task, or holds a value that cannot be used.
    """
    settings = {task.name: task for task in tasks}
    if len(settings) < len(tasks):
        raise SpecError("two tasks have the same name; every task is judged once.")
    found: dict[str, dict[tuple[int, str], Cell]] = {name: {} for name in settings}
    for raw in cells:
        name = _get(raw, "task")
        if name not in settings:
            raise SpecError(f"a cell belongs to the unknown task {name!r}. {suggest(str(name), settings)}")
        cell = _cell(raw, settings[name])
        if (cell.replicate, cell.model) in found[name]:
            raise SpecError(f"two cells for {_place(raw)}; every cell counts once.")
        found[name][cell.replicate, cell.model] = cell
    return {name: TaskTable(settings[name], tuple(found[name].values())) for name in settings}


def _cell(raw: Mapping[str, Any], task: TaskSettings) -> Cell:
    failed = _choice(raw, "status", ("done", "failed")) == "failed"
    side: Side = _choice(raw, "side", get_args(Side))
    return Cell(
        replicate=int(_get(raw, "replicate")),
        model=str(_get(raw, "model")),
        side=side,
        twin=_choice(raw, "twin", get_args(TwinKind)) if side == "twin" else None,
        twin_of=_none_or_text(raw.get("twin_of")),
        failed=failed,
        score=task.chance if failed else _finite(raw, "score"),
        validation_score=_lost(task) if failed else _finite(raw, "validation_score"),
        n_trials=int(_finite(raw, "n_trials")),
        n_failed_trials=int(_finite(raw, "n_failed_trials", 0)),
        tags=_tags(raw),
        circuit=_circuit(raw),
        survival=_survival(raw),
        axis=_steps(raw),
        secondary=_secondary(raw),
        n_parameters=_parameters(raw),
    )


def _circuit(raw: Mapping[str, Any]) -> Mapping[str, Any] | None:
    circuit = raw.get("circuit")
    return circuit if isinstance(circuit, Mapping) else None


def _tags(raw: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the tags of a cell; a failed one has none that were assessed."""
    tags = raw.get("tags")
    if tags is None or isinstance(tags, float):  # NaN of a DataFrame
        return None
    if isinstance(tags, str):
        raise SpecError(f"tags must be a list of names or None; got {tags!r} in the cell of {_place(raw)}.")
    return tuple(map(str, tags))


def _get(raw: Mapping[str, Any], key: str) -> Any:
    if key not in raw:
        raise SpecError(f"a cell lacks the key {key!r}; it has {', '.join(sorted(raw))}.")
    return raw[key]


def _choice(raw: Mapping[str, Any], key: str, choices: Sequence[str]) -> Any:
    value = _get(raw, key)
    if value not in choices:
        raise SpecError(f"unknown {key} {value!r} in the cell of {_place(raw)}. {suggest(str(value), choices)}")
    return value


def _finite(raw: Mapping[str, Any], key: str, instead: float | None = None) -> float:
    value = _get(raw, key)
    number = float("nan") if value is None else float(value)
    if np.isfinite(number):
        return number
    if instead is None:
        raise SpecError(
            f"{key} is {value} in the cell of {_place(raw)}; it must be a finite number. "
            "A fit without a score has the status 'failed', and counts as chance."
        )
    return float(instead)


def _parameters(raw: Mapping[str, Any]) -> int | None:
    given = raw.get("n_parameters")
    if given is None or given != given:  # NaN of a DataFrame
        return None
    if given < 0:
        raise SpecError(f"n_parameters is {given} in the cell of {_place(raw)}; a count is at least 0, or None.")
    return int(given)


def _steps(raw: Mapping[str, Any]) -> Mapping[str, Any] | None:
    given = raw.get("axis")
    return given if isinstance(given, Mapping) and given.get("losses") else None


def _lost(task: TaskSettings) -> float:
    """Return the validation score of a failed fit: chance, or below everything where that is on another scale."""
    return float("-inf") if task.own_validation else task.chance


def _secondary(raw: Mapping[str, Any]) -> Mapping[str, float]:
    given = raw.get("axis")
    found = given.get("secondary") if isinstance(given, Mapping) else None
    return {str(name): float(value) for name, value in (found or {}).items() if value is not None}


def _survival(raw: Mapping[str, Any]) -> dict[str, float] | None:
    given = raw.get("survival")
    if not isinstance(given, Mapping):
        return None
    found = {str(setting): float("nan") if score is None else float(score) for setting, score in given.items()}
    for setting, score in found.items():
        if not np.isfinite(score):
            raise SpecError(
                f"the score with {setting} is {given[setting]} in the cell of {_place(raw)}; leave out a setting that "
                "was not scored."
            )
    return found


def _none_or_text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _place(raw: Mapping[str, Any]) -> str:
    return f"task {raw.get('task')!r}, replicate {raw.get('replicate')}, model {raw.get('model')!r}"
