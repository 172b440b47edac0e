"""What to know about a circuit before trusting it."""

from qml.diagnostics.bond_dimension import bond_dimension
from qml.diagnostics.clifford import non_clifford_count
from qml.diagnostics.light_cone import LightCone, light_cone
from qml.diagnostics.pauli_propagation import propagated
from qml.diagnostics.seen import circuits_of
from qml.diagnostics.simulability import simulability
from qml.diagnostics.tag import SimulabilityReport, Tag

__all__ = [
    "LightCone",
    "SimulabilityReport",
    "Tag",
    "bond_dimension",
    "circuits_of",
    "light_cone",
    "non_clifford_count",
    "propagated",
    "simulability",
]
