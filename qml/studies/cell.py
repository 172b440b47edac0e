"""One cell: (task, replicate, model).  It tunes on the training part, refits, and opens the test part once."""

import json
import time
import traceback
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from qml.errors import RecordError
from qml.studies.circuit_facts import circuit_facts
from qml.studies.hashing import canonical, digest, seed_from
from qml.studies.survival import rescore

if TYPE_CHECKING:
    from qml.models import Model
    from qml.tasks import Task
    from qml.training import Trial

_NOT_IN_KEY = frozenset({"kind", "side", "twin", "twin_of", "plugins", "survival", "point"})


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Everything that determines one result, as plain data.

    Args:
        task: Name of the task.
        task_version: Its version; another version is another key.
        n_train: Rows of the training part.
        n_test: Rows of the test part.
        task_params: Settings of the task's generator that the study changes.
        replicate: From 0.  All models of a replicate share data and inner folds.
        model: Name of the model.
        model_version: Its version.
        params: Parameters that the study fixes.
        search: Canonical text of what is tuned: space, defaults and fixed parameters.
        n_trials: Tuning trials allowed.
        inner_folds: Folds each trial is scored on.
        study_seed: Seed of the study.
        kind: ``"quantum"``, ``"hybrid"``, ``"classical"`` or ``"twin"``.
        side: ``"quantum"``, ``"classical"`` or ``"twin"``.
        twin: Kind of twin, or None.
        twin_of: Name of the model it is the twin of, or None.
        plugins: Modules to import first.
        sources: Of these, the ones that the task, its metric or the model come from, and the hash of each one's source.
        survival: Settings of shots and noise, and attacks, in which the fitted model is scored again.
        point: Of the task's learning curve; empty where there is none.
    """

    task: str
    task_version: int
    n_train: int
    n_test: int
    replicate: int
    model: str
    model_version: int
    params: Mapping[str, Any] = field(default_factory=dict)
    search: str = ""
    n_trials: int
    inner_folds: int
    study_seed: int
    kind: str
    side: str
    twin: str | None = None
    twin_of: str | None = None
    plugins: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    task_params: Mapping[str, Any] = field(default_factory=dict)
    survival: tuple[str, ...] = ()
    point: str = ""

    @cached_property
    def key(self) -> str:
        """SHA-256 of everything that determines the result; what only sorts it (side, twin) is left out.

        So is ``survival``, which is looked at when the score is there.
        """
        left_out = _NOT_IN_KEY | {name for name in ("sources", "task_params") if not getattr(self, name)}
        return digest({name: value for name, value in asdict(self).items() if name not in left_out})

    @property
    def label(self) -> str:
        """What records call the task: its name, and the point of its learning curve where it has one."""
        return f"{self.task}@{self.point}" if self.point else self.task

    @property
    def data_seed(self) -> int:
        """Seed of the split and the inner folds, in [0, 2**32): the same for all models of a replicate."""
        return seed_from(
            "data", self.study_seed, self.task, self.task_version, self.n_train, self.n_test, self.replicate
        )

    @property
    def model_seed(self) -> int:
        """Seed of the model and its tuning, in [0, 2**32); from the key."""
        return seed_from("model", self.key)

    def to_dict(self) -> dict[str, Any]:
        """Return the cell as plain data; `from_dict` is its inverse."""
        return {**asdict(self), "plugins": list(self.plugins), "survival": list(self.survival)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Cell":
        """Make a cell of what `to_dict` returned."""
        return cls(**{**data, "plugins": tuple(data["plugins"]), "survival": tuple(data.get("survival", ()))})


@dataclass(frozen=True, kw_only=True)
class CellRecord:
    """What a cell leaves behind.

    Attributes:
        key: Of the cell.
        status: ``"done"`` or ``"failed"``.
        score: On the test part, by the task's metric; None if it failed.
        validation_score: Of the best trial: mean over the inner folds.
        n_parameters: Trainable parameters of the final fit, where the estimator counts them.
        n_failed_trials: Trials that raised or gave no finite score.
        params: Of the best trial.
        trials: Every trial as plain data.
        train_losses: Of the final fit, one an epoch.
        validation_losses: The same on its validation part.
        y_true: Test labels, shape (n_test,).
        y_pred: Predicted labels, shape (n_test,).
        tune_seconds: Wall time of the tuning.
        fit_seconds: Wall time of the final fit.
        started_at: Time in UTC, ISO 8601.
        finished_at: Time in UTC, ISO 8601.
        opened_at: When the test part was opened; None if it was not.
        manifest: Hash of the manifest that the cell was run under; None without one, which makes it exploratory.
        lost: Whether the cell did not come back, so that nobody knows how far it came.
        warnings: Texts of the warnings, each once.
        error: Traceback or cause; None if it was done.
        circuit: Facts about the circuit that was fitted: wires, depth, shots, noise; None without a circuit.
        tags: Names of the cheap simulations that apply to the fitted circuit; None if not assessed.
        survival: Test score by setting of shots and noise, and by attack; None if not assessed.
        axis: What the study's other axes measured; None if they measured nothing.
    """

    key: str
    status: Literal["done", "failed"]
    score: float | None = None
    validation_score: float | None = None
    n_parameters: int | None = None
    n_failed_trials: int = 0
    params: dict[str, Any] | None = None
    trials: tuple[dict[str, Any], ...] = ()
    train_losses: tuple[float, ...] = ()
    validation_losses: tuple[float, ...] = ()
    y_true: NDArray[Any] | None = None
    y_pred: NDArray[Any] | None = None
    tune_seconds: float | None = None
    fit_seconds: float | None = None
    started_at: str
    finished_at: str
    opened_at: str | None = None
    manifest: str | None = None
    lost: bool = False
    warnings: tuple[str, ...] = ()
    error: str | None = None
    circuit: dict[str, Any] | None = None
    tags: tuple[str, ...] | None = None
    survival: dict[str, float] | None = None
    axis: dict[str, Any] | None = None


def run_cell(cell: Cell, manifest: str | None = None) -> CellRecord:
    """Run one cell; it depends on nothing but its argument, and an exception becomes a failed record.

    The data and the inner folds come from the data seed.  Tuning sees the training part only; the best setting is
    refitted on all of it, and then the test part is opened, once.

    Args:
        cell: What to run.
        manifest: Hash of the manifest, as `Records.begin` gives it; without one the record is exploratory.

    Returns:
        The record, done or failed.
    """
    left: dict[str, Any] = {"started_at": now(), "manifest": manifest}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        try:
            _run(cell, left)
            left["status"] = "done"
        except Exception:
            left |= {"status": "failed", "score": None, "error": traceback.format_exc()}
    texts = dict.fromkeys(f"{warning.category.__name__}: {warning.message}" for warning in caught)
    return CellRecord(key=cell.key, finished_at=now(), warnings=tuple(texts)[:20], **left)


def failed_record(cell: Cell, cause: str) -> CellRecord:
    """Make the record of a cell that did not come back, for example because its worker died."""
    return CellRecord(key=cell.key, status="failed", started_at=now(), finished_at=now(), error=cause, lost=True)


def now() -> str:
    """Return the time in UTC as ISO 8601 text, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _run(cell: Cell, left: dict[str, Any]) -> None:
    from qml.models import build, default_params, search_space
    from qml.tasks import metric
    from qml.tasks.split import shut_test_parts
    from qml.training import inner_folds, tune
    from qml.training.tune import SearchError

    task, model = entries(cell)
    measure = metric(task.metric)
    score = measure.score
    split = task.split(cell.data_seed)
    seed = cell.model_seed

    started = time.perf_counter()
    left["n_failed_trials"] = cell.n_trials  # until the tuning says otherwise
    try:
        with shut_test_parts(f"{cell.model!r} is being tuned"):
            tuned = tune(
                lambda params: build(model, task, params, seed),
                search_space(model, task),
                split.X_train,
                split.y_train,
                score=measure.tuning_score,
                n_trials=cell.n_trials,
                folds=inner_folds(
                    split.y_train, cell.inner_folds, cell.data_seed, stratified=task.problem == "classification"
                ),
                seed=seed,
                defaults=default_params(model, task),
            )
    except SearchError as error:
        left |= _tuning(error.trials, started)
        raise
    left |= _tuning(tuned.trials, started)
    left |= {
        "params": plain(tuned.best.params),
        "validation_score": tuned.best.score,
    }

    started = time.perf_counter()
    with shut_test_parts(f"{cell.model!r} is being fitted"):
        pipeline = build(model, task, tuned.best.params, seed).fit(split.X_train, split.y_train)
    left["fit_seconds"] = time.perf_counter() - started
    left |= _fitted(pipeline[-1])

    left["opened_at"] = now()
    X_test, y_test = split.test.open(left["manifest"])
    predicted = pipeline.predict(X_test)
    left |= {"y_true": np.asarray(y_test), "y_pred": np.asarray(predicted)}
    left["score"] = float(score(y_test, predicted))
    if not np.isfinite(left["score"]):
        raise ValueError(f"the test score is {left['score']}, not a finite number.")
    if measure.secondary:
        beside = measure.secondary(task, split.X_train, X_test, y_test, predicted)
        left["axis"] = {**(left["axis"] or {}), "secondary": plain(beside)}
    if cell.kind in ("quantum", "hybrid"):
        # Last, since a layer with shots draws from its generator whenever it predicts.
        tags = task.problem in ("classification", "regression")  # others measure every string, which takes minutes
        left |= circuit_facts(pipeline, split.X_train, search_space(model, task), tags=tags)
    if cell.survival:
        left["survival"] = rescore(pipeline, X_test, y_test, score, cell.survival, seed)


def _tuning(trials: Sequence["Trial"], started: float) -> dict[str, Any]:
    return {
        "tune_seconds": time.perf_counter() - started,
        "trials": tuple(plain(asdict(trial)) for trial in trials),
        "n_failed_trials": sum(trial.status == "failed" for trial in trials),
    }


def _fitted(estimator: Any) -> dict[str, Any]:
    count = getattr(estimator, "n_parameters_", None)
    history = getattr(estimator, "history_", None)
    return {
        "axis": _steps(estimator, history),
        "n_parameters": None if count is None else int(count),
        "train_losses": tuple(map(float, getattr(history, "train_losses", ()))),
        "validation_losses": tuple(map(float, getattr(history, "validation_losses", ()))),
    }


def _steps(estimator: Any, history: Any) -> dict[str, Any] | None:
    """Return the optimiser steps of an epoch and at most, of a model that is trained in steps."""
    epochs, limit = len(getattr(history, "train_losses", ())), getattr(estimator, "max_epochs", None)
    if not epochs or limit is None:
        return None
    per_epoch = max(1, round(history.steps / epochs))
    return {"steps_per_epoch": per_epoch, "max_steps": per_epoch * int(limit)}


def entries(cell: Cell) -> tuple["Task", "Model"]:
    """Return the task and the model of a cell, with what the study changes about them.

    Raises:
        RecordError: If this machine has another version of either, or of a plug-in, than the plan was made with.
    """
    from qml import models, tasks
    from qml.studies.plugins import import_plugins

    loaded = import_plugins(cell.plugins)
    changed = [name for name, source in cell.sources.items() if loaded.get(name) != source]
    if changed:
        raise RecordError(
            f"the code of the plug-in {changed[0]!r} is another here than in the plan. "
            "Put the same file everywhere, and start the workers again."
        )
    task = sized(tasks.get(cell.task), cell.n_train, cell.n_test).with_params(**cell.task_params)
    model = with_params(models.get(cell.model), cell.params)
    have = (task.version, model.version, search_text(model, task))
    if have != (cell.task_version, cell.model_version, cell.search):
        raise RecordError(
            f"{cell.task!r} or {cell.model!r} is another version here than in the plan: the worker has "
            f"{task.version} and {model.version}, the plan {cell.task_version} and {cell.model_version}. "
            "Install the same qml everywhere."
        )
    return task, model


def sized(task: "Task", n_train: int, n_test: int) -> "Task":
    """Return the task with these numbers of rows; the same object where they are its own."""
    if (n_train, n_test) == (task.n_train, task.n_test):
        return task
    return replace(task, n_train=n_train, n_test=n_test)


def with_params(model: "Model", params: Mapping[str, Any]) -> "Model":
    """Return the model with some parameters fixed, and so no longer tuned."""
    if not params:
        return model
    return replace(
        model,
        fixed={**model.fixed, **params},
        search_space={name: space for name, space in model.search_space.items() if name not in params},
        defaults={name: value for name, value in model.defaults.items() if name not in params},
    )


def search_text(model: "Model", task: "Task") -> str:
    """Write what is tuned and what is fixed as canonical text, so that a change of either is a change of the key."""
    import optuna

    from qml.models import default_params, search_space

    space = {
        name: json.loads(optuna.distributions.distribution_to_json(distribution))
        for name, distribution in search_space(model, task).items()
    }
    return canonical({"space": space, "defaults": plain(default_params(model, task)), "fixed": plain(model.fixed)})


def plain(value: Any) -> Any:
    """Turn tuples, arrays and NumPy numbers into what JSON knows; a number that is not finite becomes None.

    >>> plain({"a": (np.float64(1.5), float("nan"))})
    {'a': [1.5, None]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return [plain(inner) for inner in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
