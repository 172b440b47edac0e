"""Projected time on hardware: reported with its assumptions, and never part of a verdict.

T = N_circuits · S · (t_reset + depth · t_gate + t_meas) / parallel, with N_circuits = 2·P·B·steps for training by
parameter shift, or N(N - 1)/2 for a kernel.
"""

from dataclasses import dataclass

from qml.errors import SpecError


@dataclass(frozen=True)
class Hardware:
    """Times of one machine, in seconds.

    Args:
        name: What to call it.
        t_reset: To reset all qubits.
        t_gate: Of one layer of gates; the two-qubit gate, which is the slower one.
        t_meas: To read all qubits.
        source: Where the numbers are from.
    """

    name: str
    t_reset: float
    t_gate: float
    t_meas: float
    source: str

    def __post_init__(self) -> None:
        if min(self.t_reset, self.t_gate, self.t_meas) < 0:
            raise SpecError(f"the times of {self.name!r} must not be negative.")


HARDWARE = (
    Hardware(
        "superconducting",
        t_reset=160e-9,
        t_gate=34e-9,
        t_meas=500e-9,
        source="Google Quantum AI 2023, Nature 614, 676 (arXiv:2207.06431): gates, measurement and reset of one cycle",
    ),
    Hardware(
        "trapped ions",
        t_reset=35e-6,
        t_gate=210e-6,
        t_meas=175e-6,
        source="IonQ calibration printed in Cirq's documentation (quantumai.google/cirq/hardware/ionq/calibrations)",
    ),
)


def n_circuits_parameter_shift(n_parameters: int, n_samples: int, n_steps: int) -> int:
    """Return the circuits of a training by parameter shift: two a parameter, sample and optimiser step.

    Args:
        n_parameters: P, weights of the circuit.
        n_samples: B, samples a step.
        n_steps: Optimiser steps.

    >>> n_circuits_parameter_shift(24, 32, 100)
    153600
    """
    return 2 * n_parameters * n_samples * n_steps


def n_circuits_kernel(n_rows: int) -> int:
    """Return the circuits of a kernel matrix of N rows: one a pair.

    >>> n_circuits_kernel(100)
    4950
    """
    return n_rows * (n_rows - 1) // 2


def hardware_seconds(n_circuits: int, shots: int, depth: int, hardware: Hardware, parallel: int = 1) -> float:
    """Return the projected seconds; queueing, compilation, communication and calibration are not in them.

    Args:
        n_circuits: See the two functions above.
        shots: S, runs of each circuit.
        depth: Layers of gates.
        hardware: Its times.
        parallel: Machines that share the work.

    Raises:
        SpecError: If a count is below what it can be.

    >>> round(hardware_seconds(4950, 1000, 20, HARDWARE[0]), 2)
    6.63
    """
    if min(n_circuits, depth) < 0 or min(shots, parallel) < 1:
        raise SpecError(
            f"counts must not be negative, shots and parallel at least 1; got n_circuits={n_circuits}, shots={shots}, "
            f"depth={depth}, parallel={parallel}."
        )
    return n_circuits * shots * (hardware.t_reset + depth * hardware.t_gate + hardware.t_meas) / parallel
