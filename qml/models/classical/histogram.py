"""What was seen, as often as it was seen, and a little of everything else."""

from optuna.distributions import FloatDistribution

from qml.models.bit_strings import BitStringModel, Float
from qml.models.model import MODELS, Model


class Histogram(BitStringModel):
    """The empirical distribution with Laplace's pseudo-counts: it remembers, and knows of no likeness of strings.

    Args:
        alpha: Pseudo-counts of every string, positive.

    >>> Histogram(alpha=1.0).fit([[0, 1], [1, 1]]).probabilities_.round(3).tolist()
    [0.167, 0.333, 0.167, 0.333]
    """

    def __init__(self, alpha: float = 0.1) -> None:
        self.alpha = alpha

    def _distribution(self, counts: Float, bits: Float) -> Float:
        return counts + self.alpha


MODELS.add(
    Model(
        name="histogram",
        kind="classical",
        problem="generation",
        summary="empirical frequencies with Laplace smoothing",
        source="Laplace 1814; Lidstone 1920",
        estimator=Histogram,
        search_space={"alpha": FloatDistribution(1e-4, 10.0, log=True)},
        defaults={"alpha": 0.1},
    )
)
