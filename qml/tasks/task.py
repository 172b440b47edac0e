"""A task: data, split policy, metric and source.  What is learned, and nothing about who learns it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from qml.errors import SpecError, suggest
from qml.registry import Registry
from qml.tasks.problem import Problem, check_problem
from qml.tasks.split import SealedTest, Split

Part = tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]
Sampler = Callable[..., Part]
DEFAULT_METRICS: dict[Problem, str] = {"classification": "balanced-accuracy", "regression": "negative-log-rmse"}


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is learned.

    ``dataclasses.replace(task, n_train=60)`` gives the same task with other sizes, checked again.

    Args:
        name: In kebab-case.
        summary: One line.
        source: The paper or the package that the data or its generator come from.
        sample: ``(rng, n_train, n_test, **params) -> (X_train, y_train, X_test, y_test)``; features are real, shape
            (rows, columns), labels are integers, shape (rows,); where ``problem`` is no classification they are real.
            Everything random comes from ``rng``.
        params: Settings of the generator by name, passed on to ``sample``: ``task.with_params(n_copies=16)``
            changes one and keeps the others.  ``"n_copies"`` are the copies of a quantum state behind each row.
        n_features: Features a learner sees before the feature map: ``pca`` if it is given, else the columns of X.
        problem: ``"classification"``, ``"regression"``, ``"generation"`` or ``"optimisation"``: what is asked for.
        n_classes: Classes, at least 2; of classification only.
        design: ``"fresh"``: every replicate is a new draw from a generator.  ``"resampled"``: every replicate is
            one stratified random split of the same finite set, and the statistics correct for the overlap.
        n_train: Rows of the training part.
        n_test: Rows of the test part.
        n_available: Rows of the finite set; given for resampled tasks, and for no others.
        metric: Name of the metric; left empty, the one of the problem: balanced accuracy, or −ln RMSE.
        feature_maps: The feature maps that every model may choose from; the first is the default.
        columns: Named blocks of columns.  The feature map of a block's name selects its columns and scales them to mean
            0 and variance 1: views of a row, or records of different measurements of one quantum state.
        quantum_maps: Blocks that only quantum models may read, and only by fixing ``"features"`` to one: records of
            measurements that are themselves the resource in question, such as those on two copies at once.
        pca: Principal components kept, fitted on the training part inside the pipeline; None for no PCA.
        engineered: True if the generator favours a quantum model by construction.
        solver: Name of a classical model that knows how the data are made, such as Gaussian elimination for parities;
            a study runs it beside the twins, and no quantum model that it equals is credited with the task.
        solver_pooled: True if the solver needs only polynomial time: it then stands in the classical pool.
        null: True if there is nothing to learn.
        chance: ``(**params) -> float``, the score of guessing on this task where the metric does not say it: that of
            the uniform distribution, or of random answers.
        valid: For generation: which strings are valid, rows (n, n_features) to (n,), where the task knows.
        version: Raised by any change that moves the data.

    Raises:
        SpecError: If these do not fit together; the message says how.

    >>> def coin(rng, n_train, n_test):
    ...     X = rng.normal(size=(n_train + n_test, 1))
    ...     y = np.arange(n_train + n_test) % 2
    ...     return X[:n_train], y[:n_train], X[n_train:], y[n_train:]
    >>> task = Task(name="coin", summary="no signal", source="-", sample=coin, n_features=1, design="fresh",
    ...             n_train=10, n_test=30, feature_maps=("standard",), null=True)
    >>> task.split(seed=0).X_train.shape, task.test_fraction
    ((10, 1), 0.75)
    """

    name: str
    summary: str
    source: str
    sample: Sampler
    params: Mapping[str, int | float] = field(default_factory=dict)
    n_features: int
    problem: Problem = "classification"
    n_classes: int = 2
    design: Literal["fresh", "resampled"]
    n_train: int
    n_test: int
    n_available: int | None = None
    metric: str = ""
    feature_maps: tuple[str, ...]
    columns: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    quantum_maps: tuple[str, ...] = ()
    pca: int | None = None
    engineered: bool = False
    solver: str | None = None
    solver_pooled: bool = False
    null: bool = False
    chance: Callable[..., float] | None = None
    valid: Callable[[NDArray[np.float64]], NDArray[np.bool_]] | None = None
    version: int = 1

    def __post_init__(self) -> None:
        check_problem(f"task {self.name!r}", self.problem)
        if not self.metric:
            object.__setattr__(self, "metric", _default_metric(self.name, self.problem))
        for name, least in (("n_features", 1), ("n_classes", 2), ("version", 1)):
            self._check_count(name, least)
        for name in ("n_train", "n_test"):
            self._check_count(name, self.n_classes)
        if self.problem != "classification" and self.n_classes != 2:
            raise SpecError(
                f"task {self.name!r}: n_classes is for classification; got n_classes={self.n_classes} with "
                f"problem={self.problem!r}. Leave it out."
            )
        self._check_design()
        self._check_features()
        self._check_solver()
        if self.problem == "generation" and self.n_test != 2**self.n_features:
            raise SpecError(
                f"task {self.name!r}: the test part of a generation task is every string of {self.n_features} bits; "
                f"leave n_test at {2**self.n_features} (got {self.n_test})."
            )

    def split(self, seed: int) -> Split:
        """Draw one replicate; the same seed gives the same bits.

        Args:
            seed: A whole number, at least 0.

        Returns:
            The training part, and the test part behind a seal.

        Raises:
            SpecError: If the task's own ``sample`` returns parts of a wrong shape.
        """
        X_train, y_train, X_test, y_test = self.sample(
            np.random.default_rng(seed), self.n_train, self.n_test, **self.params
        )
        X_train, y_train = self._part("training", X_train, y_train, self.n_train)
        X_test, y_test = self._part("test", X_test, y_test, self.n_test)
        return Split(X_train=X_train, y_train=y_train, test=SealedTest(X_test, y_test))

    def with_params(self, **params: int | float) -> "Task":
        """Return the same task with some settings of its generator changed.

        Raises:
            SpecError: If the generator has no such setting.
        """
        for name in params:
            if name not in self.params:
                raise SpecError(f"task {self.name!r} has no parameter {name!r}. {suggest(name, self.params)}")
        return replace(self, params={**self.params, **params})

    @property
    def test_fraction(self) -> float:
        """Share of the rows of a replicate that are in its test part."""
        return self.n_test / (self.n_test + self.n_train)

    def _check_count(self, name: str, least: int) -> None:
        value = getattr(self, name)
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise SpecError(f"task {self.name!r}: {name} must be a whole number, at least {least}; got {value!r}.")

    def _check_design(self) -> None:
        if self.design not in ("fresh", "resampled"):
            raise SpecError(
                f"task {self.name!r}: unknown design {self.design!r}. "
                f"{suggest(str(self.design), ('fresh', 'resampled'))}"
            )
        if (self.design == "resampled") != (self.n_available is not None):
            raise SpecError(
                f"task {self.name!r}: n_available is given for design 'resampled' and for no other; "
                f"got design={self.design!r}, n_available={self.n_available}."
            )
        if self.n_available is not None and self.n_train + self.n_test > self.n_available:
            raise SpecError(
                f"task {self.name!r} is resampled from {self.n_available} rows: n_train + n_test can be at most "
                f"{self.n_available}; got {self.n_train} + {self.n_test} = {self.n_train + self.n_test}. "
                "Lower one of them."
            )

    def _check_solver(self) -> None:
        if self.solver is None and self.solver_pooled:
            raise SpecError(
                f"task {self.name!r}: solver_pooled is about the solver, and there is none; give solver, too."
            )

    def _check_features(self) -> None:
        if not self.feature_maps or len(set(self.feature_maps)) < len(self.feature_maps):
            raise SpecError(
                f"task {self.name!r}: feature_maps must name at least one feature map, each once; "
                f"got {self.feature_maps}."
            )
        self._check_columns()
        if self.pca is not None and self.pca != self.n_features:
            raise SpecError(
                f"task {self.name!r}: with pca={self.pca} a learner sees {self.pca} features; "
                f"set n_features={self.pca} (got {self.n_features})."
            )

    def _check_columns(self) -> None:
        for name, block in self.columns.items():
            if not block or len(set(block)) < len(block) or min(block) < 0 or max(block) >= self.n_features:
                raise SpecError(
                    f"task {self.name!r}: the columns of {name!r} must be different numbers from 0 to "
                    f"{self.n_features - 1}; got {block}."
                )
        for name in self.quantum_maps:
            if name not in self.columns or name in self.feature_maps:
                raise SpecError(
                    f"task {self.name!r}: the quantum map {name!r} must be a block of columns, and none of the "
                    f"feature_maps; columns has {list(self.columns)}, feature_maps {list(self.feature_maps)}."
                )

    def _part(
        self, part: str, X: NDArray[Any], y: NDArray[Any], n_rows: int
    ) -> tuple[NDArray[np.float64], NDArray[Any]]:
        X, y = np.asarray(X), np.asarray(y)
        columns_fit = X.ndim == 2 and (X.shape[1] == self.n_features if self.pca is None else X.shape[1] >= self.pca)
        # What is asked of an optimiser is the problem itself; there are no labels beside it.
        wanted = X.shape if self.problem == "optimisation" else (n_rows,)
        if not columns_fit or X.shape[0] != n_rows or y.shape != wanted:
            columns = f"{self.n_features}" if self.pca is None else f"at least {self.pca}"
            raise SpecError(
                f"task {self.name!r}: sample must return a {part} part of {n_rows} rows and {columns} columns, "
                f"and as many labels; got X of shape {X.shape} and y of shape {y.shape}."
            )
        return np.ascontiguousarray(X, dtype=np.float64), self._labels(part, y)

    def _labels(self, part: str, y: NDArray[Any]) -> NDArray[Any]:
        """Return labels as int64, or as float64 where they are no classes."""
        if self.problem == "classification":
            if not np.issubdtype(y.dtype, np.integer):
                raise SpecError(
                    f"task {self.name!r}: labels must be integers; sample returned {y.dtype} in the {part} part. "
                    "If they are real numbers to predict, set problem='regression'."
                )
            return y.astype(np.int64)
        if not np.issubdtype(y.dtype, np.floating) or not np.isfinite(y).all():
            what = y.dtype if not np.issubdtype(y.dtype, np.floating) else "NaN or infinity"
            raise SpecError(
                f"task {self.name!r}: labels of problem={self.problem!r} must be finite floats; "
                f"sample returned {what} in the {part} part."
            )
        return y.astype(np.float64)


def _default_metric(name: str, problem: Problem) -> str:
    if problem not in DEFAULT_METRICS:
        raise SpecError(f"task {name!r}: give metric; problem={problem!r} has no default one.")
    return DEFAULT_METRICS[problem]


TASKS: Registry[Task] = Registry("task", "qml.tasks")


def get(name: str) -> Task:
    """Return the task of that name.

    Raises:
        SpecError: If there is none; the message names the nearest one and lists all.
    """
    return TASKS.get(name)


def names() -> tuple[str, ...]:
    """Return the names of all tasks, sorted."""
    return TASKS.names()
