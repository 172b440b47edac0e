"""A circuit at given data and weights, gate by gate: what the simulability tags read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pennylane as qp
import torch
from numpy.typing import NDArray

from qml.circuits import DeclaredCircuit
from qml.errors import CircuitError
from qml.nn import QuantumLayer
from qml.simulators import Engine, Traced, trace
from qml.simulators.gates import Gate
from qml.simulators.moments import moments_of
from qml.simulators.program import CONSTANT, PHASE, RX, RY, Float, Program, no_observables

Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class BoundCircuit:
    """A traced circuit with the inputs that it sees and the weights that it has.

    Args:
        traced: Traced with ``gates``, none of them merged.
        inputs: Features as the circuit takes them, shape (n_rows, n_inputs).
        weights: By name, in the order of the circuit's weight shapes.
        circuit: What was traced: a quantum function.
        shots: Of the layer that it came from; None for exact values.
        noisy: Whether that layer has noise.
    """

    traced: Traced
    inputs: Float
    weights: Mapping[str, Float]
    circuit: Any = None
    shots: int | None = None
    noisy: bool = False

    @property
    def n_wires(self) -> int:
        """Number of wires."""
        return self.traced.program.n_wires

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The gates in order of action; a template is written as its gates, and a gate as its rotations."""
        return self.traced.gates

    @property
    def depth(self) -> int:
        """Number of layers of gates, each put as early as its wires allow."""
        free = [0] * self.n_wires
        for gate in self.gates:
            layer = 1 + max((free[wire] for wire in wires_of(gate)), default=-1)
            for wire in wires_of(gate):
                free[wire] = layer
        return max(free)

    @property
    def measures_state(self) -> bool:
        """Whether the circuit returns its state, as the feature map of a fidelity kernel does."""
        return self.traced.program.measurement.kind == "state"

    def with_rows(self, n_rows: int) -> "BoundCircuit":
        """Return the same circuit on the first rows."""
        return replace(self, inputs=self.inputs[:n_rows])

    @cached_property
    def _variables(self) -> tuple[Float, Complex | None]:
        """Inputs, extra variables and weights of each row, shape (n_rows, n_variables); and first states."""
        weights = [torch.from_numpy(value) for value in self.weights.values()]
        samplewise, initial = self.traced.variables(torch.from_numpy(self.inputs), weights)
        flat = np.concatenate([np.zeros(0), *(value.reshape(-1) for value in self.weights.values())])
        rows = np.concatenate([samplewise.numpy(), np.tile(flat, (len(self.inputs), 1))], axis=1)
        return rows, None if initial is None else initial.numpy()

    @cached_property
    def angles(self) -> Float:
        """Angle of each rotation in radians, shape (n_rows, n_angles)."""
        polynomials, (variables, _) = self.traced.program.angles, self._variables
        padded = np.concatenate([variables, np.ones((len(variables), 1))], axis=1)  # index -1 is the factor one
        terms = polynomials.coefficient * padded[:, polynomials.first] * padded[:, polynomials.second]
        sums = np.concatenate([np.zeros((len(terms), 1)), np.cumsum(terms, axis=1)], axis=1)
        result: Float = polynomials.constant + sums[:, polynomials.start[1:]] - sums[:, polynomials.start[:-1]]
        return result

    def matrices(self, gate: Gate) -> Complex:
        """Return a gate's unitary of each row on `wires_of` it, shape (n_rows, 2**k, 2**k)."""
        return gate_matrices(self.traced, gate, self.angles)

    def states(self) -> Complex:
        """Return the final state of each row, shape (n_rows, 2**n_wires)."""
        n_states = 1 << self.n_wires
        state = no_observables("state", n_states, (n_states,))
        program = replace(self.traced.program, measurement=state)
        samplewise = program.n_inputs + program.n_extra
        variables, initial = self._variables
        planes = None if initial is None else torch.from_numpy(np.stack([initial.real, initial.imag], axis=1))
        weights = variables[0, samplewise:] if len(variables) else np.zeros(program.n_weights)
        rows = torch.from_numpy(variables[:, :samplewise])
        found, _ = Engine(program, np.float64).forward(rows, torch.from_numpy(weights), planes, keep=False)
        states: Complex = torch.complex(found[:, 0], found[:, 1]).numpy()
        return states

    def first_states(self) -> Complex | None:
        """Return the prepared states where the circuit begins with amplitudes, shape (n_rows, 2**n_wires)."""
        return self._variables[1]

    def variables_of(self, gate: Gate) -> frozenset[int]:
        """Return the inputs (from 0) and weights (from n_inputs, flattened) that a gate's angles depend on."""
        angles = [gate.angle] if gate.kind == "parity" else [i for kind, i in gate.elements if kind != CONSTANT]
        polynomials, program = self.traced.program.angles, self.traced.program
        found: set[int] = set()
        for p in angles:
            terms = slice(polynomials.start[p], polynomials.start[p + 1])
            for variable in {*polynomials.first[terms].tolist(), *polynomials.second[terms].tolist()} - {-1}:
                if variable < program.n_inputs:
                    found.add(variable)
                elif variable < program.n_inputs + program.n_extra:
                    found |= self._extra_depends_on[variable - program.n_inputs]
                else:
                    found.add(variable - program.n_extra)
        return frozenset(found)

    @cached_property
    def _extra_depends_on(self) -> tuple[frozenset[int], ...]:
        """Inputs and weights of each angle that is no polynomial, from its derivatives at the rows."""
        extra, weights = self.traced.extra, [torch.from_numpy(value) for value in self.weights.values()]
        if extra is None:
            return ()
        found: list[set[int]] = [set() for _ in range(self.traced.program.n_extra)]
        for row in self.inputs[:4]:
            arguments = (torch.from_numpy(row), *weights)
            parts = torch.func.jacrev(lambda *given: extra(*given)[0], argnums=tuple(range(len(arguments))))(*arguments)
            slopes = torch.cat([part.reshape(len(found), -1) for part in parts], dim=1)
            for which, slope in zip(found, slopes, strict=True):
                which |= set(torch.nonzero(slope).flatten().tolist())
        return tuple(frozenset(which) for which in found)


def bind(layer: QuantumLayer, inputs: Any) -> BoundCircuit:
    """Trace a layer's circuit gate by gate, and bind it to inputs and to the layer's weights.

    Args:
        layer: With its circuit; shots and noise are left aside.
        inputs: As the layer takes them, shape (n_rows, n_inputs), at least one row.

    Raises:
        CircuitError: If the layer has lost its circuit, or the inputs do not fit.
        NotTraceableError: If the engine cannot run the circuit.

    >>> layer = QuantumLayer.from_names(n_wires=2, ansatz="cz-ring")
    >>> len(bind(layer, [[0.1, 0.2]]).gates)  # RY and Rot on each wire, and one CZ
    9
    """
    rows = np.asarray(inputs, dtype=np.float64)
    if rows.ndim != 2 or not len(rows):
        raise CircuitError(f"inputs must have shape (n_rows, n_inputs) with at least one row; got {rows.shape}.")
    if layer.circuit is None:
        raise CircuitError("this layer was loaded without its circuit and cannot be looked into; build it anew.")
    weights = {
        name: getattr(layer, name).detach().cpu().to(torch.float64, copy=True).contiguous().numpy()
        for name in layer.weight_shapes
    }
    bound = bind_circuit(layer.circuit, rows, weights)
    return replace(bound, shots=layer.shots, noisy=layer.noise is not None)


def bind_circuit(circuit: Any, inputs: Float, weights: Mapping[str, Float]) -> BoundCircuit:
    """Bind a quantum function, QNode or declared circuit to inputs, shape (n_rows, n_inputs), and weights by name."""
    shapes = {name: tuple(value.shape) for name, value in weights.items()}
    inputs = np.ascontiguousarray(inputs)
    if isinstance(circuit, DeclaredCircuit):
        if circuit.n_inputs != inputs.shape[1]:
            raise CircuitError(f"this circuit takes {circuit.n_inputs} features a row; got {inputs.shape[1]}.")
        traced = _trace_declared(circuit)
    else:
        function, wires = circuit, None
        if isinstance(function, qp.QNode):
            wires = None if function.device.wires is None else function.device.wires.tolist()
            function = function.func
        example = torch.from_numpy(inputs[0])
        traced = trace(
            function, inputs.shape[1], shapes, wires=wires, example=example, fuse=False, after=_nothing_after
        )
    return BoundCircuit(_one_by_one(traced), inputs, dict(weights), circuit)


@lru_cache(maxsize=64)
def _trace_declared(circuit: DeclaredCircuit) -> Traced:
    return trace(circuit, circuit.n_inputs, circuit.weight_shapes, fuse=False, after=_nothing_after)


def _one_by_one(traced: Traced) -> Traced:
    """Write a gate of several rotations, such as Rot, as several gates."""
    gates = []
    for gate in traced.gates:
        gates.extend([replace(gate, elements=[element]) for element in gate.elements] or [gate])
    return replace(traced, gates=tuple(gates))


def _nothing_after(name: str, wires: tuple[int, ...]) -> Sequence[Gate]:
    return ()


def wires_of(gate: Gate) -> tuple[int, ...]:
    """Return the wires of `BoundCircuit.matrices` in order: controls first."""
    return (*gate.controls, *gate.wires)


def gate_matrices(traced: Traced, gate: Gate, angles: Float) -> Complex:
    """Return a gate's unitary on `wires_of` it.

    Args:
        traced: The circuit.
        gate: One of its gates.
        angles: Radians, shape (n_rows, n_angles).

    Returns:
        Shape (n_rows, 2**k, 2**k).
    """
    n_rows = len(angles)
    if gate.matrix is not None:
        return np.broadcast_to(gate.matrix, (n_rows, *gate.matrix.shape))
    if gate.kind == "parity":
        return _parity(len(gate.wires), angles[:, gate.angle])
    product: Complex = np.broadcast_to(np.eye(2, dtype=np.complex128), (n_rows, 2, 2))
    for kind, index in gate.elements:
        factor = traced.program.constants[index] if kind == CONSTANT else rotations(kind, angles[:, index])
        product = factor @ product
    return _controlled(product, gate.values)


def measured_words(program: Program) -> list[dict[tuple[int, int], float]]:
    """Write each measured observable as Pauli words.

    Returns:
        One mapping an observable, from (x mask, z mask) to the coefficient; wire 0 is the most significant bit, and
        both bits of a wire stand for Y.  Empty for a circuit that returns its state.
    """
    measurement = program.measurement
    if measurement.kind == "state":
        return []
    # As one part of a mixture, probabilities are written as projectors.
    moments = moments_of(replace(measurement, kind="mixed", parts=measurement.parts or (measurement,)))
    found: list[dict[tuple[int, int], float]] = [{} for _ in range(moments.n_rows)]
    z_words = [(row, 0, z) for row, z in moments.z_words.tolist()]
    others = [(row, x, z) for row, x, z, _ in moments.terms.tolist()]
    coefficients = [*moments.z_coefficients.tolist(), *moments.coefficients.tolist()]
    for (row, x, z), coefficient in zip([*z_words, *others], coefficients, strict=True):
        found[row][x, z] = found[row].get((x, z), 0.0) + coefficient
    return found


def rotations(kind: int, angle: Float) -> Complex:
    """Return one element's matrix of each row, shape (n_rows, 2, 2)."""
    result = np.zeros((len(angle), 2, 2), dtype=np.complex128)
    cos, sin = np.cos(angle / 2), np.sin(angle / 2)
    if kind == PHASE:
        result[:, 0, 0], result[:, 1, 1] = 1, np.exp(1j * angle)
    elif kind in (RX, RY):
        result[:, 0, 0] = result[:, 1, 1] = cos
        result[:, 0, 1] = -1j * sin if kind == RX else -sin
        result[:, 1, 0] = -1j * sin if kind == RX else sin
    else:
        result[:, 0, 0], result[:, 1, 1] = cos - 1j * sin, cos + 1j * sin
    return result


def _parity(n_wires: int, angle: Float) -> Complex:
    signs = 1.0 - 2.0 * (np.bitwise_count(np.arange(1 << n_wires)) % 2)
    result = np.zeros((len(angle), len(signs), len(signs)), dtype=np.complex128)
    result[:, np.arange(len(signs)), np.arange(len(signs))] = np.exp(-0.5j * np.outer(angle, signs))
    return result


def _controlled(matrices: Complex, values: Sequence[bool]) -> Complex:
    """Return one-wire gates that act where their controls, more significant, have these values."""
    if not values:
        return matrices
    active = sum(int(value) << (len(values) - 1 - i) for i, value in enumerate(values))
    size = 2 << len(values)
    result: Complex = np.tile(np.eye(size, dtype=np.complex128), (len(matrices), 1, 1))
    result[:, 2 * active : 2 * active + 2, 2 * active : 2 * active + 2] = matrices
    return result
