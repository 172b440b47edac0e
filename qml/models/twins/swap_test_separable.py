"""The swap test without the gates between the copies: each copy is measured by itself."""

import pennylane as qp

from qml.models.model import MODELS, Model
from qml.models.quantum.swap_test import DEFAULTS, SEARCH_SPACE, SwapTestClassifier


class SingleCopyClassifier(SwapTestClassifier):
    """Logistic regression on what the same copies give when each is measured alone, in the computational basis.

    Without its controlled swaps the test's ancilla says nothing, so the twin reads the copies themselves.

    Source: Huang et al. 2022 (arXiv:2112.00778), the conventional experiment.
    """

    @classmethod
    def draw(cls, n_features: int) -> str:
        """Return a text drawing of the measurement of two copies on two wires each, whatever ``n_features`` is."""
        circuit = qp.QNode(lambda: [qp.sample(wires=wire) for wire in range(4)], qp.device("default.qubit"))
        drawing: str = qp.draw(circuit)()
        return drawing


MODELS.add(
    Model(
        name="swap-test-separable",
        kind="twin",
        twin_of="swap-test",
        twin="separable",
        summary="swap-test without its controlled swaps: every copy is measured by itself",
        source="Huang et al. 2022 (doi:10.1126/science.abn7293, arXiv:2112.00778)",
        estimator=SingleCopyClassifier,
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
