"""What a score is: its direction, its chance level and the margin that matters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from numpy.typing import ArrayLike

from qml.errors import SpecError
from qml.registry import Registry
from qml.tasks.problem import Problem, check_problem


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A score, oriented so that higher is better.

    Args:
        name: In kebab-case.
        summary: One line.
        score: ``(y_true, y_pred) -> float``, both of shape (n,).
        problem: The kind of problem it scores.
        chance: ``n_classes -> float``, the expected score of a learner that ignores the features; of classification,
            and of nothing else: elsewhere it depends on the task, see `qml.tasks.chance_level`.
        margin: A difference below it is of no practical interest (VERDICT.md, section 1).
        validation: ``(y_true, y_pred) -> float``, higher is better: the score on inner folds, where the training part
            does not hold what ``score`` needs, such as the true probabilities of strings; by default ``score``.
        secondary: ``(task, X_train, X_test, y_true, y_pred) -> numbers by name``, reported beside the score; no claim
            rests on them.

    Raises:
        SpecError: If the margin is not positive, or ``chance`` is missing or given where there are no classes.
    """

    name: str
    summary: str
    score: Callable[[ArrayLike, ArrayLike], float]
    problem: Problem = "classification"
    chance: Callable[[int], float] | None = None
    margin: float
    validation: Callable[[ArrayLike, ArrayLike], float] | None = None
    secondary: Callable[..., Mapping[str, float]] | None = None

    @property
    def tuning_score(self) -> Callable[[ArrayLike, ArrayLike], float]:
        """What a trial is scored by on the inner folds."""
        return self.validation or self.score

    def __post_init__(self) -> None:
        check_problem(f"metric {self.name!r}", self.problem)
        if (self.chance is not None) != (self.problem == "classification"):
            raise SpecError(
                f"metric {self.name!r}: chance is given for classification and for no other; "
                f"got problem={self.problem!r}, chance={self.chance}."
            )
        if not self.margin > 0:
            raise SpecError(f"metric {self.name!r}: margin must be positive; got {self.margin}.")


METRICS: Registry[Metric] = Registry("metric", "qml.tasks")


def metric(name: str) -> Metric:
    """Return the metric of that name.

    Raises:
        SpecError: If there is none; the message names the nearest one and lists all.

    >>> metric("balanced-accuracy").score([0, 0, 0, 1], [0, 0, 0, 0])
    0.5
    """
    return METRICS.get(name)
