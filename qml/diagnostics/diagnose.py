"""Everything at once: the tags of a model and the measures of its circuit, as one report."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.multiclass import type_of_target

from qml.diagnostics.bound import BoundCircuit
from qml.diagnostics.entanglement import entangling_capability
from qml.diagnostics.expressibility import expressibility
from qml.diagnostics.fidelity import fidelity_matrix
from qml.diagnostics.gradient_variance import gradient_variance, two_design_gradient_variance
from qml.diagnostics.kernel_geometry import (
    concentration,
    kernel_target_alignment,
    model_complexity,
    nearest_classical,
    tuned_kernels,
)
from qml.diagnostics.seen import circuits_of
from qml.diagnostics.simulability import simulability_of
from qml.diagnostics.tag import SimulabilityReport
from qml.errors import SpecError

KERNEL_ROWS = 200
KERNEL_SHOTS = 1000
TAG_ROWS = 20
COMPLEXITY_REGULARIZATION = 0.01


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One number about a circuit or a kernel.

    Args:
        name: What it is.
        value: The number.
        meaning: What to hold it against.
    """

    name: str
    value: float
    meaning: str

    def __str__(self) -> str:
        return f"{self.name}: {self.value:.3g} ({self.meaning})"


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """What is known about a model's circuit.

    Args:
        simulability: The tags.
        measures: Of the circuit, or of its kernel.
    """

    simulability: SimulabilityReport
    measures: tuple[Measure, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "simulability": self.simulability.to_dict(),
            "measures": [asdict(measure) for measure in self.measures],
        }

    def __str__(self) -> str:
        return "\n".join([str(self.simulability), "", *map(str, self.measures)])


def diagnose(model: Any, X: Any, y: ArrayLike | None = None) -> Diagnosis:
    """Look at the circuit of a model: tags, and the measures of a trained circuit or of a kernel.

    Args:
        model: A ``QuantumLayer``, a torch module that holds some, or a fitted estimator, pipelines included.
        X: Features as the model takes them, shape (n, n_features).
        y: Labels, shape (n,); needed for what compares a kernel with them.  Two classes; of more, the most frequent
            against the rest; real targets are scaled to mean 0 and variance 1.

    Returns:
        The diagnosis; ``print`` shows it.  Of several circuits the largest is measured.

    Raises:
        CircuitError: If the model runs no quantum layer, or ``X`` has fewer than two rows.

    >>> from qml.nn import QuantumLayer
    >>> layer = QuantumLayer.from_names(n_wires=2, n_layers=3)
    >>> [measure.name for measure in diagnose(layer, np.random.default_rng(0).uniform(-1, 1, (20, 2))).measures]
    ['gradient variance', 'expressibility', 'entangling capability']
    """
    circuits = circuits_of(model, X, KERNEL_ROWS)
    name = type(model[-1] if hasattr(model, "named_steps") else model).__name__
    report = simulability_of([circuit.with_rows(TAG_ROWS) for circuit in circuits], name)
    largest = max(circuits, key=lambda circuit: circuit.n_wires)
    if largest.measures_state:
        measures = _of_kernel(largest, None if y is None else np.asarray(y))
    else:
        measures = _of_circuit(largest.with_rows(TAG_ROWS))
    return Diagnosis(simulability=report, measures=tuple(measures))


def _of_circuit(circuit: BoundCircuit) -> list[Measure]:
    n_wires, found = circuit.n_wires, []
    if circuit.traced.program.n_weights:
        variance = gradient_variance(circuit)
        plateau = two_design_gradient_variance(n_wires)
        meaning = f"mean over weights at random weights; {plateau:.2g} on a barren plateau of {n_wires} wires"
        found.append(Measure(name="gradient variance", value=float(variance.mean()), meaning=meaning))
    idle = (2.0**n_wires - 1) * np.log(75)
    return [
        *found,
        Measure(
            name="expressibility",
            value=expressibility(circuit),
            meaning=f"divergence from random states: 0 is most expressive, {idle:.3g} an idle circuit",
        ),
        Measure(
            name="entangling capability",
            value=entangling_capability(circuit),
            meaning=f"0 without entanglement, {(2.0**n_wires - 2) / (2.0**n_wires + 1):.2f} for random states",
        ),
    ]


def _of_kernel(circuit: BoundCircuit, y: Any) -> list[Measure]:
    kernel = fidelity_matrix(circuit)
    spread = concentration(kernel, shots=circuit.shots or KERNEL_SHOTS)
    nearest = nearest_classical(kernel, tuned_kernels(circuit.inputs))
    n_rows = len(kernel)
    found = [
        Measure(
            name="spread of the kernel's entries",
            value=spread.sd,
            meaning=f"{'concentrated: below' if spread.concentrated else 'resolved: above'} {spread.resolution:.3f}, "
            f"which {spread.shots} shots resolve",
        ),
        Measure(
            name="geometric difference g",
            value=nearest.g,
            meaning=f"to the nearest classical kernel, {nearest.classical}, at λ = {nearest.regularization:g} and a "
            f"training error of {nearest.training_error:.2g}; 1 is equal, √N = {np.sqrt(n_rows):.1f} far",
        ),
    ]
    if y is None:
        return found
    signs = _signs(y, n_rows)
    classical = tuned_kernels(circuit.inputs)[nearest.classical]
    simplest = model_complexity(classical, signs, regularization=COMPLEXITY_REGULARIZATION)
    return [
        *found,
        Measure(
            name="model complexity s",
            value=model_complexity(kernel, signs, regularization=COMPLEXITY_REGULARIZATION),
            meaning=f"of these labels at λ = {COMPLEXITY_REGULARIZATION:g}; {simplest:.3g} for {nearest.classical}",
        ),
        Measure(
            name="centred alignment",
            value=kernel_target_alignment(kernel, signs),
            meaning=f"with the labels, at most 1; {kernel_target_alignment(classical, signs):.2g} for "
            f"{nearest.classical}",
        ),
    ]


def _signs(y: Any, n_rows: int) -> Any:
    """Return labels as 1 for the most frequent class and -1 for the rest, and real targets scaled."""
    if len(y) < n_rows:
        raise SpecError(f"y must have one label a row of X; got {len(y)} labels for at least {n_rows} rows.")
    if np.issubdtype(y.dtype, np.floating) and type_of_target(y) == "continuous":
        targets = y[:n_rows] - y[:n_rows].mean()
        return targets / (targets.std() or 1.0)
    labels, counts = np.unique(y[:n_rows], return_counts=True)
    return np.where(y[:n_rows] == labels[counts.argmax()], 1.0, -1.0)
