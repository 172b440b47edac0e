"""A classifier and a regressor around a torch module that somebody else made."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from qml.errors import SpecError
from qml.models.torch_classifier import TorchClassifier
from qml.models.torch_estimator import TorchEstimator
from qml.models.torch_regressor import TorchRegressor
from qml.nn import QuantumLayer
from qml.nn.linear import linear


class ModuleEstimator(TorchEstimator):
    """Trains a module from new initial weights; it gets a linear head where its outputs are not what is asked for.

    Args:
        module: A module, whose weights are drawn anew by ``reset_parameters`` of its layers, or a function that makes
            one.
        max_epochs: Passes over the training part at most.
        batch_size: Samples a step at most.
        learning_rate: Step size of Adam.
        validation_fraction: Share of the training data held out for early stopping.
        patience: Epochs without a better validation loss before the fit stops.
        random_state: A whole number, a ``numpy.random.RandomState``, or None.

    Raises:
        SpecError: At ``fit``, if weights of the module cannot be drawn anew.
    """

    _prediction_dtype = torch.float64

    def __init__(
        self,
        *,
        module: nn.Module | Callable[[], nn.Module],
        max_epochs: int = 40,
        batch_size: int = 32,
        learning_rate: float = 0.02,
        validation_fraction: float = 0.0,
        patience: int = 20,
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
        self.module = module

    def _build_module(self, n_features: int, n_outputs: int, generator: torch.Generator) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(torch.randint(2**62, (), generator=generator)))
            module = _anew(self.module) if isinstance(self.module, nn.Module) else self.module()
        module = module.to(torch.float32).train()
        with torch.no_grad():
            outputs = module(torch.zeros(2, n_features))
        if outputs.shape == (2, n_outputs) and not self._needs_head(module):
            return module
        return nn.Sequential(module, _Rows(), linear(outputs[0].numel(), n_outputs, generator))

    def _needs_head(self, module: nn.Module) -> bool:
        """Tell whether a module cannot give what is asked for, though it has as many outputs."""
        return False


class ModuleClassifier(ModuleEstimator, TorchClassifier):
    """A module whose outputs are logits."""


class ModuleRegressor(ModuleEstimator, TorchRegressor):
    """A module whose output is a real number."""

    def _needs_head(self, module: nn.Module) -> bool:
        return isinstance(module, QuantumLayer)  # an expectation value ends at -1 and 1


class _Rows(nn.Module):
    """One row of numbers a sample, whatever a module gives."""

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return shape (n, n_numbers)."""
        return values.reshape(len(values), -1)


def _anew(module: nn.Module) -> nn.Module:
    """Return a copy with new initial weights: what it was trained on must not be in it."""
    fresh = copy.deepcopy(module)
    for name, part in fresh.named_modules():
        reset: Any = getattr(part, "reset_parameters", None)
        own = [key for key, parameter in part.named_parameters(recurse=False) if parameter.requires_grad]
        if callable(reset):
            reset()
        elif own:
            raise SpecError(
                f"the weight {'.'.join(filter(None, [name, own[0]]))!r} belongs to a {type(part).__name__} without "
                "reset_parameters(), so it cannot be drawn anew for each replicate. Give a function that makes the "
                "module instead, such as attribute(lambda: MyModule(), X, y)."
            )
    return fresh
