"""Hyper-parameter search: the same trials, folds and sampler for every model."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import optuna
from numpy.typing import NDArray

from qml.errors import SpecError, TrainingError
from qml.training.folds import Fold

Score = Callable[[NDArray[Any], NDArray[Any]], float]


@dataclass(frozen=True)
class Trial:
    """One setting, fitted on every inner fold.

    Attributes:
        number: Position in the search, from 0.
        params: The setting.
        score: Mean of the fold scores, higher is better; None if the trial failed.
        fold_scores: Scores of the folds that were finished.
        status: ``"done"`` or ``"failed"``.
        error: Type and message of what went wrong, or None.
        seconds: Wall time of all its fits.
    """

    number: int
    params: dict[str, Any]
    score: float | None
    fold_scores: tuple[float, ...]
    status: Literal["done", "failed"]
    error: str | None
    seconds: float


@dataclass(frozen=True)
class Tuned:
    """A finished search.

    Attributes:
        trials: Every trial in order, failed ones too.
        best: The trial with the highest score, the first of equals.
    """

    trials: tuple[Trial, ...]
    best: Trial


class SearchError(TrainingError):
    """Every trial of a search failed.

    Attributes:
        trials: All of them, in order.
    """

    trials: tuple[Trial, ...] = ()


def tune(
    build: Callable[[dict[str, Any]], Any],
    space: Mapping[str, optuna.distributions.BaseDistribution],
    X: NDArray[Any],
    y: NDArray[Any],
    *,
    score: Score,
    n_trials: int,
    folds: Sequence[Fold],
    seed: int,
    defaults: Mapping[str, Any],
) -> Tuned:
    """Search a space with Optuna's TPE; the first trial is the defaults.

    A fit that raises, or a score that is not finite, is a failed trial: recorded, and never chosen.  A space with
    nothing in it takes exactly one trial, whatever ``n_trials`` says.

    Args:
        build: Makes an unfitted estimator of a setting.
        space: Distributions by name.
        X: Training features, shape (n, n_features).
        y: Training labels, shape (n,).
        score: ``score(y_true, y_pred)``, higher is better.
        n_trials: Trials, at least 1.
        folds: Row indices to train on and to validate on, as ``inner_folds`` gives them.
        seed: A whole number, at least 0; decides the settings that are tried.
        defaults: The first setting.  Names that ``space`` lacks are kept constant in every trial; names that only
            ``space`` has are sampled.

    Returns:
        Every trial, and the best one.

    Raises:
        SpecError: If ``n_trials`` is below 1 or there are no folds.
        SearchError: If every trial failed (a TrainingError); its ``trials`` has them all, its message the last cause.

    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from qml.training import inner_folds
    >>> X = np.linspace(0, 1, 20).reshape(-1, 1)
    >>> y = (X[:, 0] > 0.5).astype(int)
    >>> tuned = tune(
    ...     lambda params: KNeighborsClassifier(**params),
    ...     {"n_neighbors": optuna.distributions.IntDistribution(1, 5)},
    ...     X, y, score=lambda true, predicted: float(np.mean(true == predicted)),
    ...     n_trials=3, folds=inner_folds(y, 2, seed=0), seed=0, defaults={"n_neighbors": 3},
    ... )
    >>> tuned.trials[0].params, len(tuned.trials), tuned.best.status
    ({'n_neighbors': 3}, 3, 'done')
    """
    if n_trials < 1:
        raise SpecError(f"n_trials must be at least 1; got {n_trials}.")
    if not folds:
        raise SpecError("tune needs at least one inner fold; got none.")
    constants = {name: value for name, value in defaults.items() if name not in space}
    first = {name: value for name, value in defaults.items() if name in space}
    study = _study(seed)
    study.enqueue_trial(first)
    trials = []
    for number in range(n_trials if space else 1):
        asked = study.ask(dict(space))
        trial = _run_trial(number, constants | asked.params, build, X, y, score, folds)
        failed = optuna.trial.TrialState.FAIL if trial.score is None else None
        study.tell(asked, trial.score, state=failed)
        trials.append(trial)
    return Tuned(trials=tuple(trials), best=_best(trials))


def _run_trial(
    number: int,
    params: dict[str, Any],
    build: Callable[[dict[str, Any]], Any],
    X: NDArray[Any],
    y: NDArray[Any],
    score: Score,
    folds: Sequence[Fold],
) -> Trial:
    started = time.perf_counter()
    scores: list[float] = []
    error = None
    try:
        for train, validation in folds:
            estimator = build(dict(params)).fit(X[train], y[train])
            value = float(score(y[validation], estimator.predict(X[validation])))
            if not np.isfinite(value):
                raise TrainingError(f"the validation score is {value}, not a finite number.")
            scores.append(value)
    except Exception as cause:
        error = f"{type(cause).__name__}: {cause}"
    return Trial(
        number=number,
        params=params,
        score=None if error else float(np.mean(scores)),
        fold_scores=tuple(scores),
        status="failed" if error else "done",
        error=error,
        seconds=time.perf_counter() - started,
    )


def _best(trials: Sequence[Trial]) -> Trial:
    done = [(trial.score, trial) for trial in trials if trial.score is not None]
    if not done:
        failed = SearchError(f"every one of {len(trials)} trials failed; the last cause was {trials[-1].error}")
        failed.trials = tuple(trials)
        raise failed
    return max(done, key=lambda pair: pair[0])[1]


def _study(seed: int) -> optuna.Study:
    """Make a study in memory; the sampler's seed may be of any size."""
    bits = int(np.random.SeedSequence(seed).generate_state(1)[0])
    with _quiet():
        return optuna.create_study(sampler=optuna.samplers.TPESampler(seed=bits), direction="maximize")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Optuna from announcing the study, and give its verbosity back."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(verbosity)
