"""A support vector machine on a projected quantum kernel."""

from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from optuna.distributions import FloatDistribution
from scipy.spatial.distance import pdist
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.svm import SVC
from sklearn.utils.validation import check_is_fitted, validate_data

from qml.circuits import BlochCircuit
from qml.models.model import MODELS, Model
from qml.nn import BlochVectors, QuantumLayer


class ProjectedKernelClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Support vector machine on K(x, z) = exp(−γ Σ_k ‖ρ_k(x) − ρ_k(z)‖²_F), ρ_k the state of wire k.

    Args:
        encoding: A registered encoding, with as many wires as features or one more.
        scaling: Features are multiplied by it first.
        width: γ in units of one over the median of the training rows' distances Σ_k ‖ρ_k − ρ'_k‖²_F; positive.
        C: Inverse strength of the penalty, positive.

    Attributes:
        classes_: Labels, sorted, shape (n_classes,).
        gamma_: γ.
        svc_: The fitted ``sklearn.svm.SVC`` on the Bloch vectors.

    Source: Huang et al. 2021 (doi:10.1038/s41467-021-22539-9, arXiv:2011.01938).

    >>> X = np.linspace(0, 1, 30).reshape(-1, 1)
    >>> ProjectedKernelClassifier().fit(X, X[:, 0] > 0.5).predict([[0.1], [0.9]]).tolist()
    [False, True]
    """

    def __init__(
        self, *, encoding: str = "heisenberg", scaling: float = 1.0, width: float = 1.0, C: float = 10.0
    ) -> None:
        self.encoding = encoding
        self.scaling = scaling
        self.width = width
        self.C = C

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit features, shape (n, n_features), and labels of any type, shape (n,)."""
        features, labels = validate_data(self, X, y, dtype=np.float64, ensure_min_samples=2)
        vectors = self._vectors(features)
        distances = pdist(vectors, "sqeuclidean") / 2
        # Equal rows have no distance to measure a width by.
        median = float(np.median(distances)) or 1.0
        self.gamma_ = self.width / median
        self.svc_ = SVC(C=self.C, gamma=self.gamma_ / 2, break_ties=True, random_state=0).fit(vectors, labels)
        self.classes_: NDArray[Any] = self.svc_.classes_
        return self

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the signed distance of each row, shape (n,) or (n, n_classes)."""
        vectors = self._checked_vectors(X)
        values: NDArray[np.float64] = self.svc_.decision_function(vectors)
        return values

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the label of each row, shape (n,)."""
        vectors = self._checked_vectors(X)
        labels: NDArray[Any] = self.svc_.predict(vectors)
        return labels

    def _build_kernel(self, n_features: int) -> BlochVectors:
        """Make the module of the kernel's features; a twin puts another in its place."""
        return BlochVectors(self.encoding, n_features, self.scaling)

    def _checked_vectors(self, X: ArrayLike) -> NDArray[np.float64]:
        check_is_fitted(self)
        return self._vectors(validate_data(self, X, dtype=np.float64, reset=False))

    def _vectors(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the Bloch vectors of every row, shape (n, 3 * n_wires)."""
        module = self._build_kernel(features.shape[1])
        with torch.inference_mode():
            vectors: NDArray[np.float64] = module(torch.tensor(features)).numpy()
        return vectors

    @classmethod
    def draw(cls, n_features: int, encoding: str = "heisenberg") -> str:
        """Return a text drawing of the circuit."""
        return QuantumLayer.from_circuit(BlochCircuit(encoding, n_features + 1)).draw()


SEARCH_SPACE = {
    "width": FloatDistribution(0.1, 10.0, log=True),
    "C": FloatDistribution(1e-1, 1e3, log=True),
}
DEFAULTS = {"width": 1.0, "C": 10.0}

MODELS.add(
    Model(
        name="projected-kernel",
        kind="quantum",
        summary="SVM on the one-wire states of a Heisenberg chain that the features couple",
        source="Huang et al. 2021 (doi:10.1038/s41467-021-22539-9, arXiv:2011.01938)",
        estimator=ProjectedKernelClassifier,
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
