"""Torch modules: quantum circuits as layers, quantum kernels, and the twins of both."""

from qml.nn.backend import with_backend
from qml.nn.bloch_vectors import BlochVectors
from qml.nn.fidelity_kernel import FidelityKernel
from qml.nn.quantum_layer import QuantumLayer
from qml.nn.quanvolution import Quanvolution2d
from qml.nn.spectrum import Spectrum, spectrum
from qml.nn.twins import frozen, matched, quantum_layers, separable, surrogate, swap_layers

__all__ = [
    "BlochVectors",
    "FidelityKernel",
    "QuantumLayer",
    "Quanvolution2d",
    "Spectrum",
    "frozen",
    "matched",
    "quantum_layers",
    "separable",
    "spectrum",
    "surrogate",
    "swap_layers",
    "with_backend",
]
