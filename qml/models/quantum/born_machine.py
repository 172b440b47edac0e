"""The quantum circuit Born machine: a circuit whose measured strings are the generated ones."""

from typing import ClassVar, Self

import torch
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from torch import nn

from qml.circuits import BornCircuit
from qml.models.fitted_bits import FittedBits, Loss
from qml.models.model import MODELS, Model
from qml.nn import QuantumLayer, with_backend
from qml.simulators import NoiseModel


class BornMachine(FittedBits):
    """A circuit on as many wires as a string has bits; the probability of a string is that of measuring it.

    Args:
        n_layers: Layers of the ansatz, at least 1.
        ansatz: A registered ansatz; ``"product"`` makes the separable twin.
        loss: ``"likelihood"`` or ``"mmd"``, each with its exact gradient.
        smoothing: Share of the uniform distribution that is mixed in.
        start: Which initial weights, at least 0: a restart is a trial.
        max_iterations: Iterations of L-BFGS-B at most.
        random_state: Seed of the initial weights, together with ``start``.

    Source: Benedetti et al. 2019 (arXiv:1801.07686); Liu, Wang 2018 (arXiv:1804.04168).

    >>> X = [[0, 0], [1, 1]] * 10
    >>> model = BornMachine(n_layers=2, random_state=0).fit(X)
    >>> model.predict([[0, 0], [0, 1]]).round(1).tolist()
    [0.5, 0.0]
    """

    no_twin: ClassVar[dict[str, str]] = {
        "frozen": "nothing but its circuit is trained",
        "surrogate": "it encodes no data, so it has no frequencies",
    }

    def __init__(
        self,
        *,
        n_layers: int = 6,
        ansatz: str = "strongly-entangling",
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
        self.ansatz = ansatz

    def _build_module(self, n_bits: int, generator: torch.Generator) -> nn.Module:
        circuit = BornCircuit(n_bits, self.n_layers, self.ansatz)
        return QuantumLayer.from_circuit(circuit, generator=generator, dtype=torch.float64)

    def with_backend(self, *, shots: int | None = None, noise: NoiseModel | None = None, random_state: int = 0) -> Self:
        """Return a copy of the fitted model whose circuit runs under shots and noise; nothing is trained.

        Args:
            shots: Samples, whose frequencies are then the probabilities; None for exact ones.
            noise: Channels after the gates and errors of the readout; None for none.
            random_state: Seed of the samples.
        """
        generator = None if shots is None else torch.Generator().manual_seed(random_state)
        return self._with_module(with_backend(self.module_, shots=shots, noise=noise, shot_generator=generator))

    @classmethod
    def draw(cls, n_features: int, ansatz: str = "strongly-entangling") -> str:
        """Return a text drawing of the circuit with two layers."""
        return QuantumLayer.from_circuit(BornCircuit(n_features, 2, ansatz)).draw()


SEARCH_SPACE = {
    "n_layers": IntDistribution(1, 8),
    "loss": CategoricalDistribution(["likelihood", "mmd"]),
    "smoothing": FloatDistribution(1e-4, 0.3, log=True),
    "start": IntDistribution(0, 9999),
}
DEFAULTS = {"n_layers": 6, "loss": "likelihood", "smoothing": 0.01, "start": 0}

MODELS.add(
    Model(
        name="born-machine",
        kind="quantum",
        problem="generation",
        summary="quantum circuit Born machine, exact gradients of likelihood or MMD, restarts tuned",
        source="Benedetti et al. 2019 (arXiv:1801.07686); Liu, Wang 2018 (arXiv:1804.04168)",
        estimator=BornMachine,
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
