"""What a verdict needs to know about a task, and about how the study was run."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from qml.advantage.looks import Looks, check_looks
from qml.advantage.scores import Design, check_alpha, check_chance, check_design, check_margin, json_safe
from qml.errors import SpecError

MIN_REPLICATES = 10
SCORE_AXES = ("generalisation", "generative", "optimisation")  # whose claims are about the test score itself


def check_looks_of_axis(looks: Sequence[int], axis: str) -> None:
    """Refuse looks on an axis whose difference in one replicate depends on the others.

    Raises:
        SpecError: If there are looks, and the axis is steps-to-target.

    >>> check_looks_of_axis([10, 20], "sample-efficiency")
    """
    if looks and axis == "steps-to-target":
        raise SpecError(
            "looks are not for the axis steps-to-target: a cost that was not reached counts as the fewest steps that "
            "any fit was allowed, and that may fall when replicates are added, so an earlier look would not stay as it "
            "was. Leave looks out."
        )


@dataclass(frozen=True)
class TaskSettings:
    """One task, as the verdict sees it.

    Args:
        name: The task's name.
        design: ``"fresh"`` (every replicate draws new data) or ``"resampled"`` (splits of one finite data set).
        test_fraction: n_test / (n_test + n_train); used, and needed, when resampled.
        n_test: Test rows a replicate.
        metric: The metric's name; higher is better.
        chance: The score of guessing.
        margin: The smallest difference that matters, in units of the metric.
        engineered: Whether the generator favours quantum.
        null: Whether there is nothing to learn.
        shared_angles: False if features are angles, which a circuit reads as points on the circle, and the classical
            models could not have [sin x, cos x] of them.
        curve: The learning curve that it is a point of; None if it stands alone.
        cost: Where on the curve: training rows, or copies of a state.
        axis_margin: The smallest difference that matters on the protocol's axis; None for the axis' own.
        own_validation: Whether validation scores are of another kind than the metric, such as held-out log-likelihoods:
            chance says nothing about them, and a failed fit is then below all others.

    Raises:
        SpecError: If a value cannot be used.

    >>> TaskSettings("moons", "fresh", None, 1000, "balanced-accuracy", chance=0.5, margin=0.02).fraction is None
    True
    """

    name: str
    design: Design
    test_fraction: float | None
    n_test: int
    metric: str
    chance: float
    margin: float
    engineered: bool = False
    null: bool = False
    shared_angles: bool = True
    curve: str | None = None
    cost: float | None = None
    axis_margin: float | None = None
    own_validation: bool = False

    def __post_init__(self) -> None:
        check_design(self.design, self.fraction)
        check_margin(self.margin)
        check_chance(self.chance)
        if self.n_test < 1:
            raise SpecError(f"task {self.name!r}: n_test must be at least 1; got {self.n_test}.")

    @property
    def fraction(self) -> float | None:
        """The test fraction where it matters: None for fresh draws."""
        return None if self.design == "fresh" else self.test_fraction


@dataclass(frozen=True)
class Protocol:
    """How the study was run.

    Args:
        alpha: One-sided error rate of a claim.
        trials: Tuning trials a side in total, per replicate.
        inner_folds: Folds of the inner cross-validation.
        replicates: Planned replicates a task.
        required_pool: Classical models without which there is no verdict.
        looks: Numbers of replicates at which fresh tasks are looked at, the last being ``replicates``; empty for one
            look at the end.  Repeated splits are judged once, at the end.
        not_applicable: For a kind of twin, the quantum models that have nothing for it to take out, such as a kernel
            without trained weights for ``"frozen"``.
        axis: What the claims are about, see `qml.advantage.axes.AXES`.
        survival: Names of the settings of shots and noise in which the quantum models are scored again.
        target: The score (or loss) that counts as reached, where the axis needs one.

    Raises:
        SpecError: If a value cannot be used.

    >>> Protocol(alpha=0.05, trials=28, inner_folds=2, replicates=10, required_pool=("logistic",)).to_dict()["alpha"]
    0.05
    """

    alpha: float
    trials: int
    inner_folds: int
    replicates: int
    required_pool: tuple[str, ...] = ()
    looks: Looks = ()
    not_applicable: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    axis: str = "generalisation"
    target: float | None = None
    survival: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_alpha(self.alpha)
        if self.replicates < 1:
            raise SpecError(f"a protocol plans at least 1 replicate; got {self.replicates}.")
        object.__setattr__(self, "looks", check_looks(self.looks, MIN_REPLICATES))
        check_looks_of_axis(self.looks, self.axis)
        if self.looks and self.looks[-1] != self.replicates:
            raise SpecError(
                f"the last look must be at the planned number of replicates, {self.replicates}; "
                f"got looks={list(self.looks)}."
            )

    def looks_of(self, design: Design) -> Looks:
        """Return the looks of a task of that design; empty for one look at the end."""
        return self.looks if design == "fresh" else ()

    def to_dict(self) -> dict[str, Any]:
        """Return the protocol in JSON's types."""
        safe: dict[str, Any] = json_safe({**asdict(self), "min_replicates": MIN_REPLICATES})
        return safe
