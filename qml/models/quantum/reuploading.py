"""Data re-uploading, and the classifier on it."""

import torch
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from torch import nn

from qml.circuits import ReuploadingCircuit
from qml.models.model import MODELS, Model
from qml.models.torch_classifier import TorchClassifier
from qml.models.torch_estimator import TorchEstimator
from qml.nn import QuantumLayer
from qml.nn.linear import linear


class Reuploading(TorchEstimator):
    """One wire a feature, uploaded before every layer; a linear head reads ⟨Z⟩ of every wire.

    Args:
        n_layers: Uploads, at least 1.
        ansatz: A registered ansatz; ``"product"`` makes the separable twin.
        max_epochs: Passes over the training part at most.
        batch_size: Samples a step at most.
        learning_rate: Step size of Adam.
        validation_fraction: Share of the training data held out for early stopping.
        patience: Epochs without a better validation loss before the fit stops.
        random_state: Seed of the initial weights and of the order of samples.

    Source: Pérez-Salinas et al. 2020 (arXiv:1907.02085).
    """

    _prediction_dtype = torch.float64

    def __init__(
        self,
        *,
        n_layers: int = 2,
        ansatz: str = "strongly-entangling",
        max_epochs: int = 100,
        batch_size: int = 32,
        learning_rate: float = 0.02,
        validation_fraction: float = 0.2,
        patience: int = 20,
        random_state: int | None = None,
    ) -> None:
        super().__init__(
            max_epochs=max_epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            validation_fraction=validation_fraction,
            patience=patience,
            random_state=random_state,
        )
        self.n_layers = n_layers
        self.ansatz = ansatz

    def _build_module(self, n_features: int, n_outputs: int, generator: torch.Generator) -> nn.Module:
        circuit = ReuploadingCircuit(n_features, self.n_layers, self.ansatz)
        layer = QuantumLayer.from_circuit(circuit, generator=generator)
        nn.init.ones_(layer.get_parameter("scalings"))
        return nn.Sequential(layer, linear(n_features, n_outputs, generator))

    @classmethod
    def draw(cls, n_features: int, ansatz: str = "strongly-entangling") -> str:
        """Return a text drawing of the circuit with two uploads."""
        return QuantumLayer.from_circuit(ReuploadingCircuit(n_features, 2, ansatz)).draw()


class ReuploadingClassifier(Reuploading, TorchClassifier):
    """The data re-uploading classifier; arguments are those of `Reuploading`.

    >>> import numpy as np
    >>> X = np.linspace(-1, 1, 40).reshape(-1, 1)
    >>> ReuploadingClassifier(random_state=0).fit(X, X[:, 0] > 0).predict([[-0.8], [0.8]]).tolist()
    [False, True]
    """


SEARCH_SPACE = {
    "n_layers": IntDistribution(1, 4),
    "learning_rate": FloatDistribution(1e-3, 1e-1, log=True),
    "validation_fraction": CategoricalDistribution([0.0, 0.2]),  # as for the classical networks
}
DEFAULTS = {"n_layers": 2, "learning_rate": 0.02, "validation_fraction": 0.0}

MODELS.add(
    Model(
        name="reuploading",
        kind="quantum",
        summary="data re-uploading circuit, one wire a feature, trained input scalings, linear head",
        source="Pérez-Salinas et al. 2020 (arXiv:1907.02085)",
        estimator=ReuploadingClassifier,
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
