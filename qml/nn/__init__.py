"""Torch modules: quantum circuits as layers."""

from qml.nn.quantum_layer import QuantumLayer

__all__ = ["QuantumLayer"]
