"""From a list of gates and channels to the arrays that the density-matrix kernels interpret.

In the Pauli basis every step is a real linear map.  One-wire gates and channels that meet on a wire are one 4x4
matrix; Clifford gates and Pauli noise only move and scale coefficients, so that a ring of noisy CNOTs is one pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from qml.errors import CircuitError
from qml.simulators.gates import Gate
from qml.simulators.lower import MAX_DENSE_WIRES
from qml.simulators.noise import NoiseModel
from qml.simulators.pauli import (
    Float,
    Int,
    as_monomial,
    bases,
    offsets,
    rotation_pairs,
    transfer_matrix,
    widen,
    word_index,
)
from qml.simulators.program import CONSTANT, PHASE, RX, RY, RZ, Measurement, Program

# Rows of ``DensityProgram.operations``: (kind, a, b, c, d, e).
ONE = 0  # a = stride of the wire's digit, [b, c) = elements
WORD = 1  # exp(-i factor angle/2 P): a = row of ``pairs``, b = angle or -1 for a constant one of ``factor``
MONOMIAL = 2  # new[k] = scale[k] old[source[k]]: a = row of ``sources`` and ``scales``
DENSE = 3  # a = start in ``values``, b = 4**k, c = start in ``places`` of offsets, d of bases, e = their number

# Below this many wires a pass is cheaper than the product of matrices that fusing costs each sample.
_FUSE_SAMPLEWISE_FROM = 6


@dataclass(frozen=True)
class DensityProgram:
    """A noisy circuit as plain arrays; angles are those of the traced program.

    Attributes:
        n_wires: Number of wires.
        operations: Shape (n_operations, 6), see the constants of this module.
        factors: Of the angle of ``WORD``, shape (n_operations,).
        elements: Rows (kind, index) as in ``Program.elements``, constants being rows of ``transfers``.
        transfers: Constant 4x4 matrices, shape (n, 4, 4).
        pairs: Rotated pairs of each Pauli word, shape (n_words, 2, 4**n_wires / 4).
        sources: Shape (n_monomials, 4**n_wires).
        scales: As ``sources``.
        values: Entries of wider constant maps, one after the other.
        places: Their index offsets and bases, one after the other.
        start: Coefficients of the all-zeros state, shape (4**n_wires,).
        output_start: First term of each output, shape (n_outputs + 1,).
        output_index: Coefficient that a term reads, shape (n_terms,).
        output_factor: What it is multiplied by, shape (n_terms,).
    """

    n_wires: int
    operations: Int
    factors: Float
    elements: Int
    transfers: Float
    pairs: Int
    sources: Int
    scales: Float
    values: Float
    places: Int
    start: Float
    output_start: Int
    output_index: Int
    output_factor: Float


@dataclass
class _Operation:
    """One operation while the circuit is assembled."""

    kind: int
    wires: frozenset[int]
    elements: list[tuple[int, int]] = field(default_factory=list)
    word: int = 0
    angle: int = -1
    factor: float = 1.0
    source: Int | None = None
    scale: Float | None = None
    transfer: Float | None = None
    order: tuple[int, ...] = ()


class _Builder:
    """Collects operations and merges what can be merged."""

    def __init__(self, program: Program) -> None:
        self.n_wires = program.n_wires
        self.lane = program.angles.lane
        self.constants = program.constants
        self.operations: list[_Operation] = []
        self.transfers: list[Float] = []

    def _last_on(self, wires: Sequence[int]) -> _Operation | None:
        """Return the last operation that touches any of some wires; everything after it commutes with them."""
        wanted = set(wires)
        return next((o for o in reversed(self.operations) if o.wires & wanted), None)

    def _monomial_before(self, wires: Sequence[int]) -> _Operation | None:
        """Return the earliest monomial map that one on some wires can be merged into."""
        wanted, found = set(wires), None
        for operation in reversed(self.operations):
            found = operation if operation.kind == MONOMIAL else found
            if operation.wires & wanted:
                break
        return found

    def add(self, gate: Gate) -> None:
        """Append one gate or channel."""
        if gate.kind == "one" and not gate.controls:
            for kind, index in gate.elements:
                if kind == CONSTANT:
                    self.map(transfer_matrix(self.constants[index][None]), gate.wires)
                else:
                    self.element(kind, index, gate.wires[0])
        elif gate.kind == "one":
            for kind, index in gate.elements:
                self._controlled(kind, index, gate)
        elif gate.kind == "parity":
            self.word(dict.fromkeys(gate.wires, "Z"), gate.angle, 1.0)
        elif gate.kind == "channel":
            self.map(_need(gate.transfer), gate.wires)
        elif gate.kind == "permute" and len(gate.wires) > 2 and self._transposition(gate):
            pass
        else:
            if len(gate.wires) > MAX_DENSE_WIRES:
                raise CircuitError(
                    f"a gate given by its matrix on {len(gate.wires)} wires cannot run with noise, which takes up to "
                    f"{MAX_DENSE_WIRES}; write it as smaller gates."
                )
            self.map(transfer_matrix(_need(gate.matrix)[None]), gate.wires)

    def element(self, kind: int, index: int, wire: int) -> None:
        """Append one rotation, or one constant matrix, on a wire."""
        last = self._last_on([wire])
        if last is not None and last.kind == ONE and self._may_fuse(last, kind, index):
            if kind == CONSTANT and last.elements[-1][0] == CONSTANT:
                self.transfers.append(self.transfers[index] @ self.transfers[last.elements[-1][1]])
                last.elements[-1] = (CONSTANT, len(self.transfers) - 1)
            else:
                last.elements.append((kind, index))
        else:
            self.operations.append(_Operation(ONE, frozenset([wire]), [(kind, index)], order=(wire,)))

    def _may_fuse(self, last: _Operation, kind: int, index: int) -> bool:
        if kind == CONSTANT or self.n_wires >= _FUSE_SAMPLEWISE_FROM:
            return True
        own = {self.lane[i] >= 0 for k, i in last.elements if k != CONSTANT}
        return not own or own == {self.lane[index] >= 0}

    def map(self, transfer: Float, wires: tuple[int, ...]) -> None:
        """Append a constant map on some wires."""
        monomial = as_monomial(transfer)
        last = self._last_on(wires)
        if monomial is not None and (len(wires) > 1 or (last is not None and last.kind == MONOMIAL)):
            source, scale = widen(*monomial, wires, self.n_wires)
            partner = self._monomial_before(wires)
            if partner is not None:
                partner.scale = scale * _need(partner.scale)[source]
                partner.source = _need(partner.source)[source]
                partner.wires |= frozenset(wires)
            else:
                self.operations.append(_Operation(MONOMIAL, frozenset(wires), source=source, scale=scale))
        elif len(wires) == 1:
            self.transfers.append(transfer)
            self.element(CONSTANT, len(self.transfers) - 1, wires[0])
        else:
            self.operations.append(_Operation(DENSE, frozenset(wires), transfer=transfer, order=wires))

    def word(self, letters: dict[int, str], angle: int, factor: float) -> None:
        """Append exp(-i factor angle/2 P); with angle = -1 the factor is the angle itself."""
        if letters:
            index = word_index(letters, self.n_wires)
            self.operations.append(_Operation(WORD, frozenset(letters), word=index, angle=angle, factor=factor))

    def _controlled(self, kind: int, index: int, gate: Gate) -> None:
        """Append a controlled one-wire gate as rotations by commuting Pauli words."""
        target = gate.wires[0]
        conditions = list(zip(gate.controls, gate.values, strict=True))
        if kind == PHASE:
            self._phases([*conditions, (target, True)], {}, index, -2.0)
        elif kind != CONSTANT:
            self._phases(conditions, {target: {RX: "X", RY: "Y", RZ: "Z"}[kind]}, index, 1.0)
        elif len(conditions) == 1:
            matrix = np.eye(4, dtype=np.complex128)
            rows = slice(2, 4) if conditions[0][1] else slice(0, 2)
            matrix[rows, rows] = self.constants[index]
            self.map(transfer_matrix(matrix[None]), (conditions[0][0], target))
        else:
            # U = V diag(exp(i a), exp(i b)) V^dagger: the controls see two phases.
            triangular, vectors = scipy.linalg.schur(self.constants[index], output="complex")
            a, b = np.angle(triangular.diagonal())
            self.map(transfer_matrix(vectors.conj().T[None]), (target,))
            self._phases(conditions, {}, -1, -2.0 * a)
            self._phases([*conditions, (target, True)], {}, -1, -2.0 * (b - a))
            self.map(transfer_matrix(vectors[None]), (target,))

    def _phases(self, conditions: list[tuple[int, bool]], letters: dict[int, str], angle: int, factor: float) -> None:
        """Append exp(-i factor angle/2 P) where wires have certain values: the projector is a sum of Z words."""
        for subset in range(2 ** len(conditions)):
            chosen = [condition for i, condition in enumerate(conditions) if subset >> i & 1]
            sign = (-1) ** sum(value for _, value in chosen)
            word = {wire: "Z" for wire, _ in chosen} | letters
            self.word(word, angle, factor * sign / 2 ** len(conditions))

    def _transposition(self, gate: Gate) -> bool:
        """Append a gate that swaps two basis states as controlled X between CNOTs; return False for any other."""
        matrix = _need(gate.matrix)
        moved = np.nonzero(np.abs(matrix.diagonal()) < 0.5)[0]
        if len(moved) != 2:
            return False
        count = len(gate.wires)
        bits = [[int(k) >> (count - 1 - i) & 1 for i in range(count)] for k in moved]
        differing = [i for i in range(count) if bits[0][i] != bits[1][i]]
        pivot, *others = differing
        cnot = transfer_matrix(np.eye(4, dtype=np.complex128)[None, [0, 1, 3, 2]])
        # The CNOTs make the two states differ in the pivot alone; on the state with pivot 0 they change nothing.
        zero = bits[0] if bits[0][pivot] == 0 else bits[1]
        conditions = [(gate.wires[i], bool(zero[i])) for i in range(count) if i != pivot]
        for i in others:
            self.map(cnot, (gate.wires[pivot], gate.wires[i]))
        # X = exp(i pi/2) exp(-i pi/2 X): the controls see the phase.
        target = gate.wires[pivot]
        self._phases(conditions, {target: "X"}, -1, np.pi)
        self._phases(conditions, {}, -1, -np.pi)
        for i in reversed(others):
            self.map(cnot, (gate.wires[pivot], gate.wires[i]))
        return True


def assemble_density(program: Program, gates: Sequence[Gate], noise: NoiseModel) -> DensityProgram:
    """Compile a noisy circuit.

    Args:
        program: The circuit without noise, for its angles, constants and measurement.
        gates: Its gates one by one, with channels among them.
        noise: For its readout errors.

    Returns:
        The program of the density-matrix engine.

    Raises:
        CircuitError: If the circuit returns a state vector.
    """
    builder = _Builder(program)
    for gate in gates:
        builder.add(gate)
    n_wires = program.n_wires
    rows: list[tuple[int, ...]] = []
    elements: list[tuple[int, int]] = []
    word_rows: dict[int, int] = {}
    sources: list[Int] = []
    scales: list[Float] = []
    values: list[Float] = []
    places: list[Int] = []
    n_values = n_places = 0
    for operation in builder.operations:
        if operation.kind == ONE:
            stride = 4 ** (n_wires - 1 - operation.order[0])
            rows.append((ONE, stride, len(elements), len(elements) + len(operation.elements), 0, 0))
            elements.extend(operation.elements)
        elif operation.kind == WORD:
            row = word_rows.setdefault(operation.word, len(word_rows))
            rows.append((WORD, row, operation.angle, 0, 0, 0))
        elif operation.kind == MONOMIAL:
            rows.append((MONOMIAL, len(sources), 0, 0, 0, 0))
            sources.append(_need(operation.source))
            scales.append(_need(operation.scale))
        else:
            inner, outer = offsets(operation.order, n_wires), bases(operation.order, n_wires)
            rows.append((DENSE, n_values, len(inner), n_places, n_places + len(inner), len(outer)))
            values.append(_need(operation.transfer).reshape(-1))
            places.extend([inner, outer])
            n_values += len(inner) ** 2
            n_places += len(inner) + len(outer)
    size = 4**n_wires
    pairs = [rotation_pairs(word, n_wires) for word in word_rows]
    index = np.arange(size)
    high = int("10" * n_wires, 2)
    terms = _outputs(program.measurement, n_wires, noise)
    return DensityProgram(
        n_wires=n_wires,
        operations=np.array(rows, dtype=np.int64).reshape(-1, 6),
        factors=np.array([o.factor for o in builder.operations], dtype=np.float64),
        elements=np.array(elements, dtype=np.int64).reshape(-1, 2),
        transfers=np.array(builder.transfers, dtype=np.float64).reshape(-1, 4, 4),
        pairs=np.array(pairs, dtype=np.int64).reshape(-1, 2, size // 4),
        sources=np.array(sources, dtype=np.int64).reshape(-1, size),
        scales=np.array(scales, dtype=np.float64).reshape(-1, size),
        values=np.concatenate([np.zeros(0), *values]),
        places=np.concatenate([np.zeros(0, dtype=np.int64), *places]),
        start=((index & high) == 0).astype(np.float64),
        output_start=terms[0],
        output_index=terms[1],
        output_factor=terms[2],
    )


def _outputs(measurement: Measurement, n_wires: int, noise: NoiseModel) -> tuple[Int, Int, Float]:
    """Write every output as a sum of Pauli coefficients, as a noisy readout sees them.

    Returns:
        First term of each output, coefficients read and their factors, see ``DensityProgram``.
    """
    outputs = _sums(measurement, n_wires)
    if noise.readout:
        outputs = [_misread(terms, n_wires, noise) for terms in outputs]
    start = np.cumsum([0, *(len(terms) for terms in outputs)])
    flat = [term for terms in outputs for term in sorted(terms.items())]
    return (
        start.astype(np.int64),
        np.array([word for word, _ in flat], dtype=np.int64),
        np.array([factor for _, factor in flat], dtype=np.float64),
    )


def _sums(measurement: Measurement, n_wires: int) -> list[dict[int, float]]:
    """Write every output as factors by word."""
    if measurement.kind == "mixed":
        return [terms for part in measurement.parts for terms in _sums(part, n_wires)]
    if measurement.kind == "var":
        raise CircuitError(
            "a noisy circuit gives expectation values and probabilities: measure qp.expval(O) and qp.expval(O @ O) "
            "instead of qp.var(O)."
        )
    if measurement.kind == "state":
        raise CircuitError(
            "a noisy circuit has no state vector: measure qp.expval(...) or qp.probs(...) instead of qp.state()."
        )
    index = np.arange(2**n_wires)
    if measurement.kind == "probs":
        diagonal = (measurement.outcome == np.arange(measurement.n_outputs)[:, None]).astype(np.float64)
    else:
        diagonal = measurement.diagonal(2**n_wires)
    signs = 1.0 - 2.0 * (np.bitwise_count(index[:, None] & index) % 2)
    coefficients = diagonal @ signs / 2**n_wires  # of the Z words, by the bits of their wires
    outputs: list[dict[int, float]] = []
    spread = np.array([_digits(int(k), 0, n_wires) for k in index], dtype=np.int64)
    for row in coefficients:
        used = np.nonzero(np.abs(row) > 1e-15)[0]
        outputs.append(dict(zip(spread[used].tolist(), row[used].tolist(), strict=True)))
    for (output, x, z, _), coefficient in zip(measurement.terms.tolist(), measurement.coefficients, strict=True):
        word = _digits(z, x, n_wires)
        outputs[output][word] = outputs[output].get(word, 0.0) + float(coefficient)
    return outputs


def _digits(z: int, x: int, n_wires: int) -> int:
    """Return the index of a word from its Z and X bits, one bit a wire each."""
    return sum(((z >> w & 1) + 2 * (x >> w & 1)) << (2 * w) for w in range(n_wires))


def _misread(terms: dict[int, float], n_wires: int, noise: NoiseModel) -> dict[int, float]:
    """Replace each letter P by a P + b, as a readout that errs sees it."""
    for wire in range(n_wires):
        one_for_zero, zero_for_one = noise.readout_of(wire)
        if one_for_zero == 0.0 and zero_for_one == 0.0:
            continue
        kept, shift = 1.0 - one_for_zero - zero_for_one, zero_for_one - one_for_zero
        digit = 3 * 4 ** (n_wires - 1 - wire)
        misread: dict[int, float] = {}
        for word, factor in terms.items():
            if word & digit:
                misread[word] = misread.get(word, 0.0) + factor * kept
                misread[word & ~digit] = misread.get(word & ~digit, 0.0) + factor * shift
            else:
                misread[word] = misread.get(word, 0.0) + factor
        terms = misread
    return terms


def _need(value: NDArray | None) -> NDArray:  # type: ignore[type-arg]  # of any dtype
    if value is None:
        raise AssertionError("an operation is made with its arrays")
    return value
