"""Small circuits trained on all samples at once: a quasi-Newton fit instead of epochs of Adam."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from qml.circuits import DeclaredCircuit
from qml.models.torch_classifier import TorchClassifier
from qml.nn import QuantumLayer
from qml.nn.linear import linear
from qml.training import FitResult, fit_full_batch
from qml.training.fit import Loss

INITIAL_SCALE = 3.0  # logits of ⟨Z⟩ in [-1, 1] then reach probabilities of 0.95


class FullBatchClassifier(TorchClassifier):
    """One circuit, and a linear head on what it measures, fitted by L-BFGS-B; a subclass gives the circuit.

    The landscape has local minima.  ``start`` names the initial weights, so that a restart is a trial of the search,
    and is paid for as one.  ``n_starts`` tries several within one fit, and keeps the lowest objective: a start that was
    good on an inner fold may end elsewhere on the whole training part.

    Args:
        start: Which initial weights, at least 0; together with ``random_state`` it decides them.
        n_starts: Fits from different initial weights, at least 1.
        penalty: L2 penalty on the head, at least 0.
        max_iterations: Iterations of the fit at most.
        random_state: A whole number of any size, a ``numpy.random.RandomState``, or None.
    """

    _prediction_dtype = torch.float64

    def __init__(
        self,
        *,
        start: int = 0,
        n_starts: int = 1,
        penalty: float = 1e-3,
        max_iterations: int = 60,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        super().__init__(random_state=random_state)
        self.start = start
        self.n_starts = n_starts
        self.penalty = penalty
        self.max_iterations = max_iterations

    def _circuit(self, n_features: int) -> DeclaredCircuit:
        """Return the circuit for that many features; it measures at least one expectation value."""
        raise NotImplementedError(f"{type(self).__name__} must give its circuit in _circuit.")

    def _build_module(self, n_features: int, n_outputs: int, generator: torch.Generator) -> nn.Module:
        layer = QuantumLayer.from_circuit(
            self._circuit(n_features), generator=_generator(generator.initial_seed(), self.start), dtype=torch.float64
        )
        n_measured = layer(torch.zeros(1, n_features, dtype=torch.float64)).shape[1]
        head = linear(n_measured, n_outputs, generator).double()
        nn.init.constant_(head.weight, INITIAL_SCALE)
        nn.init.zeros_(head.bias)
        return nn.Sequential(layer, head)

    def _train(self, module: nn.Module, X: Tensor, y: Tensor, loss: Loss, seed: int) -> FitResult:
        features = X.double()
        targets = y.double() if y.is_floating_point() else y
        head = module[1]  # type: ignore[index]  # the Sequential of _build_module
        initial = [parameter.detach().clone() for parameter in head.parameters()]

        def objective() -> Tensor:
            squares = torch.stack([(parameter**2).sum() for parameter in head.parameters()]).sum()
            return loss(module(features), targets) + self.penalty * squares

        best, weights = fit_full_batch(module, objective, max_iterations=self.max_iterations), _copied(module)
        n_gradients = best.steps
        for restart in range(1, self.n_starts):
            self._redraw(module, X.shape[1], _generator(seed, self.start, restart))
            with torch.no_grad():
                for parameter, value in zip(head.parameters(), initial, strict=True):
                    parameter.copy_(value)
            found = fit_full_batch(module, objective, max_iterations=self.max_iterations)
            n_gradients += found.steps
            if found.train_losses[-1:] < best.train_losses[-1:]:
                best, weights = found, _copied(module)
        module.load_state_dict(weights)
        return replace(best, samples=n_gradients * len(features))

    def _redraw(self, module: nn.Module, n_features: int, generator: torch.Generator) -> None:
        """Draw the initial weights of the layer anew; what stands in a circuit's place in a twin is built again."""
        layer, head = module[0], module[1]  # type: ignore[index]  # as in _train
        if isinstance(layer, QuantumLayer):
            layer.reset_parameters(generator)
        else:
            module.load_state_dict(self._build_module(n_features, head.out_features, generator).state_dict())


def _copied(module: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def _generator(*entropy: int) -> torch.Generator:
    """Return a generator seeded by whole numbers of any size."""
    return torch.Generator().manual_seed(int(np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0]))
