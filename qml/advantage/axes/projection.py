"""The projected hardware time of a study's quantum models: from their records, on the stated hardware."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from qml.advantage.axes.hardware_time import HARDWARE, hardware_seconds, n_circuits_kernel
from qml.errors import SpecError

if TYPE_CHECKING:
    from qml.advantage.table import Cell

SHOTS = 1000  # where a study is exact and names none
PARALLEL = 1
NOTE = "a projection, not a claim"
ASSUMPTIONS = (
    "the last fit only: neither tuning nor prediction",
    "variational: 2 circuits a weight, sample and step (parameter shift); layers that are trained before the circuit "
    "would need more",
    "kernel: one circuit a pair of rows, of twice the depth (the feature map, then its inverse)",
    "no queue, compilation, communication, calibration or error correction; every wire is next to every other",
)


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What a fit would run on hardware.

    Args:
        kind: ``"variational"`` (trained by parameter shift) or ``"kernel"``.
        n_circuits: Different circuits, each run ``shots`` times.
        depth: Layers of gates of each.
        shots: Runs of each circuit.
        shots_assumed: Whether the fit was exact, so that the shots are the default.
    """

    kind: Literal["variational", "kernel"]
    n_circuits: int
    depth: int
    shots: int
    shots_assumed: bool


def workload(circuit: Mapping[str, Any] | None) -> Workload:
    """Read a fit's workload from what its record holds of the circuit.

    Args:
        circuit: ``depth``, ``shots``, ``n_rows``, and ``kernel``, or ``n_weights`` with ``samples``, the samples whose
            gradient was taken (B · steps).

    Raises:
        SpecError: If nothing can be projected from it; the message says why.

    >>> workload({"depth": 6, "shots": None, "n_rows": 40, "kernel": {"sd": 0.1}}).n_circuits
    780
    >>> workload({"depth": 9, "shots": 200, "n_rows": 40, "n_weights": 12, "samples": 3200}).n_circuits
    76800
    """
    if circuit is None or "depth" not in circuit:
        raise SpecError("no circuit was looked at")
    if "n_rows" not in circuit:
        raise SpecError("its record is of an older version, which kept neither rows nor steps")
    depth, shots = int(circuit["depth"]), int(circuit.get("shots") or SHOTS)
    assumed = not circuit.get("shots")
    if circuit.get("kernel"):
        n_circuits = n_circuits_kernel(int(circuit["n_rows"]))
        return Workload(kind="kernel", n_circuits=n_circuits, depth=2 * depth, shots=shots, shots_assumed=assumed)
    if circuit.get("samples") is None:
        raise SpecError("it is neither trained in counted steps nor a fidelity kernel")
    n_circuits = 2 * int(circuit["n_weights"]) * int(circuit["samples"])
    return Workload(kind="variational", n_circuits=n_circuits, depth=depth, shots=shots, shots_assumed=assumed)


def hardware_time(cells: Sequence["Cell"]) -> dict[str, Any]:
    """Project the fits of the quantum side on every machine of the hardware table.

    Args:
        cells: Of one task.

    Returns:
        Plain data: ``models``, with medians over the fits and ``projected_seconds`` by machine; ``not_projected``, with
        the reason; the machines, and what was assumed.
    """
    models: list[dict[str, Any]] = []
    missing: list[dict[str, str]] = []
    for name in dict.fromkeys(cell.model for cell in cells if cell.side == "quantum"):
        fits = [cell.circuit for cell in cells if cell.model == name and cell.side == "quantum" and not cell.failed]
        try:
            models.append({"model": name, **_projected([workload(circuit) for circuit in fits or [None]])})
        except SpecError as error:
            missing.append({"model": name, "reason": str(error) if fits else "every fit failed"})
    return {
        "note": NOTE,
        "formula": "n_circuits * shots * (t_reset + depth * t_gate + t_meas) / parallel",
        "assumptions": list(ASSUMPTIONS),
        "parallel": PARALLEL,
        "hardware": [asdict(machine) for machine in HARDWARE],
        "models": models,
        "not_projected": missing,
    }


def _projected(fits: Sequence[Workload]) -> dict[str, Any]:
    """Return medians over the fits; the seconds are medians of their own."""
    return {
        "kind": fits[0].kind,
        "fits": len(fits),
        "n_circuits": _median([fit.n_circuits for fit in fits]),
        "depth": _median([fit.depth for fit in fits]),
        "shots": _median([fit.shots for fit in fits]),
        "shots_assumed": any(fit.shots_assumed for fit in fits),
        "projected_seconds": {
            machine.name: _median(
                [hardware_seconds(fit.n_circuits, fit.shots, fit.depth, machine, PARALLEL) for fit in fits]
            )
            for machine in HARDWARE
        },
    }


def _median(values: Sequence[float]) -> float:
    return float(np.median(values))
