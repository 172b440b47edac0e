"""A support vector machine on the fidelity of IQP-encoded states."""

from optuna.distributions import FloatDistribution

from qml.circuits import EmbeddingCircuit, encoding
from qml.errors import CircuitError
from qml.models.kernel_classifier import QuantumKernelClassifier
from qml.models.model import MODELS, Model
from qml.nn import FidelityKernel, QuantumLayer

MAX_WIRES = 20


class IQPKernelClassifier(QuantumKernelClassifier):
    """Support vector machine on K(x, z) = |⟨ψ(x)|ψ(z)⟩|², one wire a feature.

    Args:
        encoding: A registered encoding with one feature a wire.
        scaling: Bandwidth: radians a unit of a feature, positive.
        C: Inverse strength of the penalty, positive.

    Attributes:
        classes_: Labels, sorted, shape (n_classes,).
        svc_: The fitted ``sklearn.svm.SVC``, on a precomputed kernel.
        kernel_: The kernel, a module.
        X_fit_: Training features, shape (n, n_features).

    Source: Havlíček et al. 2019 (arXiv:1804.11326); bandwidth: Shaydulin, Wild 2022 (arXiv:2111.05451).

    >>> import numpy as np
    >>> X = np.linspace(0, 2, 30).reshape(-1, 1)
    >>> IQPKernelClassifier().fit(X, X[:, 0] > 1).predict([[0.2], [1.8]]).tolist()
    [False, True]
    """

    def __init__(self, *, encoding: str = "havlicek", scaling: float = 0.3, C: float = 10.0) -> None:
        super().__init__(C=C)
        self.encoding = encoding
        self.scaling = scaling

    def _build_kernel(self, n_features: int) -> FidelityKernel:
        if n_features > MAX_WIRES:
            raise CircuitError(
                f"{n_features} features ask for {n_features} wires, and the kernel takes up to {MAX_WIRES}; "
                "reduce them first, for example with PCA."
            )
        if encoding(self.encoding).n_features(n_features) != n_features:
            raise CircuitError(f"the encoding {self.encoding!r} does not take one feature a wire; choose another.")
        return FidelityKernel(self.encoding, n_features, self.scaling)

    @classmethod
    def draw(cls, n_features: int, encoding: str = "havlicek") -> str:
        """Return a text drawing of the encoding."""
        return QuantumLayer.from_circuit(EmbeddingCircuit(encoding, n_features)).draw()


SEARCH_SPACE = {
    "scaling": FloatDistribution(0.05, 2.0, log=True),
    "C": FloatDistribution(1e-1, 1e3, log=True),
}
DEFAULTS = {"scaling": 1.0, "C": 10.0}  # the first trial is the paper's kernel, without a bandwidth

MODELS.add(
    Model(
        name="iqp-kernel",
        kind="quantum",
        summary="SVM on the fidelity kernel of Havlíček's IQP encoding, tuned bandwidth",
        source="Havlíček et al. 2019 (arXiv:1804.11326)",
        estimator=IQPKernelClassifier,
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
