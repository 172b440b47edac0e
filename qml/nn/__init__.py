"""Torch modules: quantum circuits as layers, quantum kernels."""

from qml.nn.backend import with_backend
from qml.nn.bloch_vectors import BlochVectors
from qml.nn.fidelity_kernel import FidelityKernel
from qml.nn.quantum_layer import QuantumLayer
from qml.nn.quanvolution import Quanvolution2d

__all__ = ["BlochVectors", "FidelityKernel", "QuantumLayer", "Quanvolution2d", "with_backend"]
