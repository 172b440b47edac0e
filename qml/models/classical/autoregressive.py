"""The fully visible belief net: each bit by logistic regression on those before it."""

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import CategoricalDistribution, FloatDistribution
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import PolynomialFeatures

from qml.models.bit_strings import BitStringModel, Float
from qml.models.model import MODELS, Model
from qml.tasks.bit_strings import all_strings


class AutoregressiveLogistic(BitStringModel):
    """The probability of a string as a product of logistic regressions, bit by bit.

    Args:
        C: Inverse strength of the L2 penalty, positive.
        interactions: Whether products of two earlier bits are features, too.

    >>> X = [[0, 0], [1, 1]] * 10
    >>> AutoregressiveLogistic(C=100.0).fit(X).predict([[0, 0], [0, 1]]).round(1).tolist()
    [0.5, 0.0]
    """

    def __init__(self, C: float = 1.0, interactions: bool = False) -> None:
        self.C = C
        self.interactions = interactions

    def _distribution(self, counts: Float, bits: Float) -> Float:
        strings = all_strings(bits.shape[1])
        signs, every = 2 * bits - 1, 2 * strings - 1
        result = np.ones(len(strings))
        for column in range(bits.shape[1]):
            ones = self._conditional(signs[:, :column], bits[:, column], every[:, :column])
            result *= np.where(strings[:, column] == 1, ones, 1 - ones)
        return result

    def _conditional(self, X: Float, y: Float, rows: Float) -> NDArray[np.float64] | float:
        """Return the probability that a bit is one, for each of the rows of earlier bits."""
        ones = (y.sum() + 1) / (len(y) + 2)
        if X.shape[1] == 0 or len(np.unique(y)) < 2:  # nothing to depend on, or nothing that varies
            return float(ones)
        if self.interactions and X.shape[1] > 1:
            products = PolynomialFeatures(2, interaction_only=True, include_bias=False)
            X, rows = products.fit_transform(X), products.transform(rows)
        fitted = LogisticRegression(C=self.C, max_iter=2000).fit(X, y)
        probability: NDArray[np.float64] = fitted.predict_proba(rows)[:, 1]
        return probability


MODELS.add(
    Model(
        name="autoregressive",
        kind="classical",
        problem="generation",
        summary="each bit by logistic regression on those before it",
        source="Frey, Hinton, Dayan 1996; Larochelle, Murray 2011 (FVSBN)",
        estimator=AutoregressiveLogistic,
        search_space={
            "C": FloatDistribution(1e-2, 1e2, log=True),
            "interactions": CategoricalDistribution([False, True]),
        },
        defaults={"C": 1.0, "interactions": False},
    )
)
