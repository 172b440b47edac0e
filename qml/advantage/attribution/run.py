"""A model and its twins under one budget, on the same replicates."""

import inspect
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit
from sklearn.pipeline import Pipeline
from sklearn.utils.multiclass import type_of_target

from qml.advantage.attribution.result import MEANINGS, Attribution, Finding, Part, conclude
from qml.advantage.attribution.subject import Subject, read_subject
from qml.advantage.posterior import t_posterior
from qml.advantage.twins import TWIN_MARGIN
from qml.errors import SpecError
from qml.models import Model, build, default_params, search_space
from qml.models.torch_estimator import TorchEstimator
from qml.models.twins.automatic import KINDS, NotApplicableError, automatic_twin, twin_of
from qml.nn import quantum_layers
from qml.tasks import Metric, Task, metric
from qml.tasks import get as get_task
from qml.tasks.problem import Problem
from qml.tasks.task import DEFAULT_METRICS
from qml.training import inner_folds as make_folds
from qml.training import tune

Float = NDArray[np.float64]


@dataclass(frozen=True)
class _Replicate:
    """Data of one replicate, training part and test part, and the seed of everything random in it."""

    X: NDArray[Any]
    y: NDArray[Any]
    X_test: NDArray[Any]
    y_test: NDArray[Any]
    seed: int


def attribute(
    model: Any,
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    task: str | Task | None = None,
    replicates: int = 10,
    trials: int = 2,
    inner_folds: int = 2,
    test_fraction: float = 0.25,
    twins: Sequence[str] = KINDS,
    alpha: float = 0.05,
    seed: int = 0,
    verbose: bool = True,
) -> Attribution:
    """Find out which part of a hybrid or quantum model does the work.

    The model and each of its twins, which lack one part each, are tuned and trained from new initial weights under the
    same number of trials, on the same training data, and scored on the same test data.  A part whose twin does as well
    was not needed.  An estimator of yours keeps its architecture; the settings of its fit are tuned around yours, first
    at yours.

    Args:
        model: A `qml.QuantumLayer` or any ``nn.Module`` that holds one (it gets a linear head where its outputs are no
            logits), trained or not; a function that makes one; an estimator of ours, a pipeline that ends in one, or
            another estimator that holds such a module; a model of the registry, or its name.
        X: Features, shape (n, n_features); split at random once a replicate.
        y: Labels, shape (n,); real numbers, of which some are not whole, ask for a regression.
        task: Instead of X and y, a task or its name: a fresh draw a replicate, where it can be drawn.
        replicates: Splits or draws, at least 2; with few of them many findings stay open.
        trials: Tuning trials of every contestant, at least 1.
        inner_folds: Folds that a trial is scored on, at least 2.
        test_fraction: Share of the rows of X that is the test part of a split.
        twins: Which ones.
        alpha: One-sided error rate of each bound.
        seed: Of the splits, initial weights and searches.
        verbose: Whether to say what will be done, and how long it will take.

    Returns:
        A table with one row a part, and the conclusion.

    Raises:
        SpecError: If there is nothing quantum in the model, or the arguments do not fit.

    Source: the twins of Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059); splits: Nadeau & Bengio 2003.

    >>> from qml.advantage import attribute
    >>> found = attribute("iqp-kernel", task="ad-hoc", replicates=3, trials=1, twins=["separable"], verbose=False)
    >>> found.parts[0].finding, found.conclusion
    ('needed', 'The circuit did the work: every twin does worse.')
    """
    chosen = get_task(task) if isinstance(task, str) else task
    _check(chosen, X, y, replicates, trials, test_fraction, twins)
    problem = chosen.problem if chosen is not None else _problem_of(np.asarray(y))
    subject = read_subject(model, problem)
    _check_problem(subject.model, problem, chosen)
    if chosen is not None and subject.steps:
        raise SpecError(
            "a task brings its own preprocessing; give the pipeline's last step, or X and y instead of task."
        )
    parts = (
        _draws(chosen, replicates, seed)
        if chosen is not None
        else _splits(np.asarray(X, dtype=np.float64), np.asarray(y), replicates, test_fraction, seed, problem)
    )
    first = next(parts)
    contestants, missing = _contestants(subject, twins, first, chosen)
    plan = _plan(subject.model, contestants, chosen, replicates, trials, inner_folds, test_fraction)
    if verbose:
        print(plan)
    measure = metric(chosen.metric if chosen is not None else DEFAULT_METRICS[problem])
    scores: dict[str, list[float]] = {kind: [] for kind in contestants}
    failures: dict[str, list[str]] = {kind: [] for kind in contestants}
    chances: list[float] = []
    started = time.perf_counter()
    for number, part in enumerate(_all(first, parts), start=1):
        chance = _guess(measure, part)
        chances.append(chance)
        for kind, contestant in contestants.items():
            try:
                value = _score(contestant, subject, chosen, part, trials, inner_folds, measure.score)
            except Exception as error:  # a fit that fails counts as chance, as in a study
                failures[kind].append(f"{type(error).__name__}: {error}")
                value = chance
            scores[kind].append(value)
        if verbose and number == 1 and replicates > 1:
            print(f"First replicate done; about {(time.perf_counter() - started) * (replicates - 1):.0f} s to go.")
    if len(failures["whole"]) > 0.2 * replicates:
        raise SpecError(f"the model itself failed in {len(failures['whole'])} replicates: {failures['whole'][0]}")
    design = chosen.design if chosen is not None else "resampled"
    fraction = chosen.test_fraction if chosen is not None else test_fraction
    whole = np.array(scores.pop("whole"))
    found = [
        _part(kind, whole, np.array(scores[kind]), failures[kind], design, fraction, measure.margin, alpha)
        if kind in scores
        else Part(
            twin=kind,
            score=None,
            difference=None,
            lower=None,
            upper=None,
            finding=missing[kind][0],
            note=missing[kind][1],
        )
        for kind in twins
    ]
    above_chance = t_posterior(whole - np.array(chances), design, fraction).quantile(alpha)
    return Attribution(
        model=subject.model.name,
        score=float(whole.mean()),
        scores=tuple(whole.tolist()),
        parts=tuple(found),
        conclusion=conclude(found, learned=above_chance > measure.margin, has_dense=_has_dense(subject.model, first)),
        metric=measure.name,
        chance=chances[0] if len(set(chances)) == 1 else float(np.mean(chances)),
        margin=measure.margin,
        alpha=alpha,
        design=design,
        replicates=replicates,
        trials=trials,
        plan=plan,
    )


def _check(
    task: Task | None,
    X: ArrayLike | None,
    y: ArrayLike | None,
    replicates: int,
    trials: int,
    test_fraction: float,
    twins: Sequence[str],
) -> None:
    if (task is None) != (X is not None and y is not None) or (task is not None and X is not None):
        raise SpecError("give X and y, or task=, and not both.")
    if replicates < 2 or trials < 1:
        raise SpecError(f"replicates must be at least 2 and trials at least 1; got {replicates} and {trials}.")
    if not 0 < test_fraction < 1:
        raise SpecError(f"test_fraction must lie between 0 and 1; got {test_fraction}.")
    unknown = [kind for kind in twins if kind not in KINDS]
    if unknown or not twins:
        raise SpecError(f"twins must be some of {', '.join(KINDS)}; got {list(twins)}.")


def _problem_of(y: NDArray[Any]) -> Problem:
    real = np.issubdtype(y.dtype, np.floating) and y.ndim == 1
    return "regression" if real and type_of_target(y) == "continuous" else "classification"


def _check_problem(model: Model, problem: Problem, task: Task | None) -> None:
    if problem not in DEFAULT_METRICS or model.problem not in DEFAULT_METRICS:
        which = problem if problem not in DEFAULT_METRICS else model.problem
        raise SpecError(f"attribute is for classification and regression; this is {which}.")
    if model.problem != problem:
        where = f"{task.name!r} is" if task is not None else "these labels are"
        raise SpecError(
            f"{model.name!r} is a {model.problem} model, and {where} {problem}. "
            "Give whole numbers or names as labels to classify, and real numbers to a regressor."
        )


def _guess(measure: Metric, part: _Replicate) -> float:
    """Return the score of guessing: by the number of classes, or with the mean of the training targets."""
    if measure.chance is not None:
        return measure.chance(len(np.unique(part.y)))
    return measure.score(part.y_test, np.full(len(part.y_test), part.y.mean()))


def _seeds(seed: int, replicates: int) -> list[int]:
    return [int(state) for state in np.random.SeedSequence(seed).generate_state(replicates)]


def _draws(task: Task, replicates: int, seed: int) -> Iterator[_Replicate]:
    for drawn in _seeds(seed, replicates):
        split = task.split(drawn)
        yield _Replicate(split.X_train, split.y_train, *split.test.open(), drawn)


def _splits(
    X: Float, y: NDArray[Any], replicates: int, test_fraction: float, seed: int, problem: Problem
) -> Iterator[_Replicate]:
    if X.ndim != 2 or y.shape != (len(X),):
        raise SpecError(f"X must have shape (n, n_features) and y shape (n,); got {X.shape} and {y.shape}.")
    if not np.isfinite(X).all():
        raise SpecError("X has NaN or infinite values; drop or impute them first.")
    kind = ShuffleSplit if problem == "regression" else StratifiedShuffleSplit
    splitter = kind(n_splits=replicates, test_size=test_fraction, random_state=_seeds(seed, 1)[0])
    for (train, test), drawn in zip(splitter.split(X, y), _seeds(seed, replicates), strict=True):
        yield _Replicate(X[train], y[train], X[test], y[test], drawn)


def _all(first: _Replicate, rest: Iterator[_Replicate]) -> Iterator[_Replicate]:
    yield first
    yield from rest


def _contestants(
    subject: Subject, twins: Sequence[str], part: _Replicate, task: Task | None
) -> tuple[dict[str, Model], dict[str, tuple[Finding, str]]]:
    """Return the model and its twins by kind, and why a kind is missing."""
    made = {"whole": subject.model}
    missing: dict[str, tuple[Finding, str]] = {}
    width = None if task is not None else _prefix(subject, part).shape[1]
    for kind in twins:
        try:
            if subject.registered:
                made[kind] = twin_of(subject.model, kind)
            else:
                made[kind] = automatic_twin(subject.model, kind, width)
        except NotApplicableError as error:
            missing[kind] = ("not applicable", str(error))
        except SpecError as error:
            missing[kind] = ("open", str(error))
    if len(made) == 1:
        raise SpecError("none of the twins can be made: " + " ".join(reason for _, reason in missing.values()))
    return made, missing


def _prefix(subject: Subject, part: _Replicate) -> NDArray[Any]:
    """Return the training features as the estimator sees them."""
    if not subject.steps:
        return part.X
    steps = [(name, clone(step)) for name, step in subject.steps]
    return np.asarray(Pipeline(steps).fit_transform(part.X, part.y))


def _score(
    model: Model,
    subject: Subject,
    task: Task | None,
    part: _Replicate,
    trials: int,
    folds: int,
    score: Callable[[ArrayLike, ArrayLike], float],
) -> float:
    """Tune on the training part, fit the best setting on all of it, and score it on the test part."""

    def make(params: Mapping[str, Any]) -> Any:
        if task is not None:
            return build(model, task, params, part.seed)
        arguments = {**model.fixed, **params}
        if "random_state" in inspect.signature(model.estimator).parameters:
            arguments["random_state"] = part.seed
        return Pipeline(
            [*((name, clone(step)) for name, step in subject.steps), ("model", model.estimator(**arguments))]
        )

    space = dict(search_space(model, task) if task is not None else model.search_space)
    defaults = dict(default_params(model, task) if task is not None else model.defaults)
    choice: Any = space.pop("activation", None)
    activations = (None,) if choice is None else choice.choices  # each is tried, however few the trials
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of fits that did not converge: they are scored as they are
        found = [
            tune(
                make,
                space,
                part.X,
                part.y,
                score=score,
                n_trials=max(1, trials // len(activations)),
                folds=make_folds(part.y, folds, part.seed, stratified=model.problem == "classification"),
                seed=part.seed,
                defaults=defaults if activation is None else {**defaults, "activation": activation},
            ).best
            for activation in activations
        ]
        best = max(found, key=lambda trial: trial.score or 0.0)
        fitted = make(best.params).fit(part.X, part.y)
        return float(score(part.y_test, fitted.predict(part.X_test)))


def _part(
    kind: str,
    whole: Float,
    scores: Float,
    failures: Sequence[str],
    design: str,
    fraction: float | None,
    margin: float,
    alpha: float,
) -> Part:
    posterior = t_posterior(whole - scores, design, fraction)
    lower, upper = posterior.interval(alpha)
    _, helps, idle = MEANINGS[kind]
    finding: Finding = "open"
    note = "the interval is too wide to tell"
    if len(failures) > 0.2 * len(whole):
        note = f"{len(failures)} of {len(whole)} fits failed: {failures[0]}"
    elif lower > TWIN_MARGIN:
        finding, note = "needed", helps
    elif upper <= margin:
        finding, note = "not needed", idle
    return Part(
        twin=kind,
        score=float(scores.mean()),
        difference=posterior.mean,
        lower=lower,
        upper=upper,
        finding=finding,
        note=note,
        scores=tuple(scores.tolist()),
    )


def _plan(
    model: Model,
    contestants: Mapping[str, Model],
    task: Task | None,
    replicates: int,
    trials: int,
    folds: int,
    test_fraction: float,
) -> str:
    twins = [kind for kind in contestants if kind != "whole"]
    tried = [max(trials, 2) if "activation" in one.search_space else trials for one in contestants.values()]
    fits = replicates * sum(n * folds + 1 for n in tried)
    where = f"draws of {task.name}" if task is not None and task.design == "fresh" else "random splits"
    share = "" if task is not None else f" ({1 - test_fraction:.0%} to train on)"
    return (
        f"{model.name} against its {', '.join(twins)} twin{'s' if len(twins) > 1 else ''}: "
        f"{replicates} {where}{share}, "
        f"{trials} tuning trial{'s' if trials > 1 else ''} on {folds} folds each and a final fit, {fits} fits in all."
    )


def _has_dense(model: Model, part: _Replicate) -> bool:
    """Tell whether anything outside the circuits of a model is trained."""
    if not issubclass(model.estimator, TorchEstimator):
        return False
    arguments = {k: v for k, v in {**model.fixed, **model.defaults}.items() if k != "features"}
    module = model.estimator(**arguments)._build_module(part.X.shape[1], 1, torch.Generator().manual_seed(0))
    inside = {id(p) for layer in quantum_layers(module) for p in layer.parameters()}
    return any(p.requires_grad and id(p) not in inside for p in module.parameters())
