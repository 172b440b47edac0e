"""Light cones: the inputs, weights and wires that can reach what is measured."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import torch
from numpy.typing import NDArray

from qml.diagnostics.bound import BoundCircuit, Complex, gate_matrices, measured_words, wires_of
from qml.simulators import StatevectorRunner
from qml.simulators.gates import Gate
from qml.simulators.pauli import transfer_matrix

_ANY = 0b1111  # one bit a letter: I 1, Z 2, X 4, Y 8
_DIAGONAL = 0b0011
_IDENTITY = 0b0001
_MAX_WIRES = 4  # a larger gate mixes everything that it touches
_NO_GRADIENT = 1e-8


@dataclass(frozen=True)
class LightCone:
    """What can reach the measured observables.

    Attributes:
        wires: Wires that each observable needs, as many sets as observables.
        gates: Positions of the gates that matter for any observable.
        dead_inputs: Inputs whose gradient vanishes for all values, of every observable.
        dead_weights: The same of the weights, flattened in the order of the circuit's weight shapes.
        proven_inputs: Those of ``dead_inputs`` that the gate list proves; the others were found by derivatives alone.
        proven_weights: Those of ``dead_weights`` that the gate list proves.
    """

    wires: tuple[frozenset[int], ...]
    gates: frozenset[int]
    dead_inputs: tuple[int, ...]
    dead_weights: tuple[int, ...]
    proven_inputs: tuple[int, ...]
    proven_weights: tuple[int, ...]


def light_cone(circuit: BoundCircuit) -> LightCone:
    """Follow each observable back through the gates, and check the outcome against derivatives.

    An observable is carried as the set of Pauli letters that it may have on each wire.  A gate with which all of them
    commute is passed by, such as a CZ before a measured Z; so is a gate that cannot change |0…0⟩ where it stands.
    Derivatives are taken at random weights and at random inputs in the range of the data: what vanishes there vanishes
    for all values, since the outputs are analytic functions.

    Args:
        circuit: Bound to data.

    Returns:
        The cone.

    Source: light cones as in Cerezo et al. 2021, section "Local cost functions" (arXiv:2001.00550).

    >>> from qml.diagnostics.bound import bind
    >>> from qml.nn import QuantumLayer
    >>> light_cone(bind(QuantumLayer.from_names(n_wires=3, ansatz="product"), [[0.1, 0.2, 0.3]])).wires[0]
    frozenset({0})
    """
    idle = _idle_at_start(circuit)
    observables = _observables(circuit)
    cones = [_follow(circuit, letters, idle) for letters in observables]
    kept = frozenset[int]().union(*(gates for gates, _ in cones))
    reached = frozenset[int]().union(*(circuit.variables_of(circuit.gates[i]) for i in kept))
    n_inputs, n_weights = circuit.traced.program.n_inputs, circuit.traced.program.n_weights
    if circuit.traced.program.has_initial:
        reached |= frozenset(range(n_inputs))
    proven = [v for v in range(n_inputs + n_weights) if v not in reached]
    dead = [int(v) for v in np.flatnonzero(~_has_gradient(circuit))]
    if not set(proven) <= set(dead):
        raise AssertionError(f"the gate list rules out variables {proven}, and derivatives vanish only for {dead}")
    return LightCone(
        wires=tuple(wires for _, wires in cones),
        gates=kept,
        dead_inputs=tuple(v for v in dead if v < n_inputs),
        dead_weights=tuple(v - n_inputs for v in dead if v >= n_inputs),
        proven_inputs=tuple(v for v in proven if v < n_inputs),
        proven_weights=tuple(v - n_inputs for v in proven if v >= n_inputs),
    )


def _observables(circuit: BoundCircuit) -> list[list[int]]:
    """Return the letters that each observable has on each wire, as bits; a state is measured in every way."""
    n_wires = circuit.n_wires
    if circuit.measures_state:
        return [[_ANY] * n_wires]
    found = []
    for words in measured_words(circuit.traced.program):
        letters = [0] * n_wires
        for x, z in words:
            for wire in range(n_wires):
                shift = n_wires - 1 - wire
                letters[wire] |= 1 << (2 * (x >> shift & 1) + (z >> shift & 1))
        found.append(letters if words else [_IDENTITY] * n_wires)
    return found


def _follow(circuit: BoundCircuit, letters: list[int], idle: frozenset[int]) -> tuple[frozenset[int], frozenset[int]]:
    """Return the gates and the wires that an observable with these letters depends on."""
    letters = list(letters)
    kept, wires = set[int](), {wire for wire, found in enumerate(letters) if found != _IDENTITY}
    for i in range(len(circuit.gates) - 1, -1, -1):
        gate = circuit.gates[i]
        on = wires_of(gate)
        if i in idle or all(letters[wire] == _IDENTITY for wire in on):
            continue
        if gate.kind == "parity" and all(letters[wire] | _DIAGONAL == _DIAGONAL for wire in on):
            continue
        moved = _move(circuit, gate, [letters[wire] for wire in on])
        if moved is None:
            continue
        for wire, found in zip(on, moved, strict=True):
            letters[wire] = found
        kept.add(i)
        wires |= set(on)
    return frozenset(kept), frozenset(wires)


def _move(circuit: BoundCircuit, gate: Gate, letters: Sequence[int]) -> list[int] | None:
    """Return the letters before a gate from those behind it; None if the gate leaves every such word as it is."""
    if len(letters) > _MAX_WIRES:
        return [_ANY] * len(letters)
    size = 4 ** len(letters)
    transfer = np.array([transfer_matrix(matrix[None]) for matrix in _generic(circuit, gate)])
    words = [word for word in range(size) if all(letters[w] >> d & 1 for w, d in enumerate(_digits(word, letters)))]
    if np.allclose(transfer[:, words], np.eye(size)[words], atol=1e-9):
        return None
    reached = np.flatnonzero((np.abs(transfer[:, words]) > 1e-9).any(axis=(0, 1)))
    found = [0] * len(letters)
    for word in reached:
        for wire, digit in enumerate(_digits(int(word), letters)):
            found[wire] |= 1 << digit
    return found


def _digits(word: int, letters: Sequence[int]) -> list[int]:
    """Return a word's letters, one base-4 digit a wire."""
    return [word >> 2 * (len(letters) - 1 - wire) & 3 for wire in range(len(letters))]


def _generic(circuit: BoundCircuit, gate: Gate) -> Complex:
    """Return a gate at angles that are nothing special, so that no word is spared by accident."""
    generic = np.random.default_rng(0).uniform(0.5, 2.5, size=(2, circuit.angles.shape[1]))
    varies = np.diff(circuit.traced.program.angles.start) > 0
    return gate_matrices(circuit.traced, gate, np.where(varies, generic, circuit.angles[:1]))


def _idle_at_start(circuit: BoundCircuit) -> frozenset[int]:
    """Return the gates that act on |0…0⟩, or on wires still in |0⟩, by a phase at most, whatever their angles."""
    zero = set() if circuit.traced.program.has_initial else set(range(circuit.n_wires))
    idle = set[int]()
    for i, gate in enumerate(circuit.gates):
        on = wires_of(gate)
        still = [position for position, wire in enumerate(on) if wire in zero]
        if not still:
            continue
        matrices = _generic(circuit, gate)
        index = np.arange(matrices.shape[1])
        bit = {position: index >> (len(on) - 1 - position) & 1 for position in still}
        columns = np.flatnonzero(reduce(np.logical_and, [bit[position] == 0 for position in still]))
        block = matrices[:, :, columns]
        phases = block[:, columns[0], 0]
        if np.allclose(block, phases[:, None, None] * np.eye(len(index))[:, columns], atol=1e-9):
            idle.add(i)
            continue
        zero -= {on[position] for position in still if np.abs(block[:, bit[position] == 1]).max() > 1e-9}
    return frozenset(idle)


def _has_gradient(circuit: BoundCircuit, n_draws: int = 3) -> NDArray[np.bool_]:
    """Tell which inputs and weights change any output, from derivatives of random sums of the outputs."""
    rng = np.random.default_rng(0)
    alive = np.zeros(circuit.traced.program.n_inputs + circuit.traced.program.n_weights, dtype=np.bool_)
    low, high = circuit.inputs.min(axis=0), circuit.inputs.max(axis=0)
    narrow = high - low < 1e-6
    low, high = np.where(narrow, low - 0.5, low), np.where(narrow, high + 0.5, high)
    runner = StatevectorRunner(circuit.traced)
    for _ in range(n_draws):
        inputs = torch.tensor(rng.uniform(low, high, size=(4, len(low))), requires_grad=True)
        weights = {
            name: torch.tensor(rng.uniform(0, 2 * np.pi, size=value.shape), requires_grad=True)
            for name, value in circuit.weights.items()
        }
        outputs = runner(inputs, weights)
        if circuit.measures_state:  # the kernel of each row with another
            outputs = (outputs[:2].conj() * outputs[2:].detach()).sum(dim=-1).abs() ** 2
        total = (outputs.reshape(len(outputs), -1) @ _ones(rng, outputs)).sum()
        wanted = [inputs, *weights.values()]
        slopes = torch.autograd.grad(total, wanted, allow_unused=True, materialize_grads=True)
        alive |= _nonzero([slopes[0].abs().amax(dim=0), *slopes[1:]])
    return alive


def _ones(rng: np.random.Generator, outputs: torch.Tensor) -> torch.Tensor:
    """Return random factors of the outputs of one row."""
    return torch.tensor(rng.uniform(0.5, 1.5, size=outputs.reshape(len(outputs), -1).shape[1]))


def _nonzero(slopes: Iterable[torch.Tensor]) -> NDArray[np.bool_]:
    flat = torch.cat([slope.reshape(-1) for slope in slopes])
    found: NDArray[np.bool_] = (~(flat.abs() <= _NO_GRADIENT)).numpy()  # NaN counts as a gradient
    return found
