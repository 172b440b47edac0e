"""Conformance suites: every registered task, model and metric runs through them, ours and a plug-in's alike.

Each check returns nothing, or raises ``AssertionError`` with the entry's name, what it did and what it should do.

>>> from qml import tasks
>>> check_task(tasks.get("two-moons"))
"""

import inspect
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import CategoricalDistribution
from sklearn.base import BaseEstimator, clone, is_classifier, is_regressor
from sklearn.pipeline import Pipeline

from qml.errors import QmlError
from qml.models import Model, build, default_params, search_space
from qml.models.features import FEATURE_MAPS, feature_map
from qml.tasks import TASKS, Metric, Task, chance_level, metric
from qml.tasks import get as get_task
from qml.tasks.cut_rows import problem_of
from qml.tasks.generation import generation_task

__all__ = ["check_metric", "check_model", "check_task"]


def check_task(task: Task) -> None:
    """Check that a task is documented, repeatable, sealed, and has what its fields say.

    Raises:
        AssertionError: If it is not; the message says what is wrong.
    """
    who = f"task {task.name!r}"
    _check_texts(who, task.name, task.summary, task.source)
    task.split(seed=0)  # libraries that the task imports late may draw while they are imported
    with _no_global_randomness(who):
        task.split(seed=0)
    _check_draws(who, task)
    _check_seal(who, task)
    chance = chance_level(task)
    if task.problem == "classification":
        _require(0 <= chance < 1, f"{who}: the chance level of {task.metric!r} is {chance}; it must be in [0, 1).")
    scored = metric(task.metric).problem
    _require(scored == task.problem, f"{who}: its metric {task.metric!r} scores {scored}, not {task.problem}.")
    for name in (*task.feature_maps, *task.quantum_maps):
        known = {*FEATURE_MAPS, *task.columns}
        _require(name in known, f"{who}: there is no feature map {name!r}; the maps are {sorted(known)}.")
        split = task.split(seed=0)
        seen = feature_map(name, task).fit_transform(split.X_train)
        wanted = len(task.columns.get(name, range(task.n_features))) * (2 if name == "sincos" else 1)
        _require(seen.shape[1] == wanted, f"{who}: {name!r} gives {seen.shape[1]} features; n_features says {wanted}.")


def check_model(model: Model) -> None:
    """Check that a model is documented, can be cloned, pickled and repeated, and refuses what it cannot learn from.

    It is fitted a few times: on 40 rows of the two-moons task or of fourier-regression, on strings of three bits, or on
    graphs with four nodes; an estimator with ``max_epochs`` runs 3 of them.

    Raises:
        AssertionError: If it is not; the message says what is wrong.

    >>> from qml import models
    >>> check_model(models.get("logistic"))
    """
    who = f"model {model.name!r}"
    _check_texts(who, model.name, model.summary, model.source)
    task = _task_for(model)
    model = _shortened(model)
    _check_space(who, model, task)
    split = task.split(seed=0)
    X, y = split.X_train, split.y_train
    X_test, _ = split.test.open()
    for name in task.feature_maps:
        params = default_params(model, task)
        if "features" in params:
            params["features"] = name
        pipeline = build(model, task, params, random_state=0)
        _check_estimator(who, pipeline["estimator"], model)
        with _no_global_randomness(who):
            fitted = clone(pipeline).fit(X, y)
        _check_predictions(who, fitted, clone(pipeline).fit(X, y), X_test)
        _ANSWERS[model.problem](who, task, fitted.predict(X_test), X_test)
    _check_ends(who, model, task, X, y)
    if model.problem == "regression":
        _check_units(who, pipeline, X, y)
    elif model.problem == "classification":
        _check_labels(who, pipeline, X, y)
    _check_bad_features(who, pipeline, X, y)


def check_metric(metric: Metric) -> None:
    """Check that a metric is documented, oriented, and at its chance level for a learner that knows nothing.

    Raises:
        AssertionError: If it is not; the message says what is wrong.

    >>> check_metric(metric("balanced-accuracy"))
    """
    who = f"metric {metric.name!r}"
    _check_texts(who, metric.name, metric.summary, "-")
    if metric.problem == "regression":
        _check_regression_metric(who, metric)
    elif metric.problem != "classification":
        _check_exact_metric(who, metric)
    for n_classes in (2, 3) if metric.chance else ():
        y_true = np.tile(np.arange(n_classes), 2000)
        guesses = np.random.default_rng(0).permutation(y_true)
        perfect, guessed = metric.score(y_true, y_true), metric.score(y_true, guesses)
        chance = metric.chance(n_classes) if metric.chance else 0.0
        _require(isinstance(perfect, float), f"{who}: score must return a float; got {type(perfect).__name__}.")
        _require(
            perfect > chance,
            f"{who}: a perfect prediction scores {perfect}, not above chance ({chance}): is it a loss?",
        )
        _require(
            abs(guessed - chance) < 0.05,
            f"{who}: guessing scores {guessed:.3f} with {n_classes} classes, but chance says {chance:.3f}.",
        )
        worse = y_true.copy()
        worse[: len(worse) // 4] = (worse[: len(worse) // 4] + 1) % n_classes
        _require(
            metric.score(y_true, worse) < perfect, f"{who}: a prediction with errors scores as well as a perfect one."
        )


def _check_regression_metric(who: str, metric: Metric) -> None:
    """Check that errors cost, the more the larger, and in any units: guessing the mean scores between the two."""
    rng = np.random.default_rng(0)
    noise = rng.normal(size=1000)
    for unit in (1e-3, 1.0, 1e3):
        y_true = unit * rng.normal(size=1000)
        good, worse = (metric.score(y_true, y_true + share * unit * noise) for share in (0.1, 0.5))
        guessed, bad = metric.score(y_true, np.zeros(1000)), metric.score(y_true, y_true + 3 * unit * noise)
        _require(isinstance(good, float), f"{who}: score must return a float; got {type(good).__name__}.")
        _require(
            good > worse > guessed > bad,
            f"{who}: errors of 0.1, 0.5, 1 and 3 spreads of the targets score {good}, {worse}, {guessed}, {bad}; "
            "the scores must fall: is it a loss?",
        )


def _check_exact_metric(who: str, metric: Metric) -> None:
    """Check that what is asked for scores higher than chance, on each task that a metric without classes is used on."""
    for task in (task for task in TASKS if task.metric == metric.name):
        X, y = task.split(seed=0).test.open()
        chance = chance_level(task)
        best = metric.score(y, _best_answers(X) if metric.problem == "optimisation" else y)
        _require(isinstance(best, float), f"{who}: score must return a float; got {type(best).__name__}.")
        _require(
            best > chance or task.null,
            f"{who}: a perfect answer scores {best} on {task.name!r}, not above chance ({chance}): is it a loss?",
        )


def _best_answers(X: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.array([[problem_of(row)[0].cuts.argmax()] for row in X])


def _three_bits() -> Task:
    return generation_task(
        name="three-bits",
        n_bits=3,
        draw=lambda rng: rng.dirichlet(np.ones(8)),
        n_train=40,
        summary="a random distribution",
        source="-",
    )


def _squares(rng: np.random.Generator, n_train: int, n_test: int) -> Any:
    """Draw graphs of four nodes, with 12 evaluations each."""
    rows = (rng.random((n_train + n_test, 6)) < 0.6).astype(float)
    rows[:, 0] = 1  # at least one edge
    X = np.column_stack([np.full(len(rows), 12.0), rows])
    return X[:n_train], X[:n_train], X[n_train:], X[n_train:]


def _task_for(model: Model) -> Task:
    """Return a small task that lists the feature map which a model fixes, as a block of columns if it is one."""
    if model.problem == "generation":
        return _three_bits()
    if model.problem == "optimisation":
        return replace(get_task("max-cut"), sample=_squares, params={}, n_features=7, n_train=4, n_test=6)
    name = "fourier-regression" if model.problem == "regression" else "two-moons"
    task = replace(get_task(name), n_train=40, n_test=20)
    fixed = model.fixed.get("features")
    if fixed is None or fixed in task.feature_maps:
        return task
    return replace(task, feature_maps=(fixed,), columns={} if fixed in FEATURE_MAPS else {fixed: (0, 1)})


def _check_texts(who: str, name: str, summary: str, source: str) -> None:
    words = name.replace("~", "-").split("-")  # an automatic twin has the name of its model before the tilde
    _require(all(w.isalnum() and w == w.lower() for w in words), f"{who}: the name must be in kebab-case.")
    _require(bool(summary.strip()) and "\n" not in summary, f"{who}: summary must be one line of text.")
    _require(bool(source.strip()), f"{who}: source must say where it comes from.")


def _check_draws(who: str, task: Task) -> None:
    first, again, other = task.split(seed=0), task.split(seed=0), task.split(seed=1)
    parts = [("training", first.X_train, first.y_train, task.n_train), ("test", *first.test.open(), task.n_test)]
    same = [("training", again.X_train, again.y_train), ("test", *again.test.open())]
    for (part, X, y, n_rows), (_, X_again, y_again) in zip(parts, same, strict=True):
        _require(len(X) == len(y) == n_rows, f"{who}: the {part} part has {len(X)} rows instead of {n_rows}.")
        _require(bool(np.isfinite(X).all()), f"{who}: the {part} part has NaN or infinite features.")
        same_bits = X.tobytes() == X_again.tobytes() and y.tobytes() == y_again.tobytes()
        _require(same_bits, f"{who}: two splits of one seed differ in the {part} part; draw everything from rng.")
        if task.problem == "classification":
            _check_classes(who, part, y, task.n_classes)
        elif task.problem == "regression":
            _require(bool(np.isfinite(y).all()), f"{who}: the {part} part has NaN or infinite labels.")
            _require(float(np.std(y)) > 0, f"{who}: all labels of the {part} part are equal.")
        elif task.problem == "generation" and part == "test":
            _require(bool((y >= 0).all()) and abs(y.sum() - 1) < 1e-9, f"{who}: the test labels are no probabilities.")
    _require(not np.array_equal(first.X_train, other.X_train), f"{who}: two seeds give the same training part.")
    # Records of a few copies have few outcomes, so that two states of different rows may leave the same one.
    _require(
        task.design == "resampled"
        or "n_copies" in task.params
        or task.problem == "generation"  # whose test part is every string
        or not _shared_rows(first.X_train, parts[1][1]),
        f"{who}: training and test part share rows.",
    )


def _check_classes(who: str, part: str, y: NDArray[np.int64], n_classes: int) -> None:
    counts = np.bincount(y, minlength=n_classes)
    _require(
        len(counts) == n_classes and counts.min() > 0,
        f"{who}: the labels of the {part} part must be all of 0 to {n_classes - 1}; got {sorted(set(y.tolist()))}.",
    )
    rarest = counts.min() / len(y)
    _require(
        rarest >= 0.2 / n_classes,
        f"{who}: the rarest class holds {rarest:.1%} of the {part} part; at least {0.2 / n_classes:.0%} is needed.",
    )


def _shared_rows(X: NDArray[np.float64], Z: NDArray[np.float64]) -> bool:
    return bool({row.tobytes() for row in X} & {row.tobytes() for row in Z})


def _check_seal(who: str, task: Task) -> None:
    test = task.split(seed=0).test
    test.open()
    _require(_raises(test.open, QmlError), f"{who}: its test part opens twice.")


def _check_space(who: str, model: Model, task: Task) -> None:
    space, defaults = search_space(model, task), default_params(model, task)
    missing = sorted(set(space) - set(defaults))
    _require(not missing, f"{who}: {', '.join(missing)} is searched, but has no default for the first trial.")


def _check_estimator(who: str, estimator: Any, model: Model) -> None:
    _require(isinstance(estimator, BaseEstimator), f"{who}: the estimator is not a scikit-learn BaseEstimator.")
    if model.problem == "regression":
        _require(is_regressor(estimator), f"{who}: the estimator is not a regressor; derive it from RegressorMixin.")
    elif model.problem == "classification":
        _require(is_classifier(estimator), f"{who}: the estimator is not a classifier; derive it from ClassifierMixin.")
    if model.side == "quantum":
        _require(
            bool(model.draw(2)), f"{who}: a quantum model must draw its circuit; give the estimator `draw(n_features)`."
        )


def _check_predictions(who: str, fitted: Pipeline, again: Pipeline, X: NDArray[np.float64]) -> None:
    predicted = fitted.predict(X)
    _require(len(predicted) == len(X), f"{who}: predict returned shape {predicted.shape} for {len(X)} rows.")
    _require(_equal(predicted, again.predict(X)), f"{who}: two fits with the same random_state predict differently.")
    restored = pickle.loads(pickle.dumps(fitted))
    _require(_equal(predicted, restored.predict(X)), f"{who}: it predicts differently after pickling.")
    _require(
        _same(predicted[:5], fitted.predict(X[:5])) and _same(predicted[::-1], fitted.predict(X[::-1])),
        f"{who}: the prediction of a row depends on the other rows it is predicted with.",
    )


def _check_numbers(who: str, task: Task, predicted: NDArray[Any], X: NDArray[np.float64]) -> None:
    _require(predicted.shape == (len(X),), f"{who}: predict returned shape {predicted.shape} for {len(X)} rows.")


def _check_probabilities(who: str, task: Task, predicted: NDArray[Any], X: NDArray[np.float64]) -> None:
    _check_numbers(who, task, predicted, X)
    total = float(predicted.sum())
    _require(
        bool((predicted >= 0).all()) and abs(total - 1) < 1e-6,
        f"{who}: the probabilities of all strings must not be negative and sum to one; they sum to {total:g}.",
    )


def _check_answers(who: str, task: Task, predicted: NDArray[Any], X: NDArray[np.float64]) -> None:
    try:
        metric(task.metric).score(X, predicted)
    except QmlError as error:
        raise AssertionError(f"{who}: its answers cannot be scored: {error}") from error


_ANSWERS: dict[str, Callable[[str, Task, NDArray[Any], NDArray[np.float64]], None]] = {
    "classification": _check_numbers,
    "regression": _check_numbers,
    "generation": _check_probabilities,
    "optimisation": _check_answers,
}


def _check_ends(who: str, model: Model, task: Task, X: NDArray[np.float64], y: NDArray[np.int64]) -> None:
    """Fit both ends of the search space on half of the rows, as two inner folds do."""
    space = search_space(model, task)
    for end in (0, -1):
        params = {name: _end(distribution, end) for name, distribution in space.items()}
        try:
            half = len(X) // 2
            build(model, task, params, random_state=0).fit(X[:half], y[:half]).predict(X[half:])
        except Exception as error:
            raise AssertionError(f"{who}: the end {params} of its search space cannot be fitted: {error!r}") from error


def _end(distribution: Any, end: int) -> Any:
    if isinstance(distribution, CategoricalDistribution):
        return distribution.choices[end]
    return (distribution.low, distribution.high)[end]


def _check_labels(who: str, pipeline: Pipeline, X: NDArray[np.float64], y: NDArray[np.int64]) -> None:
    names = np.array(["left", "right"])
    predicted = clone(pipeline).fit(X, names[y]).predict(X)
    _require(
        set(predicted) <= set(names), f"{who}: fitted to the labels {names.tolist()}, it predicts {set(predicted)}."
    )
    _require(
        _equal(predicted, names[clone(pipeline).fit(X, y).predict(X)]),
        f"{who}: it predicts otherwise when the labels are text.",
    )


def _check_units(who: str, pipeline: Pipeline, X: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Check that targets in other units give the same predictions in those units; powers of two round alike."""
    predicted = clone(pipeline).fit(X, y).predict(X)
    _require(predicted.dtype == np.float64, f"{who}: it predicts {predicted.dtype}; real targets are float64.")
    larger = clone(pipeline).fit(X, 1024 * y).predict(X)
    _require(
        np.allclose(larger, 1024 * predicted, rtol=1e-6, atol=1e-6 * 1024 * float(np.std(y))),
        f"{who}: fitted to 1024 times the targets, it does not predict 1024 times the values; scale the targets.",
    )
    shift = 32 * float(np.std(y))
    shifted = clone(pipeline).fit(X, y + shift).predict(X) - shift
    _require(
        np.allclose(shifted, predicted, atol=0.1 * float(np.std(y))),
        f"{who}: fitted to targets with another mean, its predictions do not follow; centre the targets.",
    )


def _check_bad_features(who: str, pipeline: Pipeline, X: NDArray[np.float64], y: NDArray[np.int64]) -> None:
    fitted = clone(pipeline).fit(X, y)
    for value in (np.nan, np.inf):
        bad = X.copy()
        bad[3, 1] = value
        for action in (lambda bad=bad: clone(pipeline).fit(bad, y), lambda bad=bad: fitted.predict(bad)):
            _require(
                _raises(action, ValueError, "column 1"), f"{who}: a feature is {value}, and no error names its column."
            )


def _shortened(model: Model) -> Model:
    if "max_epochs" not in inspect.signature(model.estimator).parameters:
        return model
    space = {name: value for name, value in model.search_space.items() if name != "max_epochs"}
    defaults = {name: value for name, value in model.defaults.items() if name != "max_epochs"}
    return replace(model, fixed={**model.fixed, "max_epochs": 3}, search_space=space, defaults=defaults)


@contextmanager
def _no_global_randomness(who: str) -> Iterator[None]:
    """Check that the body neither seeds nor draws from the generators that everybody shares."""
    before = _global_states()
    yield
    for name, state in _global_states().items():
        _require(state == before.get(name, state), f"{who}: it uses the global random state of {name}.")


def _global_states() -> dict[str, bytes]:
    states = {"numpy": pickle.dumps(np.random.get_state())}  # noqa: NPY002  # this is what must not be used
    if "torch" in sys.modules:
        states["torch"] = sys.modules["torch"].get_rng_state().numpy().tobytes()
    return states


def _equal(first: NDArray[Any], second: NDArray[Any]) -> bool:
    return bool(np.array_equal(first, second))


def _same(first: NDArray[Any], second: NDArray[Any]) -> bool:
    """Compare labels exactly, and real values up to the rounding of sums in another order."""
    if not np.issubdtype(first.dtype, np.floating):
        return _equal(first, second)
    return bool(np.allclose(first, second, rtol=1e-9, atol=1e-9 * float(np.abs(first).max(initial=0.0))))


def _raises(action: Callable[[], object], error: type[Exception], text: str = "") -> bool:
    try:
        action()
    except error as caught:
        return text in str(caught)
    return False


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise AssertionError(message)
