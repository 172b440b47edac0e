"""Twins of a quantum layer: copies with one thing taken out, which take and give what the layer does."""

import copy
import math
from collections.abc import Callable, Iterator
from typing import Literal, TypeVar

import torch
from torch import Tensor, nn

from qml.errors import CircuitError, suggest
from qml.nn.linear import linear
from qml.nn.quantum_layer import QuantumLayer
from qml.nn.separable import separable_circuit
from qml.nn.spectrum import Spectrum, spectrum

Activation = Literal["cos", "tanh"]
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"cos": torch.cos, "tanh": torch.tanh}
# A surrogate that is trained by gradient steps holds two weights a frequency and output, and computes them each step.
MAX_TRAINED_FREQUENCIES = 2_000
M = TypeVar("M", bound=nn.Module)


def separable(layer: QuantumLayer) -> QuantumLayer:
    """Return the layer without entangling gates, with weights of the same shapes and values.

    See `qml.nn.separable.separable_circuit` for what becomes of each gate.

    Raises:
        CircuitError: If an operator of its circuit cannot be taken apart; the message names it.

    >>> layer = QuantumLayer.from_names(n_wires=3, n_layers=2)
    >>> "╭" in layer.draw(), "╭" in separable(layer).draw()
    (True, False)
    """
    if layer.circuit is None:
        raise CircuitError("this layer was loaded without its circuit and has no separable twin; build it anew.")
    parameters = list(layer.parameters())
    twin = QuantumLayer(
        separable_circuit(layer.circuit),
        layer.weight_shapes,
        layer._init_method,
        n_inputs=layer.n_inputs,
        backend=layer.backend,
        shots=layer.shots,
        noise=layer.noise,
        aer_options=layer.aer_options,
        n_threads=layer.n_threads,
        device=parameters[0].device if parameters else None,
        dtype=parameters[0].dtype if parameters else None,
        generator=torch.Generator(parameters[0].device if parameters else "cpu"),
    )
    twin.load_state_dict(layer.state_dict())
    return twin.train(layer.training)


def frozen(layer: QuantumLayer) -> QuantumLayer:
    """Return a copy whose weights are not trained.

    They are left at their values: give it a layer that was not trained yet, or call ``reset_parameters`` first.

    >>> twin = frozen(QuantumLayer.from_names(n_wires=2))
    >>> any(weight.requires_grad for weight in twin.parameters())
    False
    """
    return copy.deepcopy(layer).requires_grad_(False)


def matched(
    layer: QuantumLayer, activation: Activation = "cos", generator: torch.Generator | None = None
) -> "MatchedLayer":
    """Return the classical layer in a quantum layer's place: linear, then cos or tanh, of its inputs and outputs.

    If one linear map has fewer parameters than the circuit, it is widened, and a second one leads back to the outputs:
    the twin has at least as many parameters.

    Args:
        layer: The quantum layer.
        activation: ``"cos"`` or ``"tanh"``.
        generator: Source of the initial weights; by default torch's own.

    Raises:
        CircuitError: If the layer gives complex numbers, or its number of inputs is not known.

    >>> layer = QuantumLayer.from_names(n_wires=4, n_layers=3)
    >>> twin = matched(layer, "tanh")
    >>> twin(torch.rand(7, 4)).shape, [sum(p.numel() for p in part.parameters()) for part in (layer, twin)]
    (torch.Size([7, 4]), [36, 40])
    """
    n_inputs, shape = _sizes(layer)
    n_parameters = sum(p.numel() for p in layer.parameters())
    return _placed(MatchedLayer(n_inputs, shape, n_parameters, activation, generator), layer)


def surrogate(
    layer: QuantumLayer,
    *,
    limit: int = MAX_TRAINED_FREQUENCIES,
    seed: int = 0,
    generator: torch.Generator | None = None,
) -> "SurrogateLayer":
    """Return the classical layer that is linear in cos and sin of every frequency the circuit can reach.

    Args:
        layer: The quantum layer; weights that scale its inputs count as 1.
        limit: Where there are more frequencies, this many are drawn.
        seed: Of the draw.
        generator: Source of the initial weights; by default torch's own.

    Raises:
        CircuitError: If the circuit has no Fourier spectrum, or gives complex numbers.

    Source: Schuld, Sweke, Meyer 2021 (arXiv:2008.08605).

    >>> layer = QuantumLayer.from_names(n_wires=2, n_layers=1)
    >>> surrogate(layer)(torch.rand(7, 2)).shape
    torch.Size([7, 2])
    """
    _, shape = _sizes(layer)
    reach = spectrum(layer, nominal=True)
    return _placed(SurrogateLayer(reach, shape, limit=limit, seed=seed, generator=generator), layer)


class MatchedLayer(nn.Module):
    """Linear, cos or tanh, and a second linear map where the first has too few parameters.

    Args:
        n_inputs: Features of a sample.
        output_shape: Shape of a sample's output.
        n_parameters: At least this many.
        activation: ``"cos"`` or ``"tanh"``.
        generator: Source of the initial weights; by default torch's own.
    """

    def __init__(
        self,
        n_inputs: int,
        output_shape: tuple[int, ...],
        n_parameters: int,
        activation: str = "cos",
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        if activation not in ACTIVATIONS:
            raise CircuitError(f"unknown activation {activation!r}. {suggest(str(activation), ACTIVATIONS)}")
        n_outputs = math.prod(output_shape)
        self.activation = activation
        self.output_shape = output_shape
        narrow = (n_inputs + 1) * n_outputs >= n_parameters
        width = n_outputs if narrow else math.ceil((n_parameters - n_outputs) / (n_inputs + 1 + n_outputs))
        self.into = linear(n_inputs, width, generator)
        self.out_of = None if narrow else linear(width, n_outputs, generator)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return outputs of the quantum layer's shape."""
        values = ACTIVATIONS[self.activation](self.into(inputs))
        values = values if self.out_of is None else self.out_of(values)
        return values.reshape(*inputs.shape[:-1], *self.output_shape)


class SurrogateLayer(nn.Module):
    """A trained linear map of cos ω·φ(x) and sin ω·φ(x).

    Args:
        reach: The spectrum.
        output_shape: Shape of a sample's output.
        limit: At most this many frequencies, drawn where there are more.
        seed: Of the draw.
        generator: Source of the initial weights; by default torch's own.
    """

    frequencies: Tensor

    def __init__(
        self,
        reach: Spectrum,
        output_shape: tuple[int, ...],
        *,
        limit: int = MAX_TRAINED_FREQUENCIES,
        seed: int = 0,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.reach = reach
        self.output_shape = output_shape
        found = torch.from_numpy(reach.frequencies(limit, seed)).to(torch.get_default_dtype())
        self.register_buffer("frequencies", found)
        self.linear = linear(2 * len(found), math.prod(output_shape), generator)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return outputs of the quantum layer's shape."""
        waves = self.reach.angles(inputs.reshape(-1, inputs.shape[-1])) @ self.frequencies.T
        values: Tensor = self.linear(torch.cat([waves.cos(), waves.sin()], dim=1))
        return values.reshape(*inputs.shape[:-1], *self.output_shape)


def quantum_layers(module: nn.Module) -> Iterator[QuantumLayer]:
    """Yield the quantum layers of a module, each once; the module itself if it is one."""
    return (part for part in module.modules() if isinstance(part, QuantumLayer))


def swap_layers(module: M, make: Callable[[QuantumLayer], nn.Module]) -> M:
    """Return a copy of a module with another layer in the place of each quantum layer.

    Args:
        module: Any; a quantum layer itself is replaced.
        make: Gives the layer that stands for a quantum one.

    >>> hybrid = nn.Sequential(nn.Linear(3, 2), QuantumLayer.from_names(n_wires=2))
    >>> swap_layers(hybrid, lambda layer: matched(layer, "tanh"))
    Sequential(
      (0): Linear(in_features=3, out_features=2, bias=True)
      (1): MatchedLayer(
        (into): Linear(in_features=2, out_features=2, bias=True)
      )
    )
    """
    copied = copy.deepcopy(module)
    if isinstance(copied, QuantumLayer):
        return make(copied)  # type: ignore[return-value]  # what takes a layer's place is a module like any other
    made: dict[int, nn.Module] = {}
    for parent in list(copied.modules()):
        for name, child in list(parent._modules.items()):  # named_children names a shared layer once only
            if isinstance(child, QuantumLayer):
                made.setdefault(id(child), make(child))
                setattr(parent, name, made[id(child)])
    return copied


def _placed(twin: M, layer: QuantumLayer) -> M:
    """Give a twin the dtype and device of a layer's weights."""
    weight = next(layer.parameters(), None)
    return twin if weight is None else twin.to(weight.device, weight.dtype)


def _sizes(layer: QuantumLayer) -> tuple[int, tuple[int, ...]]:
    """Return the inputs of a sample and the shape of its outputs."""
    if layer.n_inputs is None:
        raise CircuitError("give n_inputs, or call the layer once, before making a twin of it.")
    with torch.no_grad():
        example = layer(torch.full((1, layer.n_inputs), 0.5))
    if example.is_complex():
        raise CircuitError("this layer gives a state, and its twin would have to; measure something, or use a kernel.")
    return layer.n_inputs, tuple(example.shape[1:])
