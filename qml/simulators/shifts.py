"""Parameter shift: an opened program, whose angles are given a row, and which shifted angles make which derivative.

A gate exp(-i angle G) makes every expectation value a trigonometric polynomial of its angle, whose frequencies are
the differences of the eigenvalues of G; its derivative is a sum of its values at shifted angles (Wierichs et al.
2022, arXiv:2107.12390, eq. 15; the four-term rule: Anselmetti et al. 2021, arXiv:2104.05695).  The angles of a
``Program`` are polynomials of inputs and weights, so the rules are applied an angle, and torch's autograd goes
through the polynomials.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from qml.simulators.program import CONSTANT, ONE_WIRE, PARITY, PHASE, Angles, Int, Program

# Terms (coefficient, shift in radians): df/dangle = sum of coefficient f(angle + shift).
TWO_TERMS = ((0.5, math.pi / 2), (-0.5, -math.pi / 2))  # frequency 1
_PLUS, _MINUS = (math.sqrt(2) + 1) / (4 * math.sqrt(2)), (math.sqrt(2) - 1) / (4 * math.sqrt(2))
FOUR_TERMS = (  # frequencies 1/2 and 1
    (_PLUS, math.pi / 2),
    (-_PLUS, -math.pi / 2),
    (-_MINUS, 3 * math.pi / 2),
    (_MINUS, -3 * math.pi / 2),
)


@dataclass(frozen=True)
class Shifts:
    """Shifted circuits of one sample; circuit t has angle ``angle[t]`` moved by ``shift[t]``.

    Attributes:
        angle: Shape (n_circuits,).
        shift: Radians, shape (n_circuits,).
        coefficient: Shape (n_circuits,).
    """

    angle: Int
    shift: np.ndarray
    coefficient: np.ndarray

    def only(self, wanted: Tensor) -> "Shifts":
        """Keep the circuits of some angles.

        Args:
            wanted: Whether an angle's derivative is wanted, shape (n_angles,).
        """
        keep = wanted.numpy()[self.angle]
        return Shifts(self.angle[keep], self.shift[keep], self.coefficient[keep])


def open_program(program: Program) -> Program:
    """Return a program that takes its angles as inputs: angle p of a sample is feature p.

    Every one-wire element becomes an operation of its own: the engine makes the matrices of single rotations for 16
    samples in vector instructions, those of products one by one.

    Args:
        program: Any program.

    Returns:
        The same circuit with n_inputs = number of angles, and no weights.
    """
    n_angles = len(program.angles.constant)
    index = np.arange(n_angles, dtype=np.int64)
    angles = Angles(
        constant=np.zeros(n_angles),
        start=np.arange(n_angles + 1, dtype=np.int64),
        coefficient=np.ones(n_angles),
        first=index,
        second=np.full(n_angles, -1, dtype=np.int64),
        lane=index,
    )
    rows: list[list[int]] = []
    for row in program.operations.tolist():
        if row[0] == ONE_WIRE:
            rows.extend([*row[:4], e, e + 1] for e in range(row[4], row[5]))
        else:
            rows.append(row)
    return replace(
        program,
        n_inputs=n_angles,
        n_extra=0,
        n_weights=0,
        operations=np.array(rows, dtype=np.int64).reshape(-1, 6),
        angles=angles,
    )


def shifts_of(program: Program) -> Shifts:
    """List the shifted circuits that make the derivatives of all angles.

    RX, RY, RZ and parities have eigenvalues ±1/2, phases 0 and 1: two terms.  A controlled rotation has -1/2, 0 and
    1/2, hence the frequencies 1/2 and 1: four terms.  A controlled phase still has 0 and 1 only: two terms.  A phase
    of the whole state changes no measured value: no term.

    Args:
        program: Any program.

    Returns:
        Sorted by angle.  An angle that two gates share has the terms of both, each for one use, and is refused.

    Raises:
        AssertionError: If two gates share one angle; the tracer gives every gate its own.
    """
    terms: dict[int, tuple[tuple[float, float], ...]] = {}

    def add(angle: int, rule: tuple[tuple[float, float], ...]) -> None:
        if angle in terms:
            raise AssertionError("every angle belongs to one gate")
        terms[angle] = rule

    for kind, a, b, _, start, stop in program.operations.tolist():
        if kind == PARITY:
            add(b, TWO_TERMS if a else ())
        elif kind == ONE_WIRE:
            for element, index in program.elements[start:stop].tolist():
                if element != CONSTANT:
                    add(index, FOUR_TERMS if b and element != PHASE else TWO_TERMS)
    rows = [(angle, shift, coefficient) for angle in sorted(terms) for coefficient, shift in terms[angle]]
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return Shifts(table[:, 0].astype(np.int64), table[:, 1], table[:, 2])


class AngleMap:
    """The parameter map as torch operations.

    Args:
        program: The program, as traced.
    """

    def __init__(self, program: Program) -> None:
        angles = program.angles
        self._constant = torch.from_numpy(angles.constant)
        self._coefficient = torch.from_numpy(angles.coefficient)
        self._first = torch.from_numpy(angles.first)
        # A factor of one stands behind the last variable.
        n_variables = program.n_inputs + program.n_extra + program.n_weights
        self._second = torch.from_numpy(np.where(angles.second < 0, n_variables, angles.second))
        self._angle = torch.from_numpy(np.repeat(np.arange(len(angles.constant)), np.diff(angles.start)))

    def __call__(self, variables: Tensor, weights: Tensor) -> Tensor:
        """Compute all angles, differentiably.

        Args:
            variables: Per-sample variables, shape (n_samples, n_inputs + n_extra).
            weights: Shape (n_weights,).

        Returns:
            Radians, float64, shape (n_samples, n_angles).
        """
        shared = torch.cat([weights.to(torch.float64), torch.ones(1, dtype=torch.float64)])
        factors = torch.cat([variables.to(torch.float64), shared.expand(len(variables), -1)], dim=1)
        terms = self._coefficient * factors[:, self._first] * factors[:, self._second]
        return self._constant.expand(len(variables), -1).index_add(1, self._angle, terms)

    def depends_on(self, wanted: Tensor) -> Tensor:
        """Tell which angles depend on some variables.

        Args:
            wanted: Of each variable (inputs, extra, weights), shape (n_variables,), bool.

        Returns:
            Shape (n_angles,), bool.
        """
        padded = torch.cat([wanted, torch.zeros(1, dtype=torch.bool)])
        touched = padded[self._first] | padded[self._second]
        return torch.zeros(len(self._constant)).index_add(0, self._angle, touched.to(torch.float32)) > 0
