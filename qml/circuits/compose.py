"""Whole circuits from registered parts: encoding, ansatz, and ⟨Z⟩ on every wire."""

from dataclasses import dataclass
from typing import Any

import pennylane as qp

from qml.circuits.circuit import ansatz as get_ansatz
from qml.circuits.circuit import encoding as get_encoding
from qml.circuits.declared import DeclaredCircuit
from qml.errors import CircuitError


@dataclass(frozen=True)
class LayeredCircuit(DeclaredCircuit):
    """An encoding and the layers of an ansatz, as a quantum function that measures ⟨Z⟩ on every wire.

    It holds names and numbers only, so it pickles and compares by value.

    Attributes:
        encoding: A registered encoding.
        ansatz: A registered ansatz.
        n_wires: Number of wires.
        n_layers: Layers of the ansatz.
        reupload: Whether the encoding is repeated before every layer.
    """

    encoding: str
    ansatz: str
    n_wires: int
    n_layers: int
    reupload: bool = False

    @property
    def n_inputs(self) -> int:
        """Features of one sample."""
        return get_encoding(self.encoding).n_features(self.n_wires)

    @property
    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of the weights by argument name."""
        return {"weights": (self.n_layers, *get_ansatz(self.ansatz).layer_shape(self.n_wires))}

    @property
    def name(self) -> str:
        """The parts by name."""
        return f"{self.encoding}+{self.ansatz}"

    def __call__(self, inputs: Any, weights: Any) -> Any:  # type: ignore[override]  # its one weight by name
        """Queue the circuit.

        Args:
            inputs: Features of one sample, shape (..., n_inputs).
            weights: Angles in radians, shape (n_layers, *layer shape).

        Returns:
            Expectation values of Z, one a wire.

        Raises:
            CircuitError: If the weights have another shape.
        """
        expected = self.weight_shapes["weights"]
        if tuple(weights.shape) != expected:
            raise CircuitError(
                f"weights must have shape {expected} for n_layers={self.n_layers}, n_wires={self.n_wires}; "
                f"got {tuple(weights.shape)}."
            )
        encode, layers = get_encoding(self.encoding), get_ansatz(self.ansatz)
        wires = range(self.n_wires)
        for layer in range(self.n_layers):
            if layer == 0 or self.reupload:
                encode.apply(inputs, wires)
            layers.apply_layer(weights[layer], wires, layer)
        return [qp.expval(qp.Z(wire)) for wire in wires]


def compose(*, encoding: str, ansatz: str, n_wires: int, n_layers: int, reupload: bool = False) -> LayeredCircuit:
    """Check the parts and put them together.

    Args:
        encoding: A registered encoding.
        ansatz: A registered ansatz.
        n_wires: Number of wires, at least one.
        n_layers: Layers of the ansatz, at least one.
        reupload: Whether the encoding is repeated before every layer (data re-uploading,
            Pérez-Salinas et al. 2020, arXiv:1907.02085).

    Returns:
        The circuit.

    Raises:
        CircuitError: If a number or a part does not fit.
        SpecError: If a name is unknown; the message names the nearest one.

    >>> circuit = compose(encoding="angle", ansatz="strongly-entangling", n_wires=2, n_layers=3)
    >>> circuit.n_inputs, circuit.weight_shapes
    (2, {'weights': (3, 2, 3)})
    """
    for label, value in (("n_wires", n_wires), ("n_layers", n_layers)):
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise CircuitError(f"{label} must be an int of at least 1; got {value!r}.")
    get_encoding(encoding)
    get_ansatz(ansatz)
    if encoding == "amplitude" and reupload:
        raise CircuitError("amplitude encoding prepares the first state and cannot be repeated; set reupload=False.")
    return LayeredCircuit(encoding, ansatz, n_wires, n_layers, reupload)
