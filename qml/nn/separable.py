"""The separable twin of a circuit: every gate between wires taken out, every input and weight kept."""

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pennylane as qp
import torch

from qml.circuits import DeclaredCircuit
from qml.errors import CircuitError
from qml.simulators.expansions import NotTraceableError, expand
from qml.simulators.gates import PARITIES
from qml.simulators.lower import MAX_EXPANSION_DEPTH, is_template, is_variable

_ROTATIONS: Mapping[str, Any] = {"X": qp.RX, "Y": qp.RY, "Z": qp.RZ}
_AXES: Mapping[str, str] = {"IsingXX": "X", "IsingYY": "Y", "IsingXY": "XY", **dict.fromkeys(PARITIES, "Z")}
# Their decomposition depends on the values in the matrix, so that another sample would have another circuit.
_BY_MATRIX = frozenset({"QubitUnitary", "ControlledQubitUnitary", "DiagonalQubitUnitary", "BlockEncode"})


def separable_circuit(circuit: Callable[..., Any]) -> Callable[..., Any]:
    """Return the quantum function without entangling gates; it takes the same inputs and weights.

    - A gate between wires without an angle is dropped.
    - A gate between wires whose angle is an input, a weight or a function of both becomes rotations by this angle on
      each of its wires, about its own axes.  So the data are encoded as a product state, and every weight stays
      trainable: the number of parameters is the same.
    - Templates are looked into; amplitudes are encoded as angles, amplitude times pi, one after the other on the wires.
    - A wire that the circuit reads only by way of such gates would be lost to the twin: its ⟨Z⟩ is added to the
      expectation values that could depend on it.

    Args:
        circuit: Quantum function, QNode or declared circuit.

    Returns:
        Of the same type.

    Raises:
        CircuitError: When it is run, if an operator cannot be taken apart; the message names it.

    Source: separable models of Bowles, Ahmed, Schuld 2024 (arXiv:2403.07059).

    >>> def circuit(inputs, weights):
    ...     qp.RX(inputs[..., 0], wires=0)
    ...     qp.IsingZZ(inputs[..., 0] * weights[0], wires=[0, 1])
    ...     qp.CNOT(wires=[0, 1])
    ...     return qp.expval(qp.Z(0))
    >>> x = torch.tensor([0.3])
    >>> print(qp.draw(separable_circuit(circuit), decimals=None)(inputs=x, weights=x))
    0: ──RX──RZ─┤ ╭<𝓗>
    1: ──RZ─────┤ ╰<𝓗>
    """
    if isinstance(circuit, qp.QNode):
        qnode: Callable[..., Any] = qp.QNode(SeparableFunction(circuit.func), circuit.device)
        return qnode
    return SeparableDeclared(circuit) if isinstance(circuit, DeclaredCircuit) else SeparableFunction(circuit)


class SeparableFunction:
    """A quantum function without its entangling gates.

    Args:
        function: The quantum function.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__name__ = f"{getattr(function, '__name__', 'circuit')}, separable"
        self.__signature__ = inspect.signature(function)

    def __call__(self, inputs: Any, **weights: Any) -> Any:
        """Queue the twin of what the function queues."""
        return _queue_twin(self.function, inputs, weights)


@dataclass(frozen=True)
class SeparableDeclared(DeclaredCircuit):
    """A declared circuit without its entangling gates.

    Attributes:
        circuit: The circuit.
    """

    circuit: DeclaredCircuit

    @property
    def n_inputs(self) -> int:
        """Features of one sample."""
        return self.circuit.n_inputs

    @property
    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each weight by argument name: those of the circuit."""
        return self.circuit.weight_shapes

    @property
    def name(self) -> str:
        """What the circuit is called."""
        return f"{self.circuit.name}, separable"

    def __call__(self, inputs: Any, **weights: Any) -> Any:
        """Queue the twin of what the circuit queues."""
        return _queue_twin(self.circuit, inputs, weights)


def _queue_twin(function: Callable[..., Any], inputs: Any, weights: Mapping[str, Any]) -> Any:
    with qp.queuing.AnnotatedQueue() as queue:
        returned = function(inputs=inputs, **weights)
    tape = qp.tape.QuantumScript.from_queue(queue)
    joined: list[Sequence[Any]] = []
    with qp.queuing.QueuingManager.stop_recording():
        parts = [part for operation in tape.operations for part in _parts(operation, joined, 0)]
        measurements = _measurements(tape.measurements, tape.wires.tolist(), joined)
        touched = {wire for part in [*parts, *measurements] for wire in part.wires}
        # A wire without gates is still one of the circuit's.
        parts += [qp.Identity(wires=wire) for wire in tape.wires if wire not in touched]
    for part in [*parts, *measurements]:
        qp.apply(part)
    return measurements if isinstance(returned, (list, tuple)) else measurements[0]


def _parts(operation: Any, joined: list[Sequence[Any]], depth: int) -> list[Any]:
    """Return the one-wire gates that stand for an operation; ``joined`` takes the wires of those between wires."""
    if len(operation.wires) < 2 or operation.name in ("Identity", "Barrier", "BasisState", "BasisEmbedding"):
        return [operation]
    variable = is_variable(operation)
    if isinstance(operation, qp.StatePrep):
        joined.append(operation.wires.tolist())
        return _amplitudes_as_angles(operation) if variable else []
    if operation.name in _AXES or operation.name == "PauliRot":
        joined.append(operation.wires.tolist())
        return _rotations(operation) if variable else []
    if isinstance(operation, qp.ops.Controlled) and len(operation.base.wires) == 1:
        joined.append(operation.wires.tolist())
        return _uncontrolled(operation) if variable else []
    if variable and operation.name in _BY_MATRIX:
        raise CircuitError(f"there is no separable twin: the matrix of {operation.name} depends on inputs or weights.")
    if (variable or is_template(operation)) and depth < MAX_EXPANSION_DEPTH:
        return [part for inner in _expanded(operation) for part in _parts(inner, joined, depth + 1)]
    if variable:
        raise CircuitError(f"there is no separable twin: {operation.name} cannot be taken apart.")
    joined.append(operation.wires.tolist())
    return []


def _expanded(operation: Any) -> Sequence[Any]:
    try:
        return expand(operation)
    except NotTraceableError as error:
        raise CircuitError(f"there is no separable twin: {error}.") from error


def _rotations(operation: Any) -> list[Any]:
    """Write a rotation of a Pauli word as the same rotation of each of its letters."""
    angle = operation.data[0]
    if operation.name == "PauliRot":
        letters: Iterable[str] = operation.hyperparameters["pauli_word"]
        return [
            _ROTATIONS[letter](angle, wires=wire)
            for letter, wire in zip(letters, operation.wires, strict=True)
            if letter != "I"
        ]
    axes = _AXES[operation.name]
    return [_ROTATIONS[axis](angle / len(axes), wires=wire) for wire in operation.wires for axis in axes]


def _uncontrolled(operation: Any) -> list[Any]:
    """Write a controlled gate as the gate on its target, and its angles as phases on its controls."""
    phases = [qp.RZ(angle, wires=wire) for wire in operation.control_wires for angle in operation.base.data]
    return [operation.base, *phases]


def _amplitudes_as_angles(operation: Any) -> list[Any]:
    amplitudes, wires = torch.real(torch.as_tensor(operation.parameters[0])), operation.wires
    axes = (qp.RY, qp.RZ)
    return [
        axes[(k // len(wires)) % 2](math.pi * amplitudes[..., k], wires=wires[k % len(wires)])
        for k in range(amplitudes.shape[-1])
    ]


def _measurements(measurements: Sequence[Any], wires: Sequence[Any], joined: Sequence[Sequence[Any]]) -> list[Any]:
    """Add ⟨Z⟩ of the wires that nothing reads any more to what could depend on them."""
    read = {wire for measurement in measurements for wire in measurement.wires}
    lost = [wire for wire in wires if wire not in read]
    if any(not measurement.wires for measurement in measurements):  # a measurement without wires reads them all
        return list(measurements)
    groups = _groups(wires, joined)
    return [_with_lost(measurement, lost, groups) for measurement in measurements]


def _with_lost(measurement: Any, lost: Sequence[Any], groups: Mapping[Any, Any]) -> Any:
    near = {groups[wire] for wire in measurement.wires}
    seen = [wire for wire in lost if groups[wire] in near]
    is_expectation = isinstance(measurement, qp.measurements.ExpectationMP)
    if not (seen and is_expectation and measurement.obs is not None and measurement.obs.pauli_rep is not None):
        return measurement
    return qp.expval(qp.sum(measurement.obs, *(qp.Z(wire) for wire in seen)))


def _groups(wires: Sequence[Any], joined: Sequence[Sequence[Any]]) -> dict[Any, Any]:
    """Name, for each wire, the group of wires that gates connect it with."""
    group = {wire: wire for wire in wires}
    for together in joined:
        names = {group[wire] for wire in together}
        group = {wire: group[together[0]] if name in names else name for wire, name in group.items()}
    return group
