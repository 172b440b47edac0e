"""The fidelity of IQP-encoded states as a kernel, and a support vector machine on it."""

import copy
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from optuna.distributions import FloatDistribution
from sklearn.utils.validation import check_is_fitted, validate_data

from qml.circuits import EmbeddingCircuit, encoding
from qml.errors import CircuitError
from qml.models.kernel_estimator import QuantumKernel, QuantumKernelClassifier
from qml.models.model import MODELS, Model
from qml.nn import FidelityKernel, QuantumLayer
from qml.simulators import NoiseModel

MAX_WIRES = 20


@dataclass(frozen=True)
class _Backend:
    """How the entries of a fitted kernel are estimated."""

    shots: int | None
    noise: NoiseModel | None
    seed: int


class IQPKernel(QuantumKernel):
    """A kernel machine on K(x, z) = |⟨ψ(x)|ψ(z)⟩|², one wire a feature.

    Args:
        encoding: A registered encoding with one feature a wire.
        scaling: Bandwidth: radians a unit of a feature, positive.
        C: Inverse strength of the penalty, positive.

    Attributes:
        kernel_: The kernel, a module.
        X_fit_: Training features, shape (n, n_features).

    Source: Havlíček et al. 2019 (arXiv:1804.11326); bandwidth: Shaydulin, Wild 2022 (arXiv:2111.05451).
    """

    _backend: _Backend | None = None

    def __init__(self, *, encoding: str = "havlicek", scaling: float = 0.3, C: float = 10.0) -> None:
        super().__init__(C=C)
        self.encoding = encoding
        self.scaling = scaling

    def _build_kernel(self, n_features: int, **options: Any) -> FidelityKernel:
        if n_features > MAX_WIRES:
            raise CircuitError(
                f"{n_features} features ask for {n_features} wires, and the kernel takes up to {MAX_WIRES}; "
                "reduce them first, for example with PCA."
            )
        if encoding(self.encoding).n_features(n_features) != n_features:
            raise CircuitError(f"the encoding {self.encoding!r} does not take one feature a wire; choose another.")
        return FidelityKernel(self.encoding, n_features, self.scaling, **options)

    def with_backend(self, *, shots: int | None = None, noise: NoiseModel | None = None, random_state: int = 0) -> Self:
        """Return a copy of the fitted model that predicts from estimated kernel entries; nothing is fitted anew.

        Args:
            shots: Samples an entry; None for exact values.
            noise: Channels after the gates and errors of the readout, on up to eight wires; None for none.
            random_state: Seed of the samples; each call of the copy draws the same ones.

        Raises:
            CircuitError: At the prediction, if there are more wires than noise can be computed on.
        """
        check_is_fitted(self)
        clone = copy.copy(self)
        clone._backend = _Backend(shots, noise, random_state)
        return clone

    def _kernel_with_training(self, X: ArrayLike) -> NDArray[np.float64]:
        check_is_fitted(self)
        features = validate_data(self, X, dtype=np.float64, reset=False)
        return self._kernel(features) if self._backend is None else self._estimated_kernel(features, self._backend)

    def _estimated_kernel(self, features: NDArray[np.float64], backend: _Backend) -> NDArray[np.float64]:
        """Do as ``_kernel`` under shots and noise, in the columns that predictions look at; the others stay zero."""
        generator = None if backend.shots is None else torch.Generator().manual_seed(backend.seed)
        kernel = self._build_kernel(
            self.X_fit_.shape[1], shots=backend.shots, noise=backend.noise, shot_generator=generator
        )
        used = self._support()
        values = np.zeros((len(features), len(self.X_fit_)))
        with torch.no_grad():
            values[:, used] = kernel(torch.tensor(features), torch.tensor(self.X_fit_[used])).numpy()
        return values

    @classmethod
    def draw(cls, n_features: int, encoding: str = "havlicek") -> str:
        """Return a text drawing of the encoding."""
        return QuantumLayer.from_circuit(EmbeddingCircuit(encoding, n_features)).draw()


class IQPKernelClassifier(IQPKernel, QuantumKernelClassifier):
    """Support vector machine on the kernel; arguments are those of `IQPKernel`.

    >>> X = np.linspace(0, 2, 30).reshape(-1, 1)
    >>> IQPKernelClassifier().fit(X, X[:, 0] > 1).predict([[0.2], [1.8]]).tolist()
    [False, True]
    """


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
