"""Twins that are trained as their model is, with another layer in the circuit's place."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from qml.models.twins.signature import Twin
from qml.nn import QuantumLayer, frozen, matched, quantum_layers, separable, surrogate, swap_layers
from qml.nn.linear import linear


class ModuleTwin(Twin):
    """Trains the model's module with its quantum layers swapped."""

    def _swap(self, layer: QuantumLayer, generator: torch.Generator) -> nn.Module:
        raise NotImplementedError

    def _build_module(self, n_features: int, n_outputs: int, generator: torch.Generator) -> nn.Module:
        build: Callable[..., nn.Module] = super()._build_module  # type: ignore[misc]  # of the model, by inheritance
        module = build(n_features, n_outputs, generator)
        if any(layer.n_inputs is None for layer in quantum_layers(module)):
            with torch.no_grad():  # a layer learns its number of inputs at the first call
                module(torch.zeros(1, n_features, dtype=next(module.parameters()).dtype))
        return with_head(swap_layers(module, lambda layer: self._swap(layer, generator)), n_outputs, generator)


class SeparableTwin(ModuleTwin):
    """no entangling gates, every input and weight kept."""

    def _swap(self, layer: QuantumLayer, generator: torch.Generator) -> nn.Module:
        return separable(layer)


class FrozenTwin(ModuleTwin):
    """the weights of the circuit stay as they are drawn."""

    def _swap(self, layer: QuantumLayer, generator: torch.Generator) -> nn.Module:
        return frozen(layer)


class MatchedTwin(ModuleTwin):
    """a linear layer with cos or tanh in the circuit's place, with at least as many parameters."""

    activation: Any

    def _swap(self, layer: QuantumLayer, generator: torch.Generator) -> nn.Module:
        return matched(layer, self.activation, generator)


class SurrogateTwin(ModuleTwin):
    """a trained linear map of the circuit's own frequencies in its place."""

    def _swap(self, layer: QuantumLayer, generator: torch.Generator) -> nn.Module:
        return surrogate(layer, generator=generator)


class SeparableKernelTwin(Twin):
    """a kernel of product states, with the same features."""

    def _build_kernel(self, n_features: int, **options: Any) -> nn.Module:
        build: Callable[..., nn.Module] = super()._build_kernel  # type: ignore[misc]  # of the model, by inheritance
        return swap_layers(build(n_features, **options), separable)


def with_head(module: nn.Module, n_outputs: int, generator: torch.Generator) -> nn.Module:
    """Return the module, with a linear layer behind it where nothing else in it is trained."""
    if any(parameter.requires_grad for parameter in module.parameters()):
        return module
    dtype = next((p.dtype for p in module.parameters()), torch.get_default_dtype())
    return nn.Sequential(module, linear(n_outputs, n_outputs, generator).to(dtype))
