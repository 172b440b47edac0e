"""From a list of gates to the arrays of a ``Program``: fusion, permutations, bit masks."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qml.simulators.gates import Gate
from qml.simulators.permutations import Permutation, controlled_flip, permutation_of
from qml.simulators.polynomials import Polynomial
from qml.simulators.program import (
    CONSTANT,
    DENSE,
    ONE_WIRE,
    PARITY,
    PERMUTE,
    Angles,
    Dense,
    Float,
    Int,
    Measurement,
    Program,
)

# On more wires a permutation that is no map of bits, listed state by state, is kept small where it can be.
MAX_LISTED_WIRES = 12


def assemble(
    *,
    n_wires: int,
    n_inputs: int,
    n_extra: int,
    n_weights: int,
    gates: Sequence[Gate],
    constants: Sequence[NDArray[np.complex128]],
    polynomials: Sequence[Polynomial],
    has_initial: bool,
    measurement: Measurement,
    gate_counts: dict[str, int],
    merge: bool = True,
) -> Program:
    """Compile a circuit.

    Args:
        n_wires: Number of wires.
        n_inputs: Features of one sample.
        n_extra: Further per-sample variables.
        n_weights: Number of weights.
        gates: In order of action.
        constants: Constant 2x2 matrices that elements refer to.
        polynomials: One an angle, in variables (inputs, extra, weights).
        has_initial: Whether a first state comes with each sample.
        measurement: What is read.
        gate_counts: Gates by PennyLane name.
        merge: Whether neighbouring one-wire gates, and runs of permutations, become one operation.

    Returns:
        The program.
    """
    angles = _angles(polynomials, n_inputs + n_extra)
    gates, constants = _without_tables(gates, constants, n_wires)
    rows: list[tuple[int, ...]] = []
    elements: list[tuple[int, int]] = []
    permutations: list[Permutation] = []
    dense: list[Dense] = []
    for gate in fuse(gates, angles.lane) if merge else [g for g in gates if g.kind != "one" or g.elements]:
        if gate.kind == "one":
            bit = _mask(gate.wires, n_wires)
            control = _mask(gate.controls, n_wires)
            value = _mask([w for w, v in zip(gate.controls, gate.values, strict=True) if v], n_wires)
            rows.append((ONE_WIRE, bit, control, value, len(elements), len(elements) + len(gate.elements)))
            elements.extend(gate.elements)
        elif gate.kind == "parity":
            rows.append((PARITY, _mask(gate.wires, n_wires), gate.angle, 0, 0, 0))
        elif gate.kind == "permute":
            permutation = permutation_of(_source(gate), gate.wires, n_wires)
            if merge and rows and rows[-1][0] == PERMUTE:
                permutations[-1] = permutation.after(permutations[-1])
            else:
                rows.append((PERMUTE, len(permutations), 0, 0, 0, 0))
                permutations.append(permutation)
        else:
            layout = _dense(gate, n_wires)
            rows.append((DENSE, len(dense), len(layout.offsets), len(layout.bases), 0, 0))
            dense.append(layout)
    rows, permutations = _share_permutations(rows, permutations)
    return Program(
        n_wires=n_wires,
        n_inputs=n_inputs,
        n_extra=n_extra,
        n_weights=n_weights,
        operations=np.array(rows, dtype=np.int64).reshape(-1, 6),
        elements=np.array(elements, dtype=np.int64).reshape(-1, 2),
        constants=np.array(constants, dtype=np.complex128).reshape(-1, 2, 2),
        angles=angles,
        permutations=tuple(permutations),
        dense=tuple(dense),
        has_initial=has_initial,
        measurement=measurement,
        gate_counts=gate_counts,
    )


def _without_tables(
    gates: Sequence[Gate], constants: Sequence[NDArray[np.complex128]], n_wires: int
) -> tuple[Sequence[Gate], Sequence[NDArray[np.complex128]]]:
    """Write flips under several controls as controlled gates where their tables would be long."""
    if n_wires <= MAX_LISTED_WIRES:
        return gates, constants
    flip = Gate("one", (0,), [(CONSTANT, len(constants))])
    written = []
    for gate in gates:
        found = controlled_flip(_source(gate), gate.wires) if gate.kind == "permute" and len(gate.wires) > 2 else None
        if found:
            target, controls, values = found
            gate = replace(flip, wires=(target,), controls=tuple(controls), values=tuple(values))
        written.append(gate)
    return written, [*constants, np.array([[0, 1], [1, 0]], dtype=np.complex128)]


def _share_permutations(
    rows: Sequence[tuple[int, ...]], permutations: Sequence[Permutation]
) -> tuple[list[tuple[int, ...]], list[Permutation]]:
    """Keep each permutation once: layers repeat them, and some are as long as a state."""
    first: dict[tuple[object, ...], int] = {}
    distinct: list[Permutation] = []
    index_of: list[int] = []
    for permutation in permutations:
        index = first.setdefault(permutation.key, len(distinct))
        if index == len(distinct):
            distinct.append(permutation)
        index_of.append(index)
    return [(row[0], index_of[row[1]], *row[2:]) if row[0] == PERMUTE else row for row in rows], distinct


def fuse(gates: Sequence[Gate], lane: Int) -> list[Gate]:
    """Merge one-wire gates that meet on a wire with nothing else of that wire between them.

    Gates that depend on inputs and gates that do not stay apart: a matrix a sample costs more than a second pass.
    """
    fused: list[Gate] = []
    for gate in gates:
        if gate.kind == "one" and not gate.elements:
            continue
        partner = _partner(gate, fused, lane) if gate.kind == "one" else None
        if partner is None:
            fused.append(
                Gate(gate.kind, gate.wires, list(gate.elements), gate.controls, gate.values, gate.angle, gate.matrix)
            )
        else:
            partner.elements.extend(gate.elements)
    return fused


def _partner(gate: Gate, fused: Sequence[Gate], lane: Int) -> Gate | None:
    """Find the earlier gate that this one can be multiplied into."""
    own = {*gate.wires, *gate.controls}
    for other in reversed(fused):
        if other.kind == "one" and (other.wires, other.controls, other.values) == (
            gate.wires,
            gate.controls,
            gate.values,
        ):
            return other if _is_samplewise(other, lane) == _is_samplewise(gate, lane) else None
        if own & {*other.wires, *other.controls}:
            return None
    return None


def _is_samplewise(gate: Gate, lane: Int) -> bool:
    return any(kind != CONSTANT and lane[index] >= 0 for kind, index in gate.elements)


def _angles(polynomials: Sequence[Polynomial], n_samplewise: int) -> Angles:
    constant: list[float] = []
    start, coefficient, first, second, lane = [0], [], [], [], []
    n_lane = 0
    for polynomial in polynomials:
        if polynomial.terms is None:
            raise AssertionError("the tracer turns unknown angles into variables")
        samplewise = False
        constant.append(polynomial.terms.get((), 0.0))
        for monomial, value in polynomial.terms.items():
            if not monomial or value == 0.0:
                continue
            coefficient.append(value)
            first.append(monomial[0])
            second.append(monomial[1] if len(monomial) > 1 else -1)
            samplewise |= monomial[0] < n_samplewise
        start.append(len(coefficient))
        lane.append(n_lane if samplewise else -1)
        n_lane += samplewise
    floats: list[Float] = [np.array(values, dtype=np.float64) for values in (constant, coefficient)]
    ints: list[Int] = [np.array(values, dtype=np.int64) for values in (start, first, second, lane)]
    return Angles(floats[0], ints[0], floats[1], ints[1], ints[2], ints[3])


def _mask(wires: Sequence[int], n_wires: int) -> int:
    """Return the bits of some wires; wire 0 is the most significant."""
    return sum(1 << (n_wires - 1 - w) for w in wires)


def _offsets(wires: Sequence[int], n_wires: int) -> Int:
    """Return the index offset of each basis state of some wires, the first wire most significant."""
    offsets = np.zeros(1, dtype=np.int64)
    for wire in wires:
        offsets = (offsets[:, None] + np.array([0, 1 << (n_wires - 1 - wire)])).reshape(-1)
    return offsets


def _bases(wires: Sequence[int], n_wires: int) -> Int:
    """Return the indices that are zero on some wires."""
    index = np.arange(1 << n_wires, dtype=np.int64)
    bases: Int = index[(index & _mask(wires, n_wires)) == 0]
    return bases


def _source(gate: Gate) -> list[int]:
    """Return where a permuting gate takes each of its basis states from."""
    if gate.matrix is None:
        raise AssertionError("a permutation is made with its matrix")
    found: list[int] = np.argmax(np.abs(gate.matrix), axis=1).tolist()
    return found


def _dense(gate: Gate, n_wires: int) -> Dense:
    if gate.matrix is None:
        raise AssertionError("a dense gate is made with its matrix")
    return Dense(gate.matrix, _offsets(gate.wires, n_wires), _bases(gate.wires, n_wires))
