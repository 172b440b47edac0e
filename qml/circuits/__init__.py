"""What is computed: encodings and ansätze as PennyLane quantum functions, and circuits made of them."""

from qml.circuits.circuit import CIRCUITS, Ansatz, Encoding, ansatz, encoding, get, names
from qml.circuits.compose import LayeredCircuit, compose

__all__ = ["CIRCUITS", "Ansatz", "Encoding", "LayeredCircuit", "ansatz", "compose", "encoding", "get", "names"]
