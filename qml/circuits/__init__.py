"""What is computed: encodings and ansätze as PennyLane quantum functions, and circuits made of them."""

from qml.circuits.bloch import BlochCircuit
from qml.circuits.born import BornCircuit
from qml.circuits.circuit import CIRCUITS, Ansatz, Encoding, ansatz, encoding, get, names
from qml.circuits.compose import LayeredCircuit, compose
from qml.circuits.declared import DeclaredCircuit
from qml.circuits.dressed import DressedCircuit
from qml.circuits.embedding import EmbeddingCircuit, OverlapCircuit
from qml.circuits.reuploading import ReuploadingCircuit
from qml.circuits.teacher import TeacherCircuit

__all__ = [
    "CIRCUITS",
    "Ansatz",
    "BlochCircuit",
    "BornCircuit",
    "DeclaredCircuit",
    "DressedCircuit",
    "EmbeddingCircuit",
    "Encoding",
    "LayeredCircuit",
    "OverlapCircuit",
    "ReuploadingCircuit",
    "TeacherCircuit",
    "ansatz",
    "compose",
    "encoding",
    "get",
    "names",
]
