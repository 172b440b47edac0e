"""What to know about a circuit before trusting it."""

from qml.diagnostics.bond_dimension import bond_dimension
from qml.diagnostics.bound import BoundCircuit, bind
from qml.diagnostics.clifford import non_clifford_count
from qml.diagnostics.diagnose import Diagnosis, Measure, diagnose
from qml.diagnostics.effective_dimension import effective_dimension, fisher_information
from qml.diagnostics.entanglement import entangling_capability, meyer_wallach
from qml.diagnostics.expressibility import divergence_from_haar, expressibility
from qml.diagnostics.fidelity import fidelity_matrix
from qml.diagnostics.fourier import fourier_coefficients
from qml.diagnostics.gradient_variance import gradient_variance, two_design_gradient_variance
from qml.diagnostics.kernel_geometry import (
    Concentration,
    GeometricDifference,
    concentration,
    geometric_difference,
    kernel_target_alignment,
    model_complexity,
    nearest_classical,
    training_error_bound,
    tuned_kernels,
)
from qml.diagnostics.light_cone import LightCone, light_cone
from qml.diagnostics.pauli_propagation import propagated
from qml.diagnostics.seen import circuits_of
from qml.diagnostics.simulability import simulability, simulability_of
from qml.diagnostics.tag import SimulabilityReport, Tag

__all__ = [
    "BoundCircuit",
    "Concentration",
    "Diagnosis",
    "GeometricDifference",
    "LightCone",
    "Measure",
    "SimulabilityReport",
    "Tag",
    "bind",
    "bond_dimension",
    "circuits_of",
    "concentration",
    "diagnose",
    "divergence_from_haar",
    "effective_dimension",
    "entangling_capability",
    "expressibility",
    "fidelity_matrix",
    "fisher_information",
    "fourier_coefficients",
    "geometric_difference",
    "gradient_variance",
    "kernel_target_alignment",
    "light_cone",
    "meyer_wallach",
    "model_complexity",
    "nearest_classical",
    "non_clifford_count",
    "propagated",
    "simulability",
    "simulability_of",
    "training_error_bound",
    "tuned_kernels",
    "two_design_gradient_variance",
]
