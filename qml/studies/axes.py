"""The axis of a study: what its claims are about, and the points of the learning curves that it needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qml.errors import SpecError
from qml.studies.document import Document
from qml.studies.spec import StudySpec, TaskEntry

if TYPE_CHECKING:
    from qml.advantage.axes import Axis
    from qml.tasks import Task

# Which key of a study spans the curve of an axis.
GRIDS = {"sample-efficiency": "train_sizes", "copies": "copies"}
COPIES = "n_copies"  # how tasks on quantum data call the copies of a state
_MIN_POINTS = 2


@dataclass(frozen=True)
class Point:
    """A task at one place of its learning curve, or the task itself where there is none.

    Args:
        task: Resized, and with its settings.
        entry: The study's entry, with the settings of the point.
        name: Of the point; empty where there is no curve.
        cost: Training rows, or copies; None where there is no curve.
    """

    task: "Task"
    entry: TaskEntry
    name: str = ""
    cost: float | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """What the judge needs to know about the point."""
        if self.cost is None:
            return {}
        return {"name": f"{self.task.name}@{self.name}", "curve": self.task.name, "cost": self.cost}


def check_axis(spec: StudySpec, document: Document, problem: str = "classification") -> None:
    """Check that the study can be run, and judged, on the axis that it names.

    Args:
        spec: The study.
        document: For messages.
        problem: The kind of problem that its tasks are.

    Raises:
        SpecError: If no claim can rest on the axis, it is for another kind of problem, or it lacks what it needs; with
            file and line.
    """
    from qml.advantage.axes import primary_axis
    from qml.advantage.settings import check_looks_of_axis

    try:
        axis = primary_axis(spec.axis)
    except SpecError as error:
        raise SpecError(f"{document.where(('axis',))}: {error}") from error
    _check_problem(axis, problem, document)
    if axis.needs_target != (spec.target is not None):
        what = "needs a target: the score (for steps, the training loss) that counts as reached"
        text = what if axis.needs_target else "has no target; leave it out"
        raise SpecError(f"{document.where(('target',))}: the axis {axis.name} {text}.")
    try:
        check_looks_of_axis(spec.looks, spec.axis)
    except SpecError as error:
        raise SpecError(f"{document.where(('looks',))}: {error}") from error
    for name, key in GRIDS.items():
        grid: tuple[int, ...] = getattr(spec, key)
        if grid and name != axis.name:
            raise SpecError(f"{document.where((key,))}: {key} belongs to the axis {name}; this study has {axis.name}.")
        if name == axis.name:
            _check_grid(grid, key, name, document)
    if axis.name == "robustness":
        strengths = {setting.rpartition("=")[2] for setting in spec.survival.settings} if spec.survival else set()
        if len(strengths) < _MIN_POINTS:
            raise SpecError(
                f"{document.where(('survival',))}: the axis robustness needs scores under noise: write survival: true, "
                "or a grid with at least 2 strengths."
            )


def points_of(spec: StudySpec, entry: TaskEntry, task: "Task", document: Document, place: int) -> tuple[Point, ...]:
    """Return the points at which a task is run; one without a name where the axis needs no curve.

    Args:
        spec: The study, checked.
        entry: The task's entry in it.
        task: As the study resizes it.
        document: For messages.
        place: Of the entry in the list of tasks.

    Raises:
        SpecError: If the task cannot be drawn at these sizes, or knows no copies; with file and line.
    """
    where = document.where(("tasks", place))
    if spec.axis == "robustness":
        _check_has_zero(task, where)
    if spec.axis == "sample-efficiency":
        if task.design != "fresh":
            raise SpecError(
                f"{where}: {task.name!r} is one finite data set, whose splits overlap more the larger they are; "
                "sample efficiency takes tasks that are drawn anew."
            )
        if entry.n_train is not None:
            raise SpecError(f"{where}: train_sizes gives the sizes of the training part; leave out n_train.")
        return tuple(Point(_resized(task, n), _at(entry, n_train=n), str(n), float(n)) for n in spec.train_sizes)
    if spec.axis == "copies":
        if COPIES not in task.params:
            raise SpecError(f"{where}: {task.name!r} has no copies; its settings: {', '.join(task.params) or 'none'}.")
        return tuple(
            Point(task.with_params(n_copies=n), _at(entry, params={**entry.params, COPIES: n}), str(n), float(n))
            for n in spec.copies
        )
    return (Point(task, entry),)


def margins(spec: StudySpec, entry: TaskEntry, of_metric: float) -> Mapping[str, float]:
    """Return the margin of the metric, and that of the axis where it is another one and the study sets it."""
    from qml.advantage.settings import SCORE_AXES

    given = [float(margin) for margin in (entry.margin, spec.margin) if margin is not None]
    if spec.axis in SCORE_AXES:
        return {"margin": (*given, float(of_metric))[0]}
    return {"margin": float(of_metric), **({"axis_margin": given[0]} if given else {})}


def _check_problem(axis: "Axis", problem: str, document: Document) -> None:
    from qml.advantage.axes import AXES

    own = next((other for other in AXES if other.problem == problem), None)
    if own is not None and axis.name != own.name:
        raise SpecError(
            f"{document.where(('axis',))}: the study's tasks are {problem}, and claims about them rest on the axis "
            f"{own.name}; write axis: {own.name} (got {axis.name})."
        )
    if own is None and axis.problem is not None:
        raise SpecError(
            f"{document.where(('axis',))}: the axis {axis.name} is for {axis.problem} tasks; the study's tasks are "
            f"{problem}. Leave axis out, or take {axis.problem} tasks."
        )


def _check_grid(grid: Sequence[int], key: str, axis: str, document: Document) -> None:
    if len(grid) < _MIN_POINTS or list(grid) != sorted(set(grid)):
        raise SpecError(
            f"{document.where((key,))}: the axis {axis} needs {key}: at least {_MIN_POINTS} different numbers, "
            f"increasing, such as [16, 32, 64]; got {list(grid)}."
        )


def _check_has_zero(task: "Task", where: str) -> None:
    from qml.advantage.axes import check_has_zero

    try:
        check_has_zero(task.metric)
    except SpecError as error:
        raise SpecError(f"{where}: {error}") from error


def _resized(task: "Task", n_train: int) -> "Task":
    from qml.studies.cell import sized

    return sized(task, n_train, task.n_test)


def _at(entry: TaskEntry, **changes: Any) -> TaskEntry:
    return entry.model_copy(update=changes)
