"""From a ``Program`` to one parameterised Qiskit circuit.

Wire w is qubit w, so the most significant bit of a PennyLane index is Qiskit's least significant; whoever reads
results lists the qubits in reverse.  Only gates that Aer's state-vector, density-matrix and matrix-product methods
all have are written (rx, ry, rz, p, rzz, the Paulis, h, s, t, sx and their inverses, cx, cy, cz, ccx, swap, unitary);
fixed gates are recognised by their matrix, so that a noise model finds them by name.
"""

from dataclasses import dataclass, field
from itertools import pairwise, permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qml.errors import CircuitError
from qml.simulators.program import CONSTANT, DENSE, ONE_WIRE, PARITY, PERMUTE, PHASE, RX, RY, RZ, Program

MAX_UNITARY_WIRES = 10
_ROTATIONS = {RX: "rx", RY: "ry", RZ: "rz", PHASE: "p"}
_ROOT = np.sqrt(0.5)
_X = np.array([[0, 1], [1, 0]])
# Qiskit's names of fixed gates on one qubit.
FIXED = {
    "id": np.eye(2),
    "x": _X,
    "y": np.array([[0, -1j], [1j, 0]]),
    "z": np.diag([1, -1]),
    "h": np.array([[1, 1], [1, -1]]) * _ROOT,
    "s": np.diag([1, 1j]),
    "sdg": np.diag([1, -1j]),
    "t": np.diag([1, (1 + 1j) * _ROOT]),
    "tdg": np.diag([1, (1 - 1j) * _ROOT]),
    "sx": np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]]) / 2,
    "sxdg": np.array([[1 - 1j, 1 + 1j], [1 + 1j, 1 - 1j]]) / 2,
}
# Those that move basis states: new[k] = old[source[k]], the first qubit most significant.
MOVES = {"x": (1, 0), "cx": (0, 1, 3, 2), "swap": (0, 2, 1, 3), "ccx": (0, 1, 2, 3, 4, 5, 7, 6)}


@dataclass
class Translated:
    """A circuit with parameters.

    Attributes:
        circuit: The ``qiskit.QuantumCircuit``, without measurements.
        parameters: Its parameters with (angle, factor): a parameter's value is factor times the angle.
        global_phases: Angles that only turn the whole state, by exp(-i angle/2); they are not in the circuit.
    """

    circuit: Any
    parameters: dict[Any, tuple[int, float]] = field(default_factory=dict)
    global_phases: list[int] = field(default_factory=list)


def translate(program: Program) -> Translated:
    """Write a program as a Qiskit circuit.

    Args:
        program: The circuit; its first states are the caller's to prepare.

    Returns:
        The circuit; its parameters stand for angles, not for inputs and weights.

    Raises:
        CircuitError: If an operation has no translation; the message names it.

    >>> import pennylane as qp
    >>> from qml.simulators.trace import trace
    >>> def bell(inputs):
    ...     qp.RY(inputs[0], wires=0)
    ...     qp.CNOT([0, 1])
    ...     return qp.probs()
    >>> found = translate(trace(bell, 1, {}, fuse=False).program)
    >>> [instruction.operation.name for instruction in found.circuit.data]
    ['ry', 'cx']
    """
    return _Writer(program).write()


class _Writer:
    """Writes one circuit."""

    def __init__(self, program: Program) -> None:
        from qiskit import QuantumCircuit

        self.program = program
        self.found = Translated(QuantumCircuit(program.n_wires))
        self._by_value: dict[tuple[int, float], Any] = {}

    def write(self) -> Translated:
        for kind, a, b, c, start, stop in self.program.operations.tolist():
            if kind == ONE_WIRE:
                for element, index in self.program.elements[start:stop].tolist():
                    self._element(element, index, self._wires(a)[0], self._wires(b), b, c)
            elif kind == PARITY:
                self._parity(self._wires(a), b)
            elif kind == PERMUTE:
                self._permute(self.program.permutations[a].table())
            elif kind == DENSE:
                dense = self.program.dense[a]
                count = len(dense.offsets).bit_length() - 1
                wires = [self._wires(int(dense.offsets[1 << (count - 1 - i)]))[0] for i in range(count)]
                self._unitary(dense.matrix, wires)
            else:
                raise CircuitError(f"Aer has no translation of operation kind {kind} of a program.")
        return self.found

    def _wires(self, mask: int) -> list[int]:
        """Return the wires of a bit mask, the most significant first."""
        n_wires = self.program.n_wires
        return [wire for wire in range(n_wires) if mask >> (n_wires - 1 - wire) & 1]

    def _parameter(self, angle: int, factor: float) -> Any:
        from qiskit.circuit import Parameter

        key = (angle, factor)
        if key not in self._by_value:
            self._by_value[key] = Parameter(f"angle[{angle}]*{factor}")
            self.found.parameters[self._by_value[key]] = key
        return self._by_value[key]

    def _element(self, kind: int, index: int, target: int, controls: list[int], mask: int, value: int) -> None:
        circuit = self.found.circuit
        if kind == CONSTANT:
            self._constant(self.program.constants[index], target, controls, mask, value)
            return
        if not controls:
            getattr(circuit, _ROTATIONS[kind])(self._parameter(index, 1.0), target)
            return
        zeros = self._wires(mask & ~value)
        for wire in zeros:
            circuit.x(wire)
        if kind == PHASE:
            self._controlled_phase(index, [*controls, target])
        else:
            self._controlled_rotation(kind, index, 1.0, controls, target)
        for wire in zeros:
            circuit.x(wire)

    def _controlled_rotation(self, kind: int, angle: int, factor: float, controls: list[int], target: int) -> None:
        """Write R(a/2) F R(-a/2) F with a controlled F that turns the rotation around (Barenco et al. 1995, 5.1)."""
        rotate = getattr(self.found.circuit, _ROTATIONS[kind])
        flip = "z" if kind == RX else "x"
        self._flip(flip, controls, target)
        rotate(self._parameter(angle, -factor / 2), target)
        self._flip(flip, controls, target)
        rotate(self._parameter(angle, factor / 2), target)

    def _controlled_phase(self, angle: int, wires: list[int]) -> None:
        """Write a phase of the all-ones state: a controlled RZ, and half of the phase on one wire less."""
        factor = 1.0
        for count in range(len(wires) - 1, 0, -1):
            self._controlled_rotation(RZ, angle, factor, wires[:count], wires[count])
            factor /= 2
        self.found.circuit.p(self._parameter(angle, factor), wires[0])

    def _flip(self, name: str, controls: list[int], target: int) -> None:
        if len(controls) == 1:
            getattr(self.found.circuit, f"c{name}")(controls[0], target)
        elif len(controls) == 2 and name == "x":
            self.found.circuit.ccx(*controls, target)
        else:
            self._unitary(_controlled(FIXED[name], [1] * len(controls)), [*controls, target])

    def _constant(
        self, matrix: NDArray[np.complex128], target: int, controls: list[int], mask: int, value: int
    ) -> None:
        name = next((name for name, known in FIXED.items() if np.allclose(matrix, known, rtol=0, atol=1e-12)), None)
        if not controls and name is not None:
            getattr(self.found.circuit, name)(target)
        elif len(controls) == 1 and mask == value and name in ("x", "y", "z"):
            getattr(self.found.circuit, f"c{name}")(controls[0], target)
        elif len(controls) == 2 and mask == value and name == "x":
            self.found.circuit.ccx(*controls, target)
        else:
            values = [int(wire in self._wires(value)) for wire in controls]
            self._unitary(_controlled(matrix, values), [*controls, target])

    def _parity(self, wires: list[int], angle: int) -> None:
        circuit = self.found.circuit
        if not wires:
            self.found.global_phases.append(angle)
            return
        parameter = self._parameter(angle, 1.0)
        if len(wires) == 1:
            circuit.rz(parameter, wires[0])
        elif len(wires) == 2:
            circuit.rzz(parameter, *wires)
        else:
            pairs = list(pairwise(wires))
            for control, target in pairs:
                circuit.cx(control, target)
            circuit.rz(parameter, wires[-1])
            for control, target in reversed(pairs):
                circuit.cx(control, target)

    def _permute(self, source: NDArray[np.int64]) -> None:
        """Write a permutation on the wires it concerns, by name where it has one."""
        n_wires = self.program.n_wires
        index = np.arange(1 << n_wires)
        bits = [1 << (n_wires - 1 - wire) for wire in range(n_wires)]
        wires = [wire for wire, bit in enumerate(bits) if np.any(source[index ^ bit] != source[index] ^ bit)]
        wires += [wire for wire, bit in enumerate(bits) if wire not in wires and np.any((source ^ index) & bit)]
        wires.sort()
        for name, move in MOVES.items():
            if len(move) != 1 << len(wires):
                continue
            for order in permutations(wires):
                if np.array_equal(_restrict(source, order, n_wires), move):
                    getattr(self.found.circuit, name)(*order)
                    return
        if wires:
            matrix = np.zeros((1 << len(wires),) * 2, dtype=np.complex128) if len(wires) <= MAX_UNITARY_WIRES else None
            if matrix is not None:
                matrix[np.arange(len(matrix)), _restrict(source, tuple(wires), n_wires)] = 1
            self._unitary(matrix, wires)

    def _unitary(self, matrix: NDArray[np.complex128] | None, wires: list[int]) -> None:
        from qiskit.circuit.library import UnitaryGate

        if matrix is None or len(wires) > MAX_UNITARY_WIRES:
            raise CircuitError(
                f"a fixed gate on {len(wires)} wires goes to Aer as a matrix, and that is done for up to "
                f"{MAX_UNITARY_WIRES} wires; write it with smaller gates, or use backend='statevector'."
            )
        self.found.circuit.append(UnitaryGate(matrix), wires[::-1])


def _controlled(matrix: NDArray[Any], values: list[int]) -> NDArray[np.complex128]:
    """Return a 2x2 gate that acts where its control bits, the most significant ones, have the values."""
    full = np.eye(2 << len(values), dtype=np.complex128)
    place = 2 * sum(value << (len(values) - 1 - i) for i, value in enumerate(values))
    full[place : place + 2, place : place + 2] = matrix
    return full


def _restrict(source: NDArray[np.int64], wires: tuple[int, ...], n_wires: int) -> NDArray[np.int64]:
    """Return a permutation on some wires, where it leaves the others alone; the first wire is most significant."""
    small = np.arange(1 << len(wires))
    bits = [n_wires - 1 - wire for wire in wires]
    place = sum((small >> (len(wires) - 1 - i) & 1) << bit for i, bit in enumerate(bits))
    moved = source[place]
    found: NDArray[np.int64] = sum((moved >> bit & 1) << (len(wires) - 1 - i) for i, bit in enumerate(bits))
    return found
