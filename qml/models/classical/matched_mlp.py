"""The multi-layer perceptron with as many parameters as the quantum model."""

import math

import numpy as np
import torch
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from torch import Generator, nn

from qml.models.classical.mlp import perceptron
from qml.models.model import MODELS, Model
from qml.models.torch_classifier import TorchClassifier


class MatchedMLPClassifier(TorchClassifier):
    """One hidden tanh layer, the narrowest with at least as many parameters as the data re-uploading classifier.

    Args:
        n_layers: Layers of the re-uploading classifier it is matched to, at least 1.
        max_epochs: Passes over the training part at most.
        batch_size: Samples a step at most.
        learning_rate: Step size of Adam.
        validation_fraction: Share of the training data held out for early stopping.
        patience: Epochs without a better validation loss before the fit stops.
        random_state: A whole number of any size, a ``numpy.random.RandomState``, or None.

    >>> X = np.linspace(-1, 1, 40).reshape(-1, 1)
    >>> mlp = MatchedMLPClassifier(n_layers=3, random_state=0).fit(X, X[:, 0] > 0)
    >>> mlp.n_parameters_, reuploading_parameter_count(n_features=1, n_layers=3, n_outputs=1)
    (16, 14)
    """

    _prediction_dtype = torch.float64

    def __init__(
        self,
        *,
        n_layers: int = 2,
        max_epochs: int = 100,
        batch_size: int = 32,
        learning_rate: float = 0.02,
        validation_fraction: float = 0.2,
        patience: int = 30,
        random_state: int | np.random.RandomState | None = None,
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

    def _build_module(self, n_features: int, n_outputs: int, generator: Generator) -> nn.Module:
        target = reuploading_parameter_count(n_features, self.n_layers, n_outputs)
        # A hidden unit has n_features weights and a bias before it and n_outputs weights after it.
        width = max(1, math.ceil((target - n_outputs) / (n_features + 1 + n_outputs)))
        return perceptron([n_features, width, n_outputs], generator)


def reuploading_parameter_count(n_features: int, n_layers: int, n_outputs: int) -> int:
    """Count the trainable numbers of the data re-uploading classifier.

    One wire a feature; each layer has three rotation angles and one input scaling a wire; a linear head maps one
    expectation value a wire to the outputs.  The models' tests compare this with the real module.

    >>> reuploading_parameter_count(n_features=4, n_layers=2, n_outputs=1)
    37
    """
    circuit = n_layers * n_features * (3 + 1)
    head = n_outputs * (n_features + 1)
    return circuit + head


MODELS.add(
    Model(
        name="matched-mlp",
        kind="classical",
        summary="one-layer perceptron with as many parameters as the data re-uploading classifier",
        source="Rumelhart, Hinton, Williams 1986 (doi:10.1038/323533a0)",
        estimator=MatchedMLPClassifier,
        search_space={
            "learning_rate": FloatDistribution(1e-3, 1e-1, log=True),
            "n_layers": IntDistribution(1, 4),
            "validation_fraction": CategoricalDistribution([0.0, 0.2]),
        },
        defaults={"learning_rate": 3e-2, "n_layers": 2, "validation_fraction": 0.0},
    )
)
