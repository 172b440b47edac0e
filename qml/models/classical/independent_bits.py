"""Independent bits: a product of Bernoulli distributions."""

import numpy as np
from optuna.distributions import FloatDistribution

from qml.models.bit_strings import BitStringModel, Float
from qml.models.model import MODELS, Model
from qml.tasks.bit_strings import all_strings


class IndependentBits(BitStringModel):
    """Each bit has its own probability of being one, and knows nothing of the others.

    Args:
        alpha: Pseudo-counts of either value of a bit, positive.

    >>> model = IndependentBits(alpha=1.0).fit([[0, 1], [1, 1]])
    >>> model.predict([[0, 1]]).tolist()
    [0.375]
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def _distribution(self, counts: Float, bits: Float) -> Float:
        ones = (bits.sum(axis=0) + self.alpha) / (len(bits) + 2 * self.alpha)
        strings = all_strings(bits.shape[1])
        product: Float = np.where(strings == 1, ones, 1 - ones).prod(axis=1)
        return product


MODELS.add(
    Model(
        name="independent-bits",
        kind="classical",
        problem="generation",
        summary="a product of Bernoulli distributions",
        source="textbook; the model of a quantum circuit without entanglement, too",
        estimator=IndependentBits,
        search_space={"alpha": FloatDistribution(1e-2, 10.0, log=True)},
        defaults={"alpha": 1.0},
    )
)
