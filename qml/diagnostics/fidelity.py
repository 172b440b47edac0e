"""The kernel of a circuit that returns its state."""

import numpy as np
from numpy.typing import NDArray

from qml.diagnostics.bound import BoundCircuit


def fidelity_matrix(circuit: BoundCircuit) -> NDArray[np.float64]:
    """Return |⟨ψ(x)|ψ(z)⟩|² of all pairs of bound rows, shape (n_rows, n_rows).

    Source: Havlíček et al. 2019 (arXiv:1804.11326).
    """
    states = circuit.states()
    kernel: NDArray[np.float64] = np.abs(states @ states.conj().T) ** 2
    return kernel
