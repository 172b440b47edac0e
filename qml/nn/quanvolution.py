"""A quantum circuit slid over an image, as ``torch.nn.Conv2d`` slides a kernel."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch.nn.functional as functional
from torch import Tensor, nn

from qml.circuits import DeclaredCircuit
from qml.errors import CircuitError
from qml.nn.quantum_layer import QuantumLayer

Size = int | tuple[int, int]


class Quanvolution2d(nn.Module):
    """A convolution whose kernel is a quantum circuit: each patch of the image is one sample of it.

    All patches of all images run as one batch.  The circuit takes the values of a patch as its features, channel by
    channel and row by row, and its outputs are the output channels.

    Args:
        circuit: Quantum function or QNode ``circuit(inputs, **weights)`` of ``in_channels`` times kernel height times
            kernel width features, or a circuit that knows its shapes (``qml.circuits``).
        weight_shapes: Shape of each weight by name; may be left out for a circuit that knows them.
        in_channels: Channels of the image.
        kernel_size: Height and width of a patch, or one number for both.
        stride: Steps between patches; as in ``Conv2d`` 1.
        padding: Zeros added on both sides of height and width; or ``"valid"`` (none) or ``"same"`` (the output has
            the size of the input, stride 1).
        dilation: Steps between the values of a patch.
        **options: Of ``QuantumLayer``.

    Shape:
        Input (N, in_channels, H, W) or (in_channels, H, W); output (N, n_outputs, H_out, W_out) or without N, where
        H_out = floor((H + 2 padding - dilation (kernel height - 1) - 1) / stride + 1), and W_out likewise.

    Raises:
        CircuitError: If the arguments, the circuit or the image do not fit.

    Source: Henderson et al. 2019 (arXiv:1904.04767).

    >>> import torch
    >>> from qml.circuits import compose
    >>> circuit = compose(encoding="angle", ansatz="strongly-entangling", n_wires=4, n_layers=1)
    >>> layer = Quanvolution2d(circuit, kernel_size=2, stride=2)
    >>> layer(torch.rand(8, 1, 14, 14)).shape
    torch.Size([8, 4, 7, 7])
    """

    def __init__(
        self,
        circuit: Callable[..., Any],
        weight_shapes: Mapping[str, int | Iterable[int]] | None = None,
        in_channels: int = 1,
        *,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size | str = 0,
        dilation: Size = 1,
        **options: Any,
    ) -> None:
        super().__init__()
        if weight_shapes is None:
            if not isinstance(circuit, DeclaredCircuit):
                raise CircuitError("weight_shapes is missing: give the shape of each weight of the circuit by name.")
            weight_shapes = circuit.weight_shapes
        self.in_channels = _pair("in_channels", (in_channels, in_channels), least=1)[0]
        self.kernel_size = _pair("kernel_size", kernel_size, least=1)
        self.stride = _pair("stride", stride, least=1)
        self.dilation = _pair("dilation", dilation, least=1)
        self.padding = padding if isinstance(padding, str) else _pair("padding", padding, least=0)
        self._borders = _borders(self.padding, self.kernel_size, self.stride, self.dilation)
        n_inputs = self.in_channels * self.kernel_size[0] * self.kernel_size[1]
        if isinstance(circuit, DeclaredCircuit) and circuit.n_inputs != n_inputs:
            raise CircuitError(
                f"the circuit takes {circuit.n_inputs} features, and a patch has {n_inputs}: {self.in_channels} "
                f"channels of {self.kernel_size[0]}x{self.kernel_size[1]} values. Change kernel_size, in_channels or "
                "the circuit."
            )
        self.layer = QuantumLayer(circuit, weight_shapes, n_inputs=n_inputs, **options)

    def forward(self, image: Tensor) -> Tensor:
        """Run the circuit on every patch.

        Args:
            image: Shape (N, in_channels, H, W) or (in_channels, H, W), float32 or float64.

        Returns:
            Shape (N, n_outputs, H_out, W_out) or (n_outputs, H_out, W_out).
        """
        if image.ndim not in (3, 4) or image.shape[-3] != self.in_channels:
            raise CircuitError(
                f"the image must have shape (N, {self.in_channels}, H, W) or ({self.in_channels}, H, W); "
                f"got {tuple(image.shape)}."
            )
        padded = functional.pad(image, self._borders) if any(self._borders) else image
        size = [self._n_patches(padded.shape[-2 + axis], axis) for axis in (0, 1)]
        if min(size) < 1:
            raise CircuitError(
                f"the image is too small: with padding it is {padded.shape[-2]}x{padded.shape[-1]} and one patch "
                f"spans {self._span(0)}x{self._span(1)}; add padding or take a smaller kernel."
            )
        patches = padded
        for axis in (0, 1):  # (*, channels, H_out, W_out, span, span), then every dilation-th value
            patches = patches.unfold(image.ndim - 2 + axis, self._span(axis), self.stride[axis])
        patches = patches[..., :: self.dilation[0], :: self.dilation[1]].movedim(-5, -3)  # (*, H_out, W_out, C, k, k)
        out = self.layer(patches.flatten(-3))
        if out.ndim == image.ndim - 1:  # a single expectation value has no dimension of its own
            out = out.unsqueeze(-1)
        return out.movedim(-1, -3)  # type: ignore[no-any-return]  # nn.Module calls are untyped

    def _span(self, axis: int) -> int:
        """Return how many values of the image one patch reaches over."""
        return self.dilation[axis] * (self.kernel_size[axis] - 1) + 1

    def _n_patches(self, length: int, axis: int) -> int:
        return (length - self._span(axis)) // self.stride[axis] + 1

    def extra_repr(self) -> str:
        """Say the geometry, as ``Conv2d`` does."""
        text = f"in_channels={self.in_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        if self.padding != (0, 0):
            text += f", padding={self.padding!r}"
        return text if self.dilation == (1, 1) else f"{text}, dilation={self.dilation}"


def _pair(name: str, value: Size, *, least: int) -> tuple[int, int]:
    """Read one number or two."""
    pair = (value, value) if isinstance(value, int) else tuple(value)
    if len(pair) != 2 or any(isinstance(n, bool) or not isinstance(n, int) or n < least for n in pair):
        raise CircuitError(f"{name} must be an int of at least {least}, or two of them; got {value!r}.")
    return pair[0], pair[1]


def _borders(
    padding: str | tuple[int, int], kernel_size: tuple[int, int], stride: tuple[int, int], dilation: tuple[int, int]
) -> list[int]:
    """Return zeros to add left, right, above and below."""
    if isinstance(padding, tuple):
        return [padding[1], padding[1], padding[0], padding[0]]
    if padding == "valid":
        return [0, 0, 0, 0]
    if padding != "same":
        raise CircuitError(f"padding must be numbers, 'valid' or 'same'; got {padding!r}.")
    if stride != (1, 1):
        raise CircuitError(f"padding='same' needs stride 1; got stride={stride}. Give the padding in numbers.")
    total = [dilation[axis] * (kernel_size[axis] - 1) for axis in (1, 0)]
    return [total[0] // 2, total[0] - total[0] // 2, total[1] // 2, total[1] - total[1] // 2]
