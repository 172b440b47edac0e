"""Reads a Qiskit Aer noise model.  Qiskit is imported here alone, and only when it is called."""

from typing import Any

import numpy as np

from qml.errors import CircuitError
from qml.simulators.noise import MAX_CHANNEL_WIRES, Channel, GateKey

# Qiskit's instruction names and the PennyLane gates that carry their noise.
NAMES: dict[str, tuple[str, ...]] = {
    "id": ("Identity",),
    "x": ("PauliX",),
    "y": ("PauliY",),
    "z": ("PauliZ",),
    "h": ("Hadamard",),
    "s": ("S",),
    "sdg": ("Adjoint(S)",),
    "t": ("T",),
    "tdg": ("Adjoint(T)",),
    "sx": ("SX",),
    "sxdg": ("Adjoint(SX)",),
    "p": ("PhaseShift",),
    "u1": ("U1",),
    "u2": ("U2",),
    "u3": ("U3",),
    "u": ("U3", "Rot"),
    "rx": ("RX",),
    "ry": ("RY",),
    "rz": ("RZ",),
    "cx": ("CNOT",),
    "cy": ("CY",),
    "cz": ("CZ",),
    "ch": ("CH",),
    "cp": ("ControlledPhaseShift",),
    "cu1": ("ControlledPhaseShift",),
    "crx": ("CRX",),
    "cry": ("CRY",),
    "crz": ("CRZ",),
    "swap": ("SWAP",),
    "iswap": ("ISWAP",),
    "ecr": ("ECR",),
    "rxx": ("IsingXX",),
    "ryy": ("IsingYY",),
    "rzz": ("IsingZZ",),
    "ccx": ("Toffoli",),
    "ccz": ("CCZ",),
    "cswap": ("CSWAP",),
    "mcx": ("MultiControlledX",),
    "unitary": ("QubitUnitary",),
}
# Instructions that no circuit here has, so that their errors change nothing.
_ABSENT = frozenset({"delay", "reset", "initialize"})


def read_aer(source: Any) -> tuple[dict[GateKey, tuple[Channel, ...]], dict[int | None, tuple[float, float]]]:
    """Return the channels by gate and the readout errors by wire of an Aer noise model or backend.

    Raises:
        CircuitError: If there is a piece that cannot be kept; the message names it.
    """
    model = _model(source)
    gates: dict[GateKey, tuple[Channel, ...]] = {}
    for instruction, error in model._default_quantum_errors.items():
        for name in _names(instruction):
            gates[name] = _channels(error, instruction)
    for instruction, errors in model._local_quantum_errors.items():
        for qubits, error in errors.items():
            for name in _names(instruction):
                gates[name, tuple(qubits)] = _channels(error, f"{instruction} on {tuple(qubits)}")
    readout: dict[int | None, tuple[float, float]] = {}
    if model._default_readout_error is not None:
        readout[None] = _readout(model._default_readout_error, "all qubits")
    for qubits, error in model._local_readout_errors.items():
        readout[int(qubits[0])] = _readout(error, f"qubits {tuple(qubits)}")
    return gates, readout


def _model(source: Any) -> Any:
    try:
        from qiskit_aer.noise import NoiseModel
    except ImportError as error:
        raise CircuitError("reading an Aer noise model needs qiskit-aer: `pip install qiskit-aer`.") from error
    if isinstance(source, NoiseModel):
        return source
    try:
        return NoiseModel.from_backend(source)
    except Exception as error:
        raise CircuitError(
            f"from_aer takes a qiskit_aer.noise.NoiseModel or a backend; got {type(source).__name__}: {error}"
        ) from error


def _names(instruction: str) -> tuple[str, ...]:
    if instruction in _ABSENT:
        return ()
    if instruction not in NAMES:
        raise CircuitError(
            f"the Aer noise model has an error on the instruction {instruction!r}, which has no PennyLane gate here. "
            f"Known instructions: {', '.join(sorted(NAMES))}."
        )
    return NAMES[instruction]


def _channels(error: Any, where: str) -> tuple[Channel, ...]:
    """Return one Aer error as a channel on the gate's wires in order."""
    from qiskit.quantum_info import Kraus

    if error.num_qubits > MAX_CHANNEL_WIRES:
        raise CircuitError(
            f"the Aer error on {where} is on {error.num_qubits} qubits at once; channels here are on up to "
            f"{MAX_CHANNEL_WIRES}."
        )
    data = Kraus(error).data
    if isinstance(data, tuple):
        raise CircuitError(f"the Aer error on {where} is not completely positive and cannot be kept.")
    operators = np.array(data)
    if error.num_qubits == 2:  # the gate's first qubit is Qiskit's least significant
        operators = operators.reshape(-1, 2, 2, 2, 2).transpose(0, 2, 1, 4, 3).reshape(-1, 4, 4)
    return (Channel.kraus(operators, name=f"aer {where}"),)


def _readout(error: Any, where: str) -> tuple[float, float]:
    if error.number_of_qubits != 1:
        raise CircuitError(
            f"the Aer readout error on {where} is on {error.number_of_qubits} qubits at once; readout errors here are "
            "independent from wire to wire."
        )
    matrix = np.asarray(error.probabilities)
    return float(matrix[0, 1]), float(matrix[1, 0])
