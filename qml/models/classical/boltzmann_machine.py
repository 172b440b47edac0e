"""The restricted Boltzmann machine, with its likelihood summed over all strings instead of sampled."""

import torch
from optuna.distributions import FloatDistribution, IntDistribution
from torch import Tensor, nn

from qml.models.fitted_bits import Boltzmann, FittedBits, Loss
from qml.models.model import MODELS, Model
from qml.nn.linear import linear


class FreeEnergy(nn.Module):
    """Minus the free energy of a string: a linear term, and a softplus of each hidden unit's input."""

    def __init__(self, n_bits: int, n_hidden: int, generator: torch.Generator) -> None:
        super().__init__()
        self.visible = linear(n_bits, 1, generator)
        self.hidden = linear(n_bits, n_hidden, generator)

    def forward(self, strings: Tensor) -> Tensor:
        """Map strings of ±1, shape (n, n_bits), to logits, shape (n, 1)."""
        inputs = self.hidden(strings)
        result: Tensor = self.visible(strings) + nn.functional.softplus(inputs).sum(dim=1, keepdim=True)
        return result


class RestrictedBoltzmann(FittedBits):
    """Visible bits and hidden units, and no links within either; fitted by exact maximum likelihood.

    With at most 12 bits every string can be listed, so there is no contrastive divergence and no sampling error.

    Args:
        n_hidden: Hidden units, at least 1.
        penalty: L2 penalty on all weights, at least 0.
        start: Which initial weights, at least 0.
        loss: See `FittedBits`.
        smoothing: Share of the uniform distribution that is mixed in.
        max_iterations: Iterations of L-BFGS-B at most.
        random_state: Seed of the initial weights, together with ``start``.

    >>> X = [[0, 0], [1, 1]] * 10
    >>> RestrictedBoltzmann(n_hidden=2, random_state=0).fit(X).predict([[0, 0], [0, 1]]).round(1).tolist()
    [0.5, 0.0]
    """

    def __init__(
        self,
        *,
        n_hidden: int = 4,
        penalty: float = 1e-3,
        start: int = 0,
        loss: Loss = "likelihood",
        smoothing: float = 0.01,
        max_iterations: int = 200,
        random_state: int | None = None,
    ) -> None:
        super().__init__(
            loss=loss,
            smoothing=smoothing,
            penalty=penalty,
            start=start,
            max_iterations=max_iterations,
            random_state=random_state,
        )
        self.n_hidden = n_hidden

    def _build_module(self, n_bits: int, generator: torch.Generator) -> nn.Module:
        return Boltzmann(FreeEnergy(n_bits, self.n_hidden, generator), n_bits)


MODELS.add(
    Model(
        name="boltzmann-machine",
        kind="classical",
        problem="generation",
        summary="restricted Boltzmann machine, exact likelihood",
        source="Smolensky 1986; Hinton 2002 (doi:10.1162/089976602760128018)",
        estimator=RestrictedBoltzmann,
        search_space={
            "n_hidden": IntDistribution(1, 16, log=True),
            "penalty": FloatDistribution(1e-5, 1e-1, log=True),
            "smoothing": FloatDistribution(1e-4, 0.3, log=True),
            "start": IntDistribution(0, 9999),
        },
        defaults={"n_hidden": 4, "penalty": 1e-3, "smoothing": 0.01, "start": 0},
    )
)
