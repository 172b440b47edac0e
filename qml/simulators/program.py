"""The compiled circuit: plain arrays that the kernels interpret.

A program is what is left of a quantum function after tracing: no Python objects of the caller, so that it can be
pickled, copied and sent to another process.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qml.simulators.permutations import Permutation

# Rows of ``Program.operations``: (kind, a, b, c, d, e).
ONE_WIRE = 0  # a = bit of the target, b = control mask, c = control value, [d, e) = its elements
PARITY = 1  # exp(-i angle/2 Z...Z): a = mask of the bits, b = angle
PERMUTE = 2  # a = row of ``permutations``
DENSE = 3  # a = row of ``dense``

# Rows of ``Program.elements``: (kind, index); the elements of a one-wire operation are multiplied into one matrix.
CONSTANT = 0  # index into ``constants``
RX = 1  # index of the angle, as in all that follow
RY = 2
RZ = 3
PHASE = 4  # diag(1, exp(i angle))

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Kind = Literal["expval", "probs", "state", "var", "mixed"]


@dataclass(frozen=True)
class Angles:
    """Gate angles as quadratic polynomials of the variables v = (inputs, weights).

    angle[p] = constant[p] + sum over terms t in [start[p], start[p+1]) of coefficient[t] v[first[t]] v[second[t]],
    where an index of -1 stands for the factor one.

    Attributes:
        constant: Radians, shape (n_angles,).
        start: Shape (n_angles + 1,).
        coefficient: Shape (n_terms,).
        first: Variable of each term, shape (n_terms,).
        second: Second variable of each term or -1, shape (n_terms,).
        lane: Row among the per-sample angles, or -1 where an angle depends on weights only; shape (n_angles,).
    """

    constant: Float
    start: Int
    coefficient: Float
    first: Int
    second: Int
    lane: Int

    @property
    def n_lane(self) -> int:
        """How many angles differ from sample to sample."""
        return int(self.lane.max(initial=-1)) + 1


@dataclass(frozen=True)
class Dense:
    """A constant unitary on several wires.

    Attributes:
        matrix: Shape (2**k, 2**k), complex.
        offsets: Index offsets of the 2**k basis states of its wires, shape (2**k,).
        bases: Indices with zeros on all of its wires, shape (2**(n_wires - k),).
    """

    matrix: NDArray[np.complex128]
    offsets: Int
    bases: Int


@dataclass(frozen=True)
class Measurement:
    """What is read from the final state.

    Attributes:
        kind: ``"expval"`` (one number an observable), ``"probs"`` or ``"state"``; ``"mixed"`` for several of them one
            after the other, in ``parts``; among these also ``"var"``, whose rows are those of the observables and then
            those of their squares.
        n_rows: Observables and, for ``"var"``, their squares; none for other kinds.
        z_words: Words of Pauli Z alone, the identity among them, rows (observable, mask), shape (n_words, 2).
        z_coefficients: Of these words, shape (n_words,).
        terms: Other Pauli words, rows (observable, x mask, z mask, power of i), shape (n_terms, 4).
        coefficients: Of the other words, shape (n_terms,).
        outcome: Output of each basis state, shape (2**n_wires,); empty unless ``"probs"``.
        n_outputs: Length of the last output dimension.
        shape: Output shape of one sample; ``()`` for a single expectation value.
        parts: Of ``"mixed"``: measurements of the other kinds, whose outputs are joined in this order.
    """

    kind: Kind
    n_rows: int
    z_words: Int
    z_coefficients: Float
    terms: Int
    coefficients: Float
    outcome: Int
    n_outputs: int
    shape: tuple[int, ...]
    parts: "tuple[Measurement, ...]" = ()

    @property
    def needs_state(self) -> bool:
        """Whether an engine hands out the state, which ``qml.simulators.read`` turns into the outputs."""
        return self.kind in ("state", "mixed")

    def diagonal(self, n_states: int) -> Float:
        """Return the diagonal part of each observable, shape (n_rows, n_states): large on many wires."""
        table = np.zeros((self.n_rows, n_states))
        np.add.at(table, (self.z_words[:, 0], self.z_words[:, 1]), self.z_coefficients)
        half = 1
        while half < n_states:  # Walsh and Hadamard: from the coefficients of Z words to their sums
            pairs = table.reshape(self.n_rows, n_states // (2 * half), 2, half)
            table = np.stack([pairs[:, :, 0] + pairs[:, :, 1], pairs[:, :, 0] - pairs[:, :, 1]], axis=2)
            table = table.reshape(self.n_rows, n_states)
            half *= 2
        return table


def no_observables(kind: Kind, n_outputs: int, shape: tuple[int, ...]) -> Measurement:
    """Return a measurement of a kind that reads no observables."""
    none = np.zeros(0, dtype=np.int64)
    return Measurement(
        kind, 0, none.reshape(0, 2), np.zeros(0), none.reshape(0, 4), np.zeros(0), none, n_outputs, shape
    )


@dataclass(frozen=True)
class Program:
    """A circuit as plain arrays.

    Wire 0 is the most significant bit of a basis state's index.  Variables are the inputs of one sample, then what a
    torch function computes from inputs and weights (``n_extra`` per-sample values), then the weights, flattened.

    Attributes:
        n_wires: Number of wires.
        n_inputs: Features of one sample.
        n_extra: Further per-sample variables, see ``qml.simulators.parameters``.
        n_weights: Number of weights in all.
        operations: Shape (n_operations, 6), see the constants of this module.
        elements: Shape (n_elements, 2).
        constants: Constant 2x2 matrices, shape (n_constants, 2, 2), complex.
        angles: The parameter map.
        permutations: What moves basis states; each once, however many operations refer to it.
        dense: Constant unitaries on more than one wire.
        has_initial: Whether the first state is given a sample (amplitude encoding).
        measurement: What is read.
        gate_counts: Gates by name as the caller wrote them, for reports.
    """

    n_wires: int
    n_inputs: int
    n_extra: int
    n_weights: int
    operations: Int
    elements: Int
    constants: NDArray[np.complex128]
    angles: Angles
    permutations: tuple[Permutation, ...]
    dense: tuple[Dense, ...]
    has_initial: bool
    measurement: Measurement
    gate_counts: dict[str, int]

    @property
    def n_states(self) -> int:
        """Dimension of the state vector."""
        return 1 << self.n_wires

    def with_weights_per_sample(self) -> "Program":
        """Return the same circuit with its weights as the last variables of each sample, so that they may differ."""
        depends = np.diff(self.angles.start) > 0
        lane = np.where(depends, np.cumsum(depends) - 1, -1)
        angles = replace(self.angles, lane=lane.astype(np.int64))
        return replace(self, n_extra=self.n_extra + self.n_weights, n_weights=0, angles=angles)
