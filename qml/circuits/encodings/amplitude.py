"""Features as the amplitudes of the first state."""

from collections.abc import Sequence
from typing import Any

import pennylane as qp

from qml.circuits.circuit import CIRCUITS, Encoding


def apply(features: Any, wires: Sequence[int]) -> None:
    """Prepare the state whose amplitudes are the normalised features."""
    qp.AmplitudeEmbedding(features, wires=wires, normalize=True)


CIRCUITS.add(
    Encoding(
        name="amplitude",
        summary="2**n_wires features, normalised, as amplitudes",
        source="pennylane.AmplitudeEmbedding",
        apply=apply,
        n_features=lambda n_wires: 2**n_wires,
    )
)
