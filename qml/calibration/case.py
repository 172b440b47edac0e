"""A case of the calibration suite: a study whose right answer is known, repeated with other seeds."""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from typing import Any, Literal, get_args

from qml.advantage import Label
from qml.errors import SpecError, suggest
from qml.registry import Registry
from qml.studies import Cell, Plan, StudySpec
from qml.studies.cell import plain
from qml.studies.document import Document
from qml.studies.hashing import seed_from
from qml.studies.plan import make_plan
from qml.studies.spec import check_spec

Group = Literal["null", "positive", "trap"]
EXPECTED: Mapping[Group, tuple[Label, ...]] = {
    "null": ("NO ADVANTAGE", "INCONCLUSIVE"),
    "positive": ("ADVANTAGE",),
    "trap": ("NO ADVANTAGE", "INCONCLUSIVE", "DISADVANTAGE"),
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A study whose right answer is known.

    Every repeat is an ordinary study of one task, planned by `make_plan`, run cell by cell like any other, and judged
    like any other; only its seed is its own.

    Args:
        name: In kebab-case.
        code: Its place in the protocol, such as ``"N1"``; several cases may share one.
        group: ``"null"`` (no difference), ``"positive"`` (a difference above the margin) or ``"trap"`` (a difference
            that a cheap classical method explains).
        summary: One line: what is compared, and what must come out.
        source: The paper or the argument behind the right answer.
        study: A study as in its YAML file, with one task, and without name and seed.
        repeats: Studies of the full suite.
        quick_repeats: Studies of ``qml calibrate --quick``; 0 leaves the case out of it.
        inner_folds: For some models, by name, inner folds other than the study's: a null may differ in them only.
        redraw: A parameter of the task that every repeat sets to its own seed, so that each splits another data set.
        true_difference: Quantum minus classical where it is known by construction; else None.

    Raises:
        SpecError: If the group is unknown, or the study is not valid or has not exactly one task.

    >>> case = Case(name="self", code="N0", group="null", summary="-", source="-", repeats=3, study={
    ...     "tasks": ["two-moons"], "models": {"quantum": ["reuploading"]}, "budget": {"trials": 12}})
    >>> case.spec(0).seed != case.spec(1).seed, case.expected
    (True, ('NO ADVANTAGE', 'INCONCLUSIVE'))
    """

    name: str
    code: str
    group: Group
    summary: str
    source: str
    study: Mapping[str, Any]
    repeats: int
    quick_repeats: int = 0
    inner_folds: Mapping[str, int] = field(default_factory=dict)
    redraw: str = ""
    true_difference: float | None = None

    def __post_init__(self) -> None:
        if self.group not in EXPECTED:
            raise SpecError(
                f"case {self.name!r}: unknown group {self.group!r}. {suggest(str(self.group), get_args(Group))}"
            )
        n_tasks = len(self.spec(0).tasks)
        if n_tasks != 1:
            raise SpecError(f"case {self.name!r}: a case has one task; its study has {n_tasks}.")

    @property
    def expected(self) -> tuple[Label, ...]:
        """The labels that are right."""
        return EXPECTED[self.group]

    def spec(self, repeat: int) -> StudySpec:
        """Return the study of one repeat, from 0."""
        seed = seed_from("calibration", self.name, repeat)
        return check_spec(Document({"name": f"{self.name}-{repeat}", "seed": seed, **self.study}))

    def plan(self) -> Plan:
        """Expand the first repeat into cells; the pool that its verdict requires is the one the case states.

        Raises:
            SpecError: If a task, model or twin is unknown, or the budget does not reach.
        """
        spec = self.spec(0)
        plan = make_plan(spec, Document(self.study))
        cells = tuple(
            replace(cell, inner_folds=self.inner_folds.get(cell.model, cell.inner_folds)) for cell in plan.cells
        )
        pool = dict.fromkeys(cell.model for cell in cells if cell.side == "classical")
        return replace(plan, cells=cells, protocol={**plan.protocol, "required_pool": list(pool)})

    def cells(self, plan: Plan, repeat: int) -> tuple[Cell, ...]:
        """Return the cells of one repeat, from what `plan` returned."""
        seed = self.spec(repeat).seed
        redrawn = {self.redraw: seed} if self.redraw else {}
        return tuple(replace(cell, study_seed=seed, task_params={**cell.task_params, **redrawn}) for cell in plan.cells)

    def to_dict(self) -> dict[str, Any]:
        """Return what the case states, as plain data, without what was left at its default."""
        stated: dict[str, Any] = plain(asdict(self))
        defaults = {field.name: plain(field.default) for field in fields(self) if field.default is not MISSING}
        return {name: value for name, value in stated.items() if name not in defaults or value != defaults[name]}


CASES: Registry[Case] = Registry("calibration case", "qml.calibration.cases")
