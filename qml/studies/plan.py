"""From a study to its cells: names become entries, sides get their budgets, and nothing is run."""

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qml.errors import SpecError, suggest
from qml.studies.axes import Point, check_axis, margins, points_of
from qml.studies.cell import Cell, plain, search_text, sized, with_params
from qml.studies.document import Document, Loc
from qml.studies.looks import look_by_look
from qml.studies.plugins import check_origin, import_plugins, plugin_sources, sources_of
from qml.studies.spec import ModelEntry, StudySpec, TaskEntry

if TYPE_CHECKING:
    from qml.models import Model
    from qml.tasks import Task
    from qml.tasks.problem import Problem


@dataclass(frozen=True)
class Player:
    """A model as this study uses it.

    Args:
        model: The entry, with the study's parameters fixed.
        params: Those parameters.
        twin: Kind of twin, or None; ``"generator"`` is the task's own solver.
    """

    model: "Model"
    params: Mapping[str, Any] = field(default_factory=dict)
    twin: str | None = None

    @property
    def side(self) -> str:
        """Where it stands: a twin on no side of the comparison."""
        return "twin" if self.twin else self.model.side

    @property
    def group(self) -> str:
        """Who shares one budget: ``"quantum"``, ``"classical"``, or ``"twin: separable"`` and its like."""
        return f"twin: {self.twin}" if self.twin else self.model.side


@dataclass(frozen=True)
class Plan:
    """Every cell of a study, in the order in which results are reported.

    Args:
        name: Of the study.
        cells: In order.
        tasks: Settings of each task, as the judge takes them.
        protocol: Settings of the judgement.
        sources: Hash of the source of each plug-in.
    """

    name: str
    cells: tuple[Cell, ...]
    tasks: tuple[dict[str, Any], ...]
    protocol: dict[str, Any]
    sources: Mapping[str, str] = field(default_factory=dict)

    def budgets(self) -> dict[str, dict[str, dict[str, int]]]:
        """Return the trials of a replicate: by task, then by side, then by model."""
        table: dict[str, dict[str, dict[str, int]]] = {}
        for cell in self.cells:
            if cell.replicate == 0:
                group = f"twin: {cell.twin}" if cell.twin else cell.side
                table.setdefault(cell.task, {}).setdefault(group, {})[cell.model] = cell.n_trials
        return table

    def n_fits(self) -> int:
        """Return how many fits the whole plan asks for."""
        return sum(cell.n_trials * cell.inner_folds + 1 for cell in self.cells)


def make_plan(spec: StudySpec, document: Document) -> Plan:
    """Expand a study into cells.

    Args:
        spec: The checked study.
        document: Where its parts were written, for messages.

    Raises:
        SpecError: If a task, model, twin or parameter is unknown, or would be on the workers; if the budget does not
            reach, or a plug-in changed since it was imported.  File, line and nearest right name are in the message.
    """
    sources = _imported(spec, document)
    from qml.models.pool import REQUIRED_POOLS

    tasks = [_task(entry, spec.plugins, document, ("tasks", place, "name")) for place, entry in enumerate(spec.tasks)]
    problem = _problem(tasks, document)
    pool = REQUIRED_POOLS.get(problem, ())
    players = _players(spec, document, problem, pool)
    check_axis(spec, document, problem)
    cells: list[Cell] = []
    settings: list[dict[str, Any]] = []
    for place, (task, entry) in enumerate(zip(tasks, spec.tasks, strict=True)):
        members = [*players, *_solver(task, players, spec.plugins, document, ("tasks", place, "name"))]
        for point in points_of(spec, entry, task, document, place):
            cells += _cells_of_task(point, members, spec, document, sources)
            settings.append({**_settings(point.task, entry, spec), **point.settings})
    return Plan(
        name=spec.name,
        cells=tuple(look_by_look(cells, spec.looks)),
        tasks=tuple(settings),
        protocol={
            "alpha": spec.alpha,
            "trials": spec.budget.trials,
            "inner_folds": spec.budget.inner_folds,
            "replicates": spec.replicates,
            "required_pool": list(pool),
            "not_applicable": _not_applicable(spec, players),
            "looks": list(spec.looks),
            **({} if spec.axis == "generalisation" else {"axis": spec.axis, "target": spec.target}),
            **({"survival": [*_noises(spec), *_attacks(spec)]} if spec.survival or spec.pgd else {}),
        },
        sources=sources,
    )


def sources_now(spec: StudySpec, document: Document) -> dict[str, str]:
    """Hash the source of a study's plug-ins as it is now; nothing is imported.

    Raises:
        SpecError: If a plug-in cannot be found, with file and line.
    """
    found: dict[str, str] = with_place(document, ("plugins",), plugin_sources, spec.plugins, _beside(document))
    return found


def with_place(document: Document, loc: Loc, call: Any, *arguments: Any) -> Any:
    """Call, and put the file and line in front of a `SpecError`."""
    try:
        return call(*arguments)
    except SpecError as error:
        raise SpecError(f"{document.where(loc)}: {error}") from error


def _beside(document: Document) -> Path | None:
    return document.path.parent if document.path else None


def _imported(spec: StudySpec, document: Document) -> dict[str, str]:
    loaded: dict[str, str] = with_place(document, ("plugins",), import_plugins, spec.plugins, _beside(document))
    now = sources_now(spec, document)
    for name in spec.plugins:
        if loaded[name] != now[name]:
            raise SpecError(
                f"{document.where(('plugins',))}: the plug-in {name!r} was changed after this process imported it. "
                "Start Python (the notebook's kernel) again, so that plan and workers have the same code."
            )
    return now


def _task(entry: TaskEntry, plugins: Sequence[str], document: Document, loc: Loc) -> "Task":
    from qml import tasks

    task: Task = with_place(document, loc, tasks.get, entry.name)
    with_place(document, loc, check_origin, tasks.TASKS, task.name, plugins)
    with_place(document, loc, check_origin, tasks.METRICS, task.metric, plugins)
    if (scores := tasks.metric(task.metric).problem) != task.problem:
        raise SpecError(
            f"{document.where(loc)}: {task.name!r} is a {task.problem} task, and its metric {task.metric!r} scores "
            f"{scores}. "
            + suggest(task.metric, [measure.name for measure in tasks.METRICS if measure.problem == task.problem])
        )
    n_train, n_test = entry.n_train or task.n_train, entry.n_test or task.n_test
    resized: Task = with_place(document, loc[:-1], sized, task, n_train, n_test)
    changed: Task = with_place(document, (*loc[:-1], "params"), lambda: resized.with_params(**entry.params))
    return changed


def _problem(tasks: Sequence["Task"], document: Document) -> "Problem":
    """Return the kind of problem that all tasks of a study share.

    Raises:
        SpecError: If they do not: one model cannot be fitted to both.
    """
    problem = tasks[0].problem
    for place, task in enumerate(tasks):
        if task.problem != problem:
            raise SpecError(
                f"{document.where(('tasks', place, 'name'))}: {task.name!r} is a {task.problem} task and "
                f"{tasks[0].name!r} a {problem} task; a study has one kind of problem. Make a study of each."
            )
    return problem


def _players(spec: StudySpec, document: Document, problem: "Problem", pool: Sequence[str]) -> list[Player]:
    quantum = [
        _player(entry, "quantum", problem, spec.plugins, document, ("models", "quantum", place, "name"))
        for place, entry in enumerate(spec.models.quantum)
    ]
    twins = [
        twin
        for place, kind in enumerate(spec.models.twins)
        for player in quantum
        if (twin := _twin(player, kind, spec.plugins, document, ("models", "twins", place))) is not None
    ]
    classical: list[Player] = []
    for place, entry in enumerate(spec.models.classical):
        loc: Loc = ("models", "classical", place, "name")
        if entry.name == "pool" and entry.params:
            raise SpecError(
                f"{document.where(loc)}: the pool takes no params; list the model by name to fix its params."
            )
        if entry.name == "pool" and not pool:
            raise SpecError(
                f"{document.where(loc)}: there is no required classical pool for {problem}. List classical models "
                f"by name. {_fitting('classical', problem)}"
            )
        named = {other.name for other in spec.models.classical}
        members = [ModelEntry(name=name) for name in pool if name not in named] if entry.name == "pool" else [entry]
        classical += [_player(member, "classical", problem, spec.plugins, document, loc) for member in members]
    return [*quantum, *twins, *classical]


def _player(
    entry: ModelEntry, side: str, problem: "Problem", plugins: Sequence[str], document: Document, loc: Loc
) -> Player:
    from qml import models

    model: Model = with_place(document, loc, models.get, entry.name)
    with_place(document, loc, check_origin, models.MODELS, model.name, plugins)
    if model.side != side:
        raise SpecError(
            f"{document.where(loc)}: {model.name!r} is a {model.kind} model, it cannot stand on the {side} side. "
            + suggest(model.name, _names(side, problem))
        )
    if model.problem != problem:
        raise SpecError(
            f"{document.where(loc)}: {model.name!r} is a {model.problem} model, and the study's tasks are {problem}. "
            + _fitting(side, problem)
        )
    known = _parameters(model)
    for name in entry.params:
        if name not in known:
            place = document.where((*loc[:-1], "params", name))
            raise SpecError(f"{place}: {model.name!r} has no parameter {name!r}. {suggest(name, known)}")
    params = plain(entry.params)
    return Player(with_params(model, params), params)


def _names(side: str, problem: "Problem") -> list[str]:
    from qml import models

    return sorted(model.name for model in models.MODELS if (model.side, model.problem) == (side, problem))


def _fitting(side: str, problem: "Problem") -> str:
    names = _names(side, problem)
    return f"Models that fit on the {side} side: {', '.join(names) or 'none'}."


def _twin(player: Player, kind: str, plugins: Sequence[str], document: Document, loc: Loc) -> Player | None:
    """Return the twin of a kind, registered or made from the model; None if it has nothing that the kind takes out."""
    from qml import models
    from qml.models.twins.automatic import NotApplicableError, twin_of

    try:
        twin = with_place(document, loc, twin_of, models.get(player.model.name), kind)
    except SpecError as error:
        if isinstance(error.__cause__, NotApplicableError):
            return None
        raise
    with_place(document, loc, check_origin, models.MODELS, models.registered_name(twin.name), plugins)
    params = {name: value for name, value in player.params.items() if name in _parameters(twin)}
    return Player(with_params(twin, params), params, twin=kind)


def _solver(
    task: "Task", players: Sequence[Player], plugins: Sequence[str], document: Document, loc: Loc
) -> list[Player]:
    """Return the solver that knows how a task's data are made, where it has one that is not in the study already."""
    if task.solver is None or task.solver in {player.model.name for player in players}:
        return []
    player = _player(ModelEntry(name=task.solver), "classical", task.problem, plugins, document, loc)
    return [player if task.solver_pooled else replace(player, twin="generator")]


def _not_applicable(spec: StudySpec, players: Sequence[Player]) -> dict[str, list[str]]:
    """List, for each kind of twin of the study, the quantum models that it does not apply to."""
    quantum = [player.model.name for player in players if player.side == "quantum"]
    made = {(player.twin, player.model.twin_of) for player in players if player.twin}
    missing = {kind: [name for name in quantum if (kind, name) not in made] for kind in spec.models.twins}
    return {kind: names for kind, names in missing.items() if names}


def _parameters(model: "Model") -> set[str]:
    return {"features", *inspect.signature(model.estimator).parameters} - {"random_state"}


def _check_shared_maps(task: "Task", players: Sequence[Player], document: Document) -> None:
    """Refuse a study that takes from a classical model a feature map which the quantum side has.

    Raises:
        SpecError: If it does: most of a gap between two encodings is representation, and no model's merit.
    """
    quantum = {name for player in players if player.group == "quantum" for name in _maps(task, player.model)}
    for player in players:
        taken = sorted(quantum - set(_maps(task, player.model)))
        if player.group == "classical" and "features" in player.params and taken:
            raise SpecError(
                f"{document.where(('models', 'classical'))}: features={player.params['features']!r} keeps "
                f"{player.model.name!r} from {', '.join(taken)} on {task.name!r}, which the quantum side may use. "
                "Leave its features open, or fix the same ones on the quantum side."
            )


def _maps(task: "Task", model: "Model") -> tuple[str, ...]:
    """Return the feature maps that a model may use, without those that only quantum models may."""
    if model.ignores_features:
        return ()
    fixed = model.fixed.get("features")
    return tuple(name for name in task.feature_maps if fixed in (None, name))


def _cells_of_task(
    point: Point,
    players: Sequence[Player],
    spec: StudySpec,
    document: Document,
    sources: Mapping[str, str],
) -> Iterable[Cell]:
    from qml.models import search_space
    from qml.training import allocate

    task, entry = point.task, point.entry
    for player in players:
        chosen = player.model.fixed.get("features", task.feature_maps[0])
        allowed = task.feature_maps + (task.quantum_maps if player.model.side == "quantum" else ())
        if chosen not in allowed:
            raise SpecError(
                f"{document.where(('models',))}: {player.model.name!r} cannot have features={chosen!r} "
                f"on {task.name!r}. " + suggest(str(chosen), allowed)
            )
    _check_shared_maps(task, players, document)
    trials: dict[str, int] = {}
    for group in dict.fromkeys(player.group for player in players):
        members = [player.model for player in players if player.group == group]
        tunable = {model.name: bool(search_space(model, task)) for model in members}
        trials |= with_place(document, ("budget", "trials"), allocate, spec.budget.trials, tunable)
    texts = {player.model.name: search_text(player.model, task) for player in players}
    theirs = {player.model.name: sources_of(_origins(task, player.model), sources) for player in players}
    for replicate in range(spec.replicates):
        for player in players:
            model = player.model
            yield Cell(
                task=task.name,
                task_version=task.version,
                n_train=task.n_train,
                n_test=task.n_test,
                task_params=entry.params,
                replicate=replicate,
                model=model.name,
                model_version=model.version,
                params=player.params,
                search=texts[model.name],
                n_trials=trials[model.name],
                inner_folds=spec.budget.inner_folds,
                study_seed=spec.seed,
                kind=model.kind,
                side=player.side,
                twin=player.twin,
                twin_of=model.twin_of,
                plugins=spec.plugins,
                sources=theirs[model.name],
                point=point.name,
                survival=_scored_again(spec, player),
            )


def _scored_again(spec: StudySpec, player: Player) -> tuple[str, ...]:
    """Return the settings in which a fitted model is scored again: noise on the quantum side, attacks on both sides."""
    noises = _noises(spec) if player.model.side == "quantum" else ()
    return (*noises, *(_attacks(spec) if player.twin is None else ()))


def _noises(spec: StudySpec) -> tuple[str, ...]:
    return spec.survival.settings if spec.survival else ()


def _attacks(spec: StudySpec) -> tuple[str, ...]:
    if not spec.pgd:
        return ()
    from qml.advantage.adversarial import attack_name

    return tuple(attack_name(epsilon) for epsilon in spec.pgd)


def _origins(task: "Task", model: "Model") -> tuple[str, ...]:
    from qml.models import MODELS, registered_name
    from qml.tasks import METRICS, TASKS

    return TASKS.origin(task.name), METRICS.origin(task.metric), MODELS.origin(registered_name(model.name))


def _settings(task: "Task", entry: TaskEntry, spec: StudySpec) -> dict[str, Any]:
    from qml.tasks import chance_level, metric

    measure = metric(task.metric)
    return {
        "name": task.name,
        "design": task.design,
        "test_fraction": float(task.test_fraction),
        "n_test": int(task.n_test),
        "metric": task.metric,
        "chance": chance_level(task),
        **margins(spec, entry, measure.margin),
        "engineered": task.engineered,
        "null": task.null,
        "shared_angles": task.feature_maps[0] != "raw" or "sincos" in task.feature_maps or not _has_angles(task),
        **({"own_validation": True} if measure.validation else {}),
    }


def _has_angles(task: "Task") -> bool:
    """Whether raw features may be angles; the rows of other problems are bits and graphs."""
    return task.problem in ("classification", "regression")
