"""String order, read by a circuit that undoes the cluster state."""

import pennylane as qp
from optuna.distributions import FloatDistribution
from sklearn.linear_model import LogisticRegression

from qml.circuits.cluster import read_stabilizers
from qml.models.model import MODELS, Model

N_DRAWN = 6


class StringOrderClassifier(LogisticRegression):  # type: ignore[misc]  # scikit-learn ships no types
    """Logistic regression on the stabilizers of a cluster state, all of them read from the same copies.

    The measurement is part of the data: the model reads the block ``"cluster"`` of the task ``cluster-ising``.

    Args:
        C: Inverse strength of the L2 penalty, positive.

    Source: Cong, Choi, Lukin 2019 (doi:10.1038/s41567-019-0648-8, arXiv:1810.03787).

    >>> StringOrderClassifier(C=1e3).fit([[1.0], [0.9], [0.1], [0.0]], [1, 1, 0, 0]).predict([[1.0], [0.0]]).tolist()
    [1, 0]
    """

    def __init__(self, *, C: float = 1.0) -> None:
        super().__init__(C=C)

    @classmethod
    def draw(cls, n_features: int, entangling: bool = True) -> str:
        """Return a text drawing of the measurement of six wires, whatever ``n_features`` is."""
        circuit = qp.QNode(lambda: read_stabilizers(range(N_DRAWN), entangling=entangling), qp.device("default.qubit"))
        drawing: str = qp.draw(circuit)()
        return drawing


SEARCH_SPACE = {"C": FloatDistribution(1e-3, 1e3, log=True)}
DEFAULTS = {"C": 1.0}

MODELS.add(
    Model(
        name="string-order",
        kind="quantum",
        summary="a circuit that undoes the cluster state reads all of its stabilizers at once; logistic regression",
        source="Cong, Choi, Lukin 2019 (doi:10.1038/s41567-019-0648-8, arXiv:1810.03787)",
        estimator=StringOrderClassifier,
        fixed={"features": "cluster"},
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
