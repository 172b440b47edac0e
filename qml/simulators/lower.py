"""From PennyLane operations to the gates of the engine: the one place that knows both."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pennylane as qp
import torch
from numpy.typing import NDArray

from qml.simulators.expansions import EXPANSIONS, NotTraceableError, expand, walsh
from qml.simulators.gates import IGNORED, PARITIES, PERMUTATIONS, ROTATIONS, Gate
from qml.simulators.pauli import transfer_matrix
from qml.simulators.program import CONSTANT

# A dense gate on k wires costs 2**k multiplications an amplitude; beyond this a decomposition is cheaper.
MAX_DENSE_WIRES = 5
# Without a decomposition there is nothing cheaper; its matrix still has to fit the cache.
MAX_LONE_DENSE_WIRES = 8
MAX_EXPANSION_DEPTH = 20


# (PennyLane name of a gate, its wire positions) -> what follows it.
After = Callable[[str, tuple[int, ...]], Sequence[Gate]]


@dataclass
class Lowered:
    """Operations as gates of the engine.

    Parameters that are torch tensors are variables; all other numbers are constants of the circuit.

    Attributes:
        wire_index: Position of each wire label.
        gates: In order of action.
        angles: Radians; a number, or a tensor of shape () or (n_samples,).
        constants: Constant 2x2 matrices.
        initial: First state, complex, shape (2**n_wires,) or (n_samples, 2**n_wires), or None for all zeros.
    """

    wire_index: Mapping[Any, int]
    gates: list[Gate] = field(default_factory=list)
    angles: list[Any] = field(default_factory=list)
    constants: list[NDArray[np.complex128]] = field(default_factory=list)
    initial: torch.Tensor | None = None


def lower(
    operations: Iterable[Any],
    wire_index: Mapping[Any, int],
    *,
    after: After | None = None,
    readout: Iterable[Any] = (),
) -> Lowered:
    """Write PennyLane operations as gates of the engine.

    Args:
        operations: In order of action.
        wire_index: Position of each wire label; 0 is the most significant.
        after: What follows each gate as written, such as noise; templates count as the gates that they are made of.
        readout: Operations that belong to the measurement; nothing follows them.

    Returns:
        The gates.

    Raises:
        NotTraceableError: If the engine cannot run one of them; the message names it.

    >>> import pennylane as qp
    >>> [gate.kind for gate in lower([qp.RX(0.3, wires="a"), qp.CNOT(wires=["a", "b"])], {"a": 0, "b": 1}).gates]
    ['one', 'permute']
    """
    lowered = Lowered(wire_index)
    for operation in operations:
        if after is None:
            _lower(operation, lowered, depth=0)
        else:
            _lower_with(operation, lowered, after, depth=0)
    for operation in readout:
        _lower(operation, lowered, depth=0)
    return lowered


def _lower_with(operation: Any, lowered: Lowered, after: After, depth: int) -> None:
    """Write one operation and what follows it; a template is written as its gates, each with what follows it."""
    position = tuple(lowered.wire_index[w] for w in operation.wires)
    if isinstance(operation, qp.operation.Channel):
        if is_variable(operation):
            raise NotTraceableError(f"the parameter of the channel {operation.name} is an input or a weight")
        transfer = transfer_matrix(np.asarray(operation.kraus_matrices(), dtype=np.complex128))
        lowered.gates.append(Gate("channel", position, transfer=transfer))
    elif is_template(operation) and operation.has_decomposition and depth < MAX_EXPANSION_DEPTH:
        for part in expand(operation):
            _lower_with(part, lowered, after, depth + 1)
    else:
        _lower(operation, lowered, depth)
        if not isinstance(operation, qp.operation.StatePrepBase):
            lowered.gates.extend(after(operation.name, position))


def is_template(operation: Any) -> bool:
    """Tell a template, or the adjoint of one, from a gate and from the preparation of a state."""
    if isinstance(operation, qp.ops.Adjoint):
        return is_template(operation.base)
    return hasattr(qp.templates, operation.name) and not isinstance(operation, qp.operation.StatePrepBase)


def is_native(operation: Any, *, variable: bool) -> bool:
    """Tell whether an operation is lowered without being decomposed.

    Args:
        operation: Any PennyLane operation.
        variable: Whether its parameters differ between samples or are differentiated.
    """
    if operation.name in IGNORED | PARITIES | PERMUTATIONS | {"GlobalPhase"} or operation.name in ROTATIONS:
        return True
    if isinstance(operation, qp.ops.Controlled) and len(operation.base.wires) == 1:
        base = operation.base
        return base.name in ROTATIONS or (not variable and bool(base.has_matrix))
    return not variable and len(operation.wires) <= MAX_DENSE_WIRES and bool(operation.has_matrix)


def _lower(operation: Any, lowered: Lowered, depth: int) -> None:
    """Write one operation as gates of the engine."""
    name = operation.name
    if name in IGNORED:
        return
    position = tuple(lowered.wire_index[w] for w in operation.wires)
    constant = not is_variable(operation) and operation.has_matrix
    if isinstance(operation, (qp.StatePrep, qp.AmplitudeEmbedding)) and not lowered.gates and lowered.initial is None:
        _prepare(operation, position, lowered)
    elif name in ROTATIONS:
        _rotation(name, operation.data, position[0], (), (), lowered)
    elif name in PARITIES:
        lowered.gates.append(Gate("parity", position, angle=_angle(operation.data[0], lowered)))
    elif name == "GlobalPhase":
        lowered.gates.append(Gate("parity", (), angle=_angle(2 * operation.data[0], lowered)))
    elif name in PERMUTATIONS:
        lowered.gates.append(Gate("permute", position, matrix=_matrix(operation)))
    elif isinstance(operation, qp.ops.Controlled) and _lower_controlled(operation, lowered):
        pass
    elif constant and len(position) == 1:
        _constant(_matrix(operation), position[0], (), (), lowered)
    elif constant and len(position) <= MAX_DENSE_WIRES:
        lowered.gates.append(Gate("dense", position, matrix=_matrix(operation)))
    elif name == "DiagonalQubitUnitary":
        _diagonal(operation.data[0], position, lowered)
    elif (name in EXPANSIONS or operation.has_decomposition) and depth < MAX_EXPANSION_DEPTH:
        for part in expand(operation):
            _lower(part, lowered, depth + 1)
    elif constant and len(position) <= MAX_LONE_DENSE_WIRES:
        lowered.gates.append(Gate("dense", position, matrix=_matrix(operation)))
    else:
        raise NotTraceableError(f"the operator {name} has neither a matrix nor a decomposition that the engine can run")


def _lower_controlled(operation: Any, lowered: Lowered) -> bool:
    """Write a controlled one-wire gate; return False where the base is anything else."""
    base = operation.base
    controls = tuple(lowered.wire_index[w] for w in operation.control_wires)
    values = tuple(bool(v) for v in operation.control_values)
    if len(base.wires) != 1:
        return False
    target = lowered.wire_index[base.wires[0]]
    if base.name in ROTATIONS:
        _rotation(base.name, base.data, target, controls, values, lowered)
        return True
    if is_variable(base) or not base.has_matrix:
        return False
    _constant(_matrix(base), target, controls, values, lowered)
    return True


def _rotation(
    name: str,
    data: Sequence[Any],
    target: int,
    controls: tuple[int, ...],
    values: tuple[bool, ...],
    lowered: Lowered,
) -> None:
    elements = [(kind, _angle(data[which], lowered)) for kind, which in ROTATIONS[name]]
    lowered.gates.append(Gate("one", (target,), elements, controls, values))


def _constant(
    matrix: NDArray[np.complex128],
    target: int,
    controls: tuple[int, ...],
    values: tuple[bool, ...],
    lowered: Lowered,
) -> None:
    lowered.constants.append(matrix)
    elements = [(CONSTANT, len(lowered.constants) - 1)]
    lowered.gates.append(Gate("one", (target,), elements, controls, values))


def _diagonal(entries: torch.Tensor, position: tuple[int, ...], lowered: Lowered) -> None:
    """Write a diagonal unitary as rotations of Pauli-Z words: the Walsh transform of its phases."""
    phases = torch.angle(entries)
    for wires, signs in walsh(position):
        angle = (phases * torch.tensor(signs, dtype=phases.dtype)).mean(-1) * -2
        lowered.gates.append(Gate("parity", wires, angle=_angle(angle, lowered)))


def _angle(value: Any, lowered: Lowered) -> int:
    """Keep an angle and return its index."""
    lowered.angles.append(value)
    return len(lowered.angles) - 1


def _prepare(operation: Any, position: tuple[int, ...], lowered: Lowered) -> None:
    """Keep the amplitudes of a state preparation at the circuit's start."""
    given = operation.parameters[0]
    state = torch.as_tensor(given.toarray() if hasattr(given, "toarray") else given).to(torch.complex128)
    batch = (len(state),) if operation.batch_size is not None else ()
    state = state.reshape(*batch, *(2,) * len(position))
    n_wires = len(lowered.wire_index)
    zeros = np.zeros(1 << (n_wires - len(position)), dtype=np.complex128)
    zeros[0] = 1
    full = torch.tensordot(state, torch.tensor(zeros).reshape((2,) * (n_wires - len(position))), dims=0)
    order = [*position, *(w for w in range(n_wires) if w not in position)]
    axes = [order.index(w) + len(batch) for w in range(n_wires)]
    lowered.initial = full.permute([*range(len(batch)), *axes]).reshape(*batch, -1)


def is_variable(operation: Any) -> bool:
    """Tell whether a parameter of an operation is an input or a weight: a torch tensor."""
    if any(isinstance(datum, torch.Tensor) for datum in operation.data):
        return True
    # Some templates, such as IQP, keep their parameters elsewhere.
    weights = operation.hyperparameters.get("weights", ())
    return isinstance(weights, (list, tuple)) and any(isinstance(weight, torch.Tensor) for weight in weights)


# Gates without parameters whose matrix depends on nothing but their name, wires and control values.
_STANDARD = PERMUTATIONS | {"Hadamard", "PauliX", "PauliY", "PauliZ", "S", "T", "SX", "CZ", "CY", "CH", "ISWAP", "ECR"}


def _matrix(operation: Any) -> NDArray[np.complex128]:
    """Return an operation's unitary on its own wires in order."""
    if operation.name in _STANDARD:
        kind: Any = type(operation)
        return _standard_matrix(operation.name, kind, _control_values(operation), len(operation.wires))
    with qp.queuing.QueuingManager.stop_recording():
        matrix = np.ascontiguousarray(
            qp.math.unwrap([qp.matrix(operation, wire_order=operation.wires)])[0], dtype=np.complex128
        )
    if not np.allclose(matrix @ matrix.conj().T, np.eye(len(matrix)), rtol=0, atol=1e-5):  # of float32 entries
        raise NotTraceableError(f"the operator {operation.name} is not unitary")
    return matrix


def _control_values(operation: Any) -> tuple[bool, ...]:
    return tuple(bool(v) for v in getattr(operation, "control_values", ()))


@lru_cache(maxsize=256)
def _standard_matrix(name: str, kind: Any, values: tuple[bool, ...], n_wires: int) -> NDArray[np.complex128]:
    with qp.queuing.QueuingManager.stop_recording():
        gate = kind(wires=range(n_wires), control_values=values) if name == "MultiControlledX" else kind(range(n_wires))
        return np.ascontiguousarray(qp.matrix(gate, wire_order=range(n_wires)), dtype=np.complex128)
