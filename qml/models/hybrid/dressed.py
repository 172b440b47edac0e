"""The dressed quantum circuit, a trained classical layer on either side, and the classifier on it."""

import math

import torch
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from torch import Tensor, nn

from qml.circuits import DressedCircuit
from qml.models.model import MODELS, Model
from qml.models.torch_classifier import TorchClassifier
from qml.models.torch_estimator import TorchEstimator
from qml.nn import QuantumLayer
from qml.nn.linear import linear

N_WIRES = 4


class ToAngles(nn.Module):
    """Map real numbers to angles in (-pi/2, pi/2): (pi/2) tanh."""

    def forward(self, values: Tensor) -> Tensor:
        """Return angles of the shape of ``values``, in radians."""
        return (math.pi / 2) * torch.tanh(values)


class Dressed(TorchEstimator):
    """Linear, (pi/2) tanh, quantum circuit, linear.

    Args:
        n_wires: Number of wires.
        n_layers: Layers of the circuit.
        entangling: False drops the CNOTs and keeps everything else.
        max_epochs: Passes over the training part at most.
        batch_size: Samples a step at most.
        learning_rate: Step size of Adam.
        validation_fraction: Share of the training data held out for early stopping.
        patience: Epochs without a better validation loss before the fit stops.
        random_state: Seed of the initial weights and of the order of samples.

    Source: Mari et al. 2020 (arXiv:1912.08278).
    """

    _prediction_dtype = torch.float64

    def __init__(
        self,
        *,
        n_wires: int = N_WIRES,
        n_layers: int = 2,
        entangling: bool = True,
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
        self.n_wires = n_wires
        self.n_layers = n_layers
        self.entangling = entangling

    def _build_module(self, n_features: int, n_outputs: int, generator: torch.Generator) -> nn.Module:
        circuit = DressedCircuit(self.n_wires, self.n_layers, self.entangling)
        return nn.Sequential(
            linear(n_features, self.n_wires, generator),
            ToAngles(),
            QuantumLayer.from_circuit(circuit, generator=generator),
            linear(self.n_wires, n_outputs, generator),
        )

    @classmethod
    def draw(cls, n_features: int, entangling: bool = True) -> str:
        """Return a text drawing of the circuit, which has its own number of wires whatever ``n_features`` is."""
        return QuantumLayer.from_circuit(DressedCircuit(N_WIRES, 2, entangling)).draw()


class DressedClassifier(Dressed, TorchClassifier):
    """The dressed classifier; arguments are those of `Dressed`.

    >>> import numpy as np
    >>> X = np.linspace(-1, 1, 40).reshape(-1, 1)
    >>> DressedClassifier(random_state=0).fit(X, X[:, 0] > 0).predict([[-0.8], [0.8]]).tolist()
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
        name="dressed",
        kind="hybrid",
        summary="dressed circuit: linear, (pi/2) tanh, 4-wire circuit, linear",
        source="Mari et al. 2020 (arXiv:1912.08278)",
        estimator=DressedClassifier,
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
