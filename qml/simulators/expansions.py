"""How operators that are no gates of the engine are written as simpler ones."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pennylane as qp
from numpy.typing import NDArray

Parts = Sequence[Any]


class NotTraceableError(Exception):
    """The engine cannot run this circuit; the message says why.  The caller falls back or reports."""


def expand(operation: Any) -> Parts:
    """Decompose an operation: by this module's table, else as PennyLane does.

    Args:
        operation: With a row in ``EXPANSIONS`` or a decomposition.

    Returns:
        Operations, the first acting first; their product is the operation, global phase included.

    Raises:
        NotTraceableError: If PennyLane fails, mostly because its decomposition reads the value of a parameter.

    >>> import pennylane as qp
    >>> expand(qp.PCPhase(0.3, dim=1, wires=[0]))
    [MultiRZ(-0.6, wires=[0])]
    """
    with qp.queuing.QueuingManager.stop_recording():
        if operation.name in EXPANSIONS:
            parts = EXPANSIONS[operation.name](operation)
            if parts is not None:
                return parts
        try:
            decomposed: Parts = operation.decomposition()
        except Exception as error:
            cause = str(error).partition("\n")[0]
            raise NotTraceableError(f"PennyLane cannot decompose {operation.name} here: {cause}") from error
    return decomposed


def walsh(wires: Sequence[Any]) -> Iterator[tuple[tuple[Any, ...], NDArray[np.float64]]]:
    """Yield each subset of some wires and the signs of its Pauli-Z word on their basis states, shape (2**n_wires,)."""
    index = np.arange(1 << len(wires))
    for subset in index.tolist():
        chosen = tuple(w for i, w in enumerate(wires) if subset >> (len(wires) - 1 - i) & 1)
        yield chosen, 1.0 - 2.0 * (np.bitwise_count(index & subset) % 2)


def _phases(angle: Any, factors: NDArray[np.float64], wires: Sequence[Any]) -> list[Any]:
    """Write diag(exp(i angle factors)), shape of factors (2**n_wires,)."""
    parts: list[Any] = []
    for chosen, signs in walsh(wires):
        weight = float((factors * signs).mean())
        if abs(weight) > 1e-12:
            word = qp.MultiRZ(-2 * weight * angle, wires=chosen) if chosen else qp.GlobalPhase(-weight * angle)
            parts.append(word)
    return parts


def _fermionic_swap(operation: Any) -> Parts:
    """Replace the phase at the end of PennyLane's decomposition, which asks whether its exponent is imaginary."""
    phi, wires = operation.data[0], operation.wires
    to_x = [qp.Hadamard(wires=w) for w in wires]
    to_y = [qp.RX(np.pi / 2, wires=w) for w in wires]
    from_y = [qp.RX(-np.pi / 2, wires=w) for w in wires]
    middle = qp.MultiRZ(phi / 2, wires=wires)
    z = [qp.RZ(phi / 2, wires=w) for w in wires]
    return [*to_x, middle, *to_x, *to_y, middle, *from_y, *z, qp.GlobalPhase(-phi / 2)]


def _double_excitation(sign: int) -> Callable[[Any], Parts]:
    """Return the rule of DoubleExcitationPlus (1) and -Minus (-1): a phase outside the rotated subspace."""
    factors = np.full(16, sign / 2)
    factors[[0b0011, 0b1100]] = 0

    def rule(operation: Any) -> Parts:
        phi, wires = operation.data[0], operation.wires
        return [qp.DoubleExcitation(phi, wires=wires), *_phases(phi, factors, wires)]

    return rule


def _projector_phase(operation: Any) -> Parts:
    dimension, size = operation.hyperparameters["dimension"]
    return _phases(operation.data[0], np.where(np.arange(size) < dimension, 1.0, -1.0), operation.wires)


def _evolution(operation: Any) -> Parts | None:
    """Write exp(-i t c P) of one Pauli word; None for anything else."""
    words = dict(operation.base.pauli_rep or {})
    if len(words) != 1:
        return None
    word, coefficient = next(iter(words.items()))
    angle = (
        operation.param * np.real(coefficient) if isinstance(coefficient, complex) else operation.param * coefficient
    )
    if not word:
        return [qp.GlobalPhase(angle)]
    return [qp.PauliRot(2 * angle, "".join(word.values()), wires=list(word))]


def _select_rotation(operation: Any) -> Parts:
    """Write a rotation whose angle is selected by the state of control wires."""
    angles = operation.data[0]
    controls = operation.hyperparameters["control_wires"]
    target = operation.hyperparameters["target_wire"]
    into: list[Any] = {
        "X": [qp.Hadamard(wires=target)],
        "Y": [qp.adjoint(qp.S(wires=target)), qp.Hadamard(wires=target)],
        "Z": [],
    }[operation.hyperparameters["rot_axis"]]
    rotations = []
    for chosen, signs in walsh(controls):
        total = sum(sign * angles[..., k] for k, sign in enumerate(signs.tolist())) / len(signs)
        rotations.append(qp.MultiRZ(total, wires=[*chosen, *target]))
    return [*into, *rotations, *(qp.adjoint(gate) for gate in reversed(into))]


EXPANSIONS: Mapping[str, Callable[[Any], Parts | None]] = {
    "FermionicSWAP": _fermionic_swap,
    "DoubleExcitationPlus": _double_excitation(1),
    "DoubleExcitationMinus": _double_excitation(-1),
    "PCPhase": _projector_phase,
    "Evolution": _evolution,
    "SelectPauliRot": _select_rotation,
}
