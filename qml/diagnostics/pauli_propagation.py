"""Low-weight Pauli propagation: observables carried back through the circuit, heavy words dropped."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from qml.diagnostics.bound import BoundCircuit, Complex, measured_words, wires_of
from qml.simulators.density import pauli_coefficients
from qml.simulators.pauli import words

Float = NDArray[np.float64]
_MAX_GATE_WIRES = 4


@dataclass(frozen=True)
class _Step:
    """One gate as a Pauli transfer matrix of each row, shape (n_rows or 1, 4**k, 4**k)."""

    wires: tuple[int, ...]
    transfer: Float


def propagated(circuit: BoundCircuit, max_weight: int | None = None, *, at_start_only: bool = False) -> Float:
    """Estimate what the circuit measures from Pauli words of at most that weight.

    Each observable is carried back through the gates, and words with more than ``max_weight`` letters other than the
    identity are dropped behind every gate.  A circuit that returns its state is read as a fidelity kernel: the
    observable is |0…0⟩⟨0…0| behind U(x) and U(z)†, where z are the rows in their opposite halves.

    This is done with all 4**n_wires coefficients, to learn the error of the truncation; who simulates a large circuit
    in this way keeps the light words only.

    Args:
        circuit: Bound to data.
        max_weight: Heaviest words kept; None keeps all, and the result is exact.
        at_start_only: Whether words are dropped only when they meet the first state.  What is left is what local
            measurements (classical shadows) of that state can know.

    Returns:
        Estimates, shape (n_rows, n_observables).

    Source: Angrisani et al. 2024 (arXiv:2409.01706); of shadows Bermejo et al. 2024 (arXiv:2408.12739).

    >>> from qml.diagnostics.bound import bind
    >>> from qml.nn import QuantumLayer
    >>> circuit = bind(QuantumLayer.from_names(n_wires=2, ansatz="product"), [[0.1, 0.2]])
    >>> bool(np.allclose(propagated(circuit, 1), propagated(circuit)))
    True
    """
    steps = _steps(circuit)
    coefficients = _observables(circuit)
    if circuit.measures_state:
        half = len(circuit.inputs) // 2
        order = np.roll(np.arange(len(circuit.inputs)), -half)
        back = [_Step(s.wires, (s.transfer[order] if len(s.transfer) > 1 else s.transfer).mT) for s in steps[::-1]]
        steps = [*steps, *back]
    n_rows = len(circuit.inputs)
    light = np.ones(4**circuit.n_wires) if max_weight is None else _weight(circuit.n_wires) <= max_weight
    values: Float = np.tile(coefficients, (n_rows, 1, 1))
    if not at_start_only:
        values = values * light
    for step in reversed(steps):
        values = _apply(values, step, circuit.n_wires)
        if not at_start_only:
            values *= light
    result: Float = (values * light * _first(circuit)).sum(axis=-1)
    return result


def unexplained(exact: Float, estimate: Float) -> float:
    """Return the share of the variance over rows that an estimate misses, averaged over observables.

    Observables that do not vary over the rows are left out; if none does, the share is that of the mean squares.

    Args:
        exact: Shape (n_rows, n_observables).
        estimate: The same.

    >>> unexplained(np.array([[0.0], [2.0]]), np.array([[0.0], [1.0]]))
    0.5
    """
    error, variance = ((exact - estimate) ** 2).mean(axis=0), exact.var(axis=0)
    varies = variance > 1e-12
    if not varies.any():
        return float(error.sum() / max(1e-12, (exact**2).mean(axis=0).sum()))
    return float((error[varies] / variance[varies]).mean())


def cost(circuit: BoundCircuit) -> float:
    """Return how many numbers one propagation touches, before it is run."""
    n_observables = 1 if circuit.measures_state else len(measured_words(circuit.traced.program))
    twice = 2 if circuit.measures_state else 1
    return float(4**circuit.n_wires) * len(circuit.inputs) * n_observables * len(circuit.gates) * twice


def widest_gate(circuit: BoundCircuit) -> int:
    """Return the number of wires of the largest gate."""
    return max((len(wires_of(gate)) for gate in circuit.gates), default=0)


def can_propagate(circuit: BoundCircuit, max_cost: float) -> str:
    """Say why a propagation would be too dear; empty if it would not."""
    if widest_gate(circuit) > _MAX_GATE_WIRES:
        return f"a gate on {widest_gate(circuit)} wires is not propagated"
    if cost(circuit) > max_cost:
        return f"at {circuit.n_wires} wires it takes {cost(circuit):.0e} steps to find out, more than {max_cost:.0e}"
    return ""


def _steps(circuit: BoundCircuit) -> list[_Step]:
    steps = []
    for gate in circuit.gates:
        matrices = circuit.matrices(gate)
        constant = not circuit.variables_of(gate) or (np.ptp(matrices, axis=0) == 0).all()
        steps.append(_Step(wires_of(gate), _transfer(matrices[:1] if constant else matrices)))
    return steps


def _transfer(matrices: Complex) -> Float:
    """Return T_ab = tr(P_a U P_b U†) / 2**k of each row, shape (n_rows, 4**k, 4**k)."""
    size = matrices.shape[-1]
    basis = words(size.bit_length() - 1)
    moved = matrices[:, None] @ basis @ matrices.conj().mT[:, None]
    flat = moved.reshape(len(matrices), len(basis), -1).mT
    transfer: Float = (basis.conj().reshape(len(basis), -1) @ flat).real / size
    return transfer


def _apply(values: Float, step: _Step, n_wires: int) -> Float:
    """Carry coefficients, shape (n_rows, n_observables, 4**n_wires), back through one gate."""
    shape = values.shape
    axes = [2 + wire for wire in step.wires]
    split = values.reshape(*shape[:2], *(4,) * n_wires)
    last = range(split.ndim - len(axes), split.ndim)
    moved = np.moveaxis(split, axes, last)
    carried = moved.reshape(shape[0], -1, step.transfer.shape[-1]) @ step.transfer
    return np.ascontiguousarray(np.moveaxis(carried.reshape(moved.shape), last, axes)).reshape(shape)


def _observables(circuit: BoundCircuit) -> Float:
    """Return coefficients of each observable, shape (n_observables, 4**n_wires)."""
    n_wires = circuit.n_wires
    if circuit.measures_state:
        return _without_flips(n_wires)[None] / 2.0**n_wires
    observables = measured_words(circuit.traced.program)
    found = np.zeros((len(observables), 4**n_wires))
    for row, terms in enumerate(observables):
        for (x, z), coefficient in terms.items():
            found[row, _interleave(x, z, n_wires)] = coefficient
    return found


def _interleave(x: int, z: int, n_wires: int) -> int:
    """Return a word's index: one base-4 digit a wire, its high bit from x and its low bit from z."""
    return sum((2 * (x >> bit & 1) + (z >> bit & 1)) << 2 * bit for bit in range(n_wires))


def _letters(n_wires: int) -> NDArray[np.int64]:
    """Return the letters of every word, shape (4**n_wires, n_wires)."""
    index = np.arange(4**n_wires)
    return np.stack([index >> 2 * (n_wires - 1 - wire) & 3 for wire in range(n_wires)], axis=1)


def _weight(n_wires: int) -> NDArray[np.int64]:
    weight: NDArray[np.int64] = (_letters(n_wires) > 0).sum(axis=1)
    return weight


def _without_flips(n_wires: int) -> Float:
    """Return 1 for every word of I and Z, and 0 for the others, shape (4**n_wires,)."""
    found: Float = np.all(_letters(n_wires) <= 1, axis=1).astype(np.float64)
    return found


def _first(circuit: BoundCircuit) -> Float:
    """Return tr(P rho) of every word in the first state of each row, shape (n_rows or 1, 1, 4**n_wires)."""
    states = circuit.first_states()
    if states is None:
        return _without_flips(circuit.n_wires)[None, None]
    found: Float = pauli_coefficients(torch.from_numpy(states)).numpy()[:, None]
    return found


def lightest_weight(
    circuit: BoundCircuit, weights: Sequence[int], tolerance: float, *, at_start_only: bool = False
) -> tuple[int | None, dict[int, float]]:
    """Return the smallest of some weights that misses at most that share of the variance, and the share of each tried.

    Args:
        circuit: Bound to data.
        weights: In ascending order.
        tolerance: Of `unexplained`.
        at_start_only: As for `propagated`.
    """
    exact = propagated(circuit)
    missed: dict[int, float] = {}
    for weight in weights:
        missed[weight] = unexplained(exact, propagated(circuit, weight, at_start_only=at_start_only))
        if missed[weight] <= tolerance:
            return weight, missed
    return None, missed
