"""The study file: what may be written in it, and errors that name the line and the nearest right word."""

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from qml.errors import SpecError, suggest
from qml.studies.document import Document, Loc, dotted, read_document
from qml.studies.hashing import digest

TwinKind = Literal["separable", "frozen", "matched", "surrogate"]


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class TaskEntry(_Part):
    """A task by name, with what this study changes about it."""

    name: str
    n_train: Annotated[int, Field(ge=4)] | None = None
    n_test: Annotated[int, Field(ge=2)] | None = None
    margin: Annotated[float, Field(ge=0, lt=1)] | None = None
    params: dict[str, int | float] = {}


class ModelEntry(_Part):
    """A model by name, with parameters that this study fixes instead of tuning."""

    name: str
    params: dict[str, Any] = {}


def _distinct(entries: tuple[Any, ...]) -> tuple[Any, ...]:
    names = [getattr(entry, "name", entry) for entry in entries]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{', '.join(map(repr, twice))} is listed twice; list each once")
    return entries


Tasks = Annotated[
    tuple[Annotated[TaskEntry, BeforeValidator(_named)], ...],
    Field(strict=False, min_length=1),
    BeforeValidator(_listed),
    AfterValidator(_distinct),
]
ModelList = Annotated[
    tuple[Annotated[ModelEntry, BeforeValidator(_named)], ...],
    Field(strict=False, min_length=1),
    BeforeValidator(_listed),
    AfterValidator(_distinct),
]


class Sides(_Part):
    """Who competes: the quantum side, its twins, and the classical side (``pool`` is the required pool)."""

    quantum: ModelList
    twins: Annotated[
        tuple[TwinKind, ...], Field(strict=False), BeforeValidator(_listed), AfterValidator(_distinct)
    ] = ()
    classical: ModelList = (ModelEntry(name="pool"),)


class Budget(_Part):
    """Tuning trials a side in total, and the inner folds each trial is scored on."""

    trials: Annotated[int, Field(ge=1)]
    inner_folds: Annotated[int, Field(ge=2)] = 5


class Survival(_Part):
    """Settings of shots and noise in which the quantum models are scored again: each shots with each noise."""

    shots: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(strict=False, min_length=1)] | None = None
    depolarizing: (
        Annotated[tuple[Annotated[float, Field(ge=0, le=1)], ...], Field(strict=False, min_length=1)] | None
    ) = None

    @property
    def settings(self) -> tuple[str, ...]:
        """Names of all settings, by noise and then by shots; what is not given is the protocol's."""
        from qml.advantage.survival import DEPOLARIZING, SHOTS, Setting  # not needed to read a study file

        return tuple(Setting(shots, p).name for p in self.depolarizing or DEPOLARIZING for shots in self.shots or SHOTS)


def _single(value: Any) -> Any:
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else value


def _switched(value: Any) -> Any:
    if isinstance(value, bool):
        return {} if value else None
    return value


class StudySpec(_Part):
    """One study, checked.

    >>> spec = StudySpec(name="mini", tasks=["two-moons"], models={"quantum": ["reuploading"]}, budget={"trials": 12})
    >>> spec.models.classical[0].name, spec.replicates
    ('pool', 10)
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)]
    description: str = ""
    plugins: Annotated[tuple[str, ...], Field(strict=False), BeforeValidator(_listed), AfterValidator(_distinct)] = ()
    tasks: Tasks
    models: Sides
    replicates: Annotated[int, Field(ge=1)] = 10
    seed: Annotated[int, Field(ge=0)] = 0
    budget: Budget
    margin: Annotated[float, Field(ge=0, lt=1)] | None = None
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    looks: Annotated[tuple[int, ...], Field(strict=False)] = ()
    survival: Annotated[Survival | None, BeforeValidator(_switched)] = None
    pgd: Annotated[
        tuple[Annotated[float, Field(gt=0, lt=float("inf"))], ...],
        Field(strict=False),
        BeforeValidator(_single),
        AfterValidator(_distinct),
    ] = ()
    axis: str = "generalisation"
    target: float | None = None
    train_sizes: Annotated[tuple[Annotated[int, Field(ge=4)], ...], Field(strict=False)] = ()
    copies: Annotated[tuple[Annotated[int, Field(ge=2)], ...], Field(strict=False)] = ()

    @model_validator(mode="before")
    @classmethod
    def _replicates_of_looks(cls, data: Any) -> Any:
        """Take the last look for the number of replicates where none is given."""
        looks = data.get("looks") if isinstance(data, Mapping) else None
        if not isinstance(looks, list | tuple) or not looks or "replicates" in data:
            return data
        return {**data, "replicates": looks[-1]}

    @field_validator("looks")
    @classmethod
    def _checked_looks(cls, looks: tuple[int, ...], info: ValidationInfo) -> tuple[int, ...]:
        if not looks:
            return ()
        from qml.advantage.looks import check_looks  # scipy, which a study with one look does without
        from qml.advantage.settings import MIN_REPLICATES

        check_looks(looks, MIN_REPLICATES)
        if looks[-1] != info.data.get("replicates", looks[-1]):
            raise ValueError(
                f"the last look must be at the planned number of replicates, {info.data['replicates']}; "
                "leave replicates out, or make them agree"
            )
        return looks

    def to_dict(self) -> dict[str, Any]:
        """Return the spec as plain data, without what was left at None or empty."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @property
    def hash(self) -> str:
        """Hash of everything but the name and the description; the code of its plug-ins is not in it."""
        later = (
            "looks",
            "survival",
            "pgd",
            "axis",
            "target",
            "train_sizes",
            "copies",
        )  # unset, they change no older hash
        unset = (name for name in later if getattr(self, name) == type(self).model_fields[name].default)
        return digest(self.model_dump(mode="json", exclude={"name", "description", *unset}))

    def manifest(self, sources: Mapping[str, str]) -> str:
        """Hash of the study with the code of its plug-ins: what must not change while its records grow.

        Args:
            sources: Hash of the source of each plug-in.
        """
        return digest({"study": self.hash, "sources": dict(sources)}) if sources else self.hash


def read_spec(path: str | Path, overrides: Iterable[str] = ()) -> tuple[StudySpec, Document]:
    """Read and check a study file.

    Args:
        path: A YAML file.
        overrides: ``key=value`` texts, keys dotted, values YAML.

    Raises:
        SpecError: With one line a problem: file, line, what is wrong, nearest right name.
    """
    document = read_document(path).override(overrides)
    return check_spec(document), document


def check_spec(document: Document) -> StudySpec:
    """Check plain data against the study's form; see `read_spec`."""
    try:
        return StudySpec.model_validate(document.data)
    except ValidationError as error:
        problems = [
            f"{document.where(_place(problem))}: {_explain(problem)}" for problem in error.errors(include_url=False)
        ]
        raise SpecError("\n".join(problems)) from None


def changes(old: Any, new: Any, loc: Loc = ()) -> list[str]:
    """List what differs between two specs as plain data.

    >>> changes({"budget": {"trials": 28}}, {"budget": {"trials": 10}})
    ['budget.trials: 28 -> 10']
    """
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = [*old, *(key for key in new if key not in old)]
        return [line for key in keys for line in changes(old.get(key), new.get(key), (*loc, key))]
    return [] if old == new else [f"{dotted(loc)}: {_short(old)} -> {_short(new)}"]


def _short(value: Any) -> str:
    return "(not set)" if value is None else str(value)


def _place(problem: Any) -> Loc:
    return tuple(problem["loc"])


def _explain(problem: Any) -> str:
    loc: Loc = tuple(problem["loc"])
    kind, name, inside = problem["type"], str(loc[-1]) if loc else "", dotted(loc[:-1])
    scope = f" in {inside}" if inside else ""
    if kind == "extra_forbidden":
        return f"unknown key {name!r}{scope}. {suggest(name, _part_at(loc[:-1]).model_fields)}"
    if kind == "missing":
        return f"the key {name!r} is missing{scope}."
    given = problem["input"]
    if kind == "literal_error":
        return f"{dotted(loc)} cannot be {given!r}. {suggest(str(given), get_args(TwinKind))}"
    if kind == "string_pattern_mismatch":
        return f"{dotted(loc)} must be a folder name of letters, digits, '.', '_' and '-'; got {given!r}."
    if kind == "value_error":
        return f"{dotted(loc)}: {str(problem['ctx']['error']).rstrip('.')}."
    text = problem["msg"].removeprefix("Input ")
    return f"{dotted(loc) or 'the study'} {text}; got {given!r}.{_hint(loc, given)}"


def _hint(loc: Loc, given: Any) -> str:
    if isinstance(given, str) and re.fullmatch(r"[-+]?\d+[eE][-+]?\d+", given):
        return " (YAML reads a number with an exponent only with a decimal point: write 1.0e-3, not 1e-3.)"
    if isinstance(given, str) and difflib.get_close_matches(given, ["true", "false"], n=1):
        return f" (Write {dotted(loc)} without quotes.)"
    return ""


def _part_at(loc: Loc) -> type[BaseModel]:
    if not loc:
        return StudySpec
    if loc[0] == "tasks":
        return TaskEntry
    if loc[0] == "budget":
        return Budget
    if loc[0] == "survival":
        return Survival
    return Sides if len(loc) == 1 else ModelEntry
