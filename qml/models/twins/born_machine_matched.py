"""The Born machine with a classical layer in its circuit's place, and Boltzmann's rule in that of Born's."""

import math
from typing import Literal

import torch
from optuna.distributions import CategoricalDistribution
from torch import Tensor, nn

from qml.circuits import BornCircuit
from qml.models.fitted_bits import Boltzmann, FittedBits, Loss
from qml.models.model import MODELS, Model
from qml.models.quantum.born_machine import DEFAULTS, SEARCH_SPACE
from qml.nn.linear import linear

Activation = Literal["cos", "tanh"]


class _Cos(nn.Module):
    def forward(self, inputs: Tensor) -> Tensor:
        return torch.cos(inputs)


class MatchedBornMachine(FittedBits):
    """Linear, then cos or tanh, then linear: the logit of a string; with at least as many weights as the circuit has.

    Everything else is as in ``BornMachine``: losses, smoothing, restarts, iterations.

    Args:
        n_layers: Of the circuit whose weights are counted.
        activation: ``"cos"`` or ``"tanh"``.
        loss: See `FittedBits`.
        smoothing: Share of the uniform distribution that is mixed in.
        start: Which initial weights.
        max_iterations: Iterations of L-BFGS-B at most.
        random_state: Seed of the initial weights, together with ``start``.

    >>> X = [[0, 0, 0], [1, 1, 1]] * 10
    >>> MatchedBornMachine(n_layers=1, random_state=0).fit(X).n_parameters_ >= 9
    True
    """

    def __init__(
        self,
        *,
        n_layers: int = 6,
        activation: Activation = "cos",
        loss: Loss = "likelihood",
        smoothing: float = 0.01,
        start: int = 0,
        max_iterations: int = 200,
        random_state: int | None = None,
    ) -> None:
        super().__init__(
            loss=loss, smoothing=smoothing, start=start, max_iterations=max_iterations, random_state=random_state
        )
        self.n_layers = n_layers
        self.activation = activation

    def _build_module(self, n_bits: int, generator: torch.Generator) -> nn.Module:
        n_weights = math.prod(BornCircuit(n_bits, self.n_layers).weight_shapes["weights"])
        n_hidden = math.ceil(n_weights / (n_bits + 2))
        network = nn.Sequential(
            linear(n_bits, n_hidden, generator),
            _Cos() if self.activation == "cos" else nn.Tanh(),
            linear(n_hidden, 1, generator),
        )
        return Boltzmann(network, n_bits)


MODELS.add(
    Model(
        name="born-machine-matched",
        kind="twin",
        problem="generation",
        twin_of="born-machine",
        twin="matched",
        summary="one hidden layer over all strings in the circuit's place, at least as many weights",
        source="VERDICT.md, L2; LeCun et al. 2006, A tutorial on energy-based learning",
        estimator=MatchedBornMachine,
        search_space={**SEARCH_SPACE, "activation": CategoricalDistribution(["cos", "tanh"])},
        defaults={**DEFAULTS, "activation": "cos"},
    )
)
