"""The swap test on pairs of copies, and a threshold on how often it passes."""

import pennylane as qp
from optuna.distributions import FloatDistribution
from sklearn.linear_model import LogisticRegression

from qml.circuits.swap_test import swap_test
from qml.models.model import MODELS, Model


class SwapTestClassifier(LogisticRegression):  # type: ignore[misc]  # scikit-learn ships no types
    """Logistic regression on the share of the swap tests that two copies of an unknown state pass.

    The measurement is part of the data, since a copy can be measured once: the model reads the block ``"two-copy"`` of
    a task.

    Args:
        C: Inverse strength of the L2 penalty, positive.

    Source: Huang et al. 2022 (arXiv:2112.00778).

    >>> SwapTestClassifier(C=1e3).fit([[1.0], [1.0], [0.5], [0.25]], [1, 1, 0, 0]).predict([[1.0], [0.0]]).tolist()
    [1, 0]
    """

    def __init__(self, *, C: float = 1.0) -> None:
        super().__init__(C=C)

    @classmethod
    def draw(cls, n_features: int) -> str:
        """Return a text drawing of the test of two copies on two wires each, whatever ``n_features`` is."""
        circuit = qp.QNode(lambda: swap_test(0, [1, 2], [3, 4]), qp.device("default.qubit"))
        drawing: str = qp.draw(circuit)()
        return drawing


SEARCH_SPACE = {"C": FloatDistribution(1e-3, 1e3, log=True)}
DEFAULTS = {"C": 1.0}

MODELS.add(
    Model(
        name="swap-test",
        kind="quantum",
        summary="swap tests on pairs of copies, logistic regression on the share that passes",
        source="Huang et al. 2022 (doi:10.1126/science.abn7293, arXiv:2112.00778)",
        estimator=SwapTestClassifier,
        fixed={"features": "two-copy"},
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
