"""The Fourier spectrum that a circuit can reach as a function of its inputs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pennylane as qp
import torch
from numpy.typing import NDArray
from torch import Tensor

from qml.circuits import DeclaredCircuit
from qml.errors import CircuitError
from qml.nn.quantum_layer import QuantumLayer
from qml.simulators import NotTraceableError, Traced, trace
from qml.simulators.gates import Gate
from qml.simulators.program import CONSTANT, PHASE

Float = NDArray[np.float64]
Terms = tuple[tuple[tuple[int, ...], float], ...]
MAX_FREQUENCIES = 20_000
# Uploads at scalings without a common unit have 3**L sums; beyond this the largest ones stand for the rest.
MAX_MULTIPLES = 2_000
_DIGITS = 9


@dataclass(frozen=True)
class Spectrum:
    """All frequencies of f(x) = Σ_ω c_ω exp(i ω·φ(x)), where φ are the phases that the circuit encodes.

    A phase is a feature, a product of features, or whatever else the angles of the circuit's gates are.  ω runs over
    every combination of one multiple of each phase.

    Attributes:
        phases: For each phase its terms: (variables, coefficient) of a polynomial without constant; variables are the
            inputs, then what the circuit computes from them otherwise.
        multiples: For each phase the frequencies it is reached at, sorted, symmetric, with 0.
        traced: The circuit, where it computes variables that are no polynomials; else None.
        weights: The weights at which ``traced`` is evaluated.
        is_trained: Whether trained weights scale a phase, so that the frequencies move with them.

    Source: Schuld, Sweke, Meyer 2021 (arXiv:2008.08605).
    """

    phases: tuple[Terms, ...]
    multiples: tuple[Float, ...]
    traced: Traced | None = None
    weights: tuple[Tensor, ...] = ()
    is_trained: bool = False

    @property
    def size(self) -> int:
        """Number of frequencies, 0 and both signs counted."""
        return math.prod(len(multiples) for multiples in self.multiples)

    def angles(self, inputs: Tensor) -> Tensor:
        """Return the phases φ of inputs, shape (n, n_inputs) to (n, n_phases), differentiable."""
        variables = inputs
        if self.traced is not None:
            variables = self.traced.variables(inputs, [weight.to(inputs.device) for weight in self.weights])[0]
        columns = [
            sum(value * variables[:, list(monomial)].prod(dim=1) for monomial, value in terms) for terms in self.phases
        ]
        return (
            torch.stack([torch.as_tensor(c) for c in columns], dim=1) if columns else inputs.new_zeros(len(inputs), 0)
        )

    def frequencies(self, limit: int = MAX_FREQUENCIES, seed: int = 0) -> Float:
        """Return the frequencies as multiples of the phases, one of each pair ±ω and without 0.

        Args:
            limit: Where there are more of them, this many are drawn at random, each at most once.
            seed: Of the draw.

        Returns:
            Shape (n_frequencies, n_phases); the first nonzero multiple of each is positive.
        """
        if self.size <= 2 * limit + 1:
            grids = np.meshgrid(*self.multiples, indexing="ij")
            chosen = np.stack([grid.ravel() for grid in grids], axis=1) if grids else np.zeros((1, 0))
        else:
            rng = np.random.default_rng(seed)
            columns = [rng.choice(multiples, size=4 * limit) for multiples in self.multiples]
            chosen = np.stack(columns, axis=1)
        first = np.take_along_axis(chosen, (chosen != 0).argmax(axis=1)[:, None], axis=1) if chosen.size else chosen
        chosen = np.unique(np.round(chosen * np.sign(first), _DIGITS), axis=0) if chosen.size else chosen[:0]
        chosen = chosen[(chosen != 0).any(axis=1)]
        if len(chosen) > limit:
            chosen = chosen[np.sort(np.random.default_rng(seed).choice(len(chosen), size=limit, replace=False))]
        return np.asarray(chosen, dtype=np.float64)

    def vectors(self, n_inputs: int) -> Float:
        """Return the frequencies as vectors in the space of the inputs.

        Raises:
            CircuitError: If a phase is not linear in the inputs; such a function has no frequencies there.
        """
        matrix = np.zeros((len(self.phases), n_inputs))
        for row, terms in zip(matrix, self.phases, strict=True):
            for monomial, value in terms:
                if len(monomial) > 1 or monomial[0] >= n_inputs:
                    raise CircuitError(
                        "a phase of this circuit is not linear in the inputs (a product or a function of them), so its "
                        "frequencies are multiples of phases: use frequencies() and angles()."
                    )
                row[monomial[0]] = value
        return np.unique(np.round(self.frequencies() @ matrix, _DIGITS) + 0.0, axis=0)

    def kernel(self, x: Float, z: Float, scale: float = 1.0) -> Float:
        """Return the mean of cos(ω·(φ(x) − φ(z))) over *all* frequencies, none left out, shape (n, m).

        The sum factorises into one factor a phase, so no frequency has to be drawn.

        Args:
            x: Inputs, shape (n, n_inputs).
            z: Inputs, shape (m, n_inputs).
            scale: Multiplies every frequency.
        """
        result: Float = np.ones((len(x), len(z)))
        ours, theirs = (self.angles(torch.from_numpy(np.ascontiguousarray(rows))).numpy() for rows in (x, z))
        for column, multiples in enumerate(self.multiples):
            waves = [np.exp(1j * scale * np.outer(phi[:, column], multiples)) for phi in (ours, theirs)]
            result *= (waves[0] @ waves[1].conj().T).real / len(multiples)
        return result


def spectrum(layer: QuantumLayer, *, nominal: bool = False) -> Spectrum:
    """Read off a circuit which frequencies its outputs can have, at its present weights.

    A rotation exp(−i θ P/2) about a Pauli word has eigenvalue differences {−1, 0, 1}, a controlled one also ±1/2, and
    uploads of the same phase add up: L of them reach {−L, …, L}.  The outputs may lack some of these frequencies; they
    have no other.

    Args:
        layer: Any, with ``n_inputs`` known.
        nominal: Take weights that scale inputs for 1, as before any training.

    Raises:
        CircuitError: If the circuit encodes features as amplitudes, or cannot be traced.

    >>> layer = QuantumLayer.from_names(n_wires=2, n_layers=3, reupload=True)
    >>> reach = spectrum(layer)
    >>> [multiples.tolist() for multiples in reach.multiples], reach.size
    ([[-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0], [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]], 49)
    """
    traced = _traced(layer)
    weights = tuple(getattr(layer, name).detach().cpu().to(torch.float64) for name in layer.weight_shapes)
    _check_no_amplitudes(traced, weights)
    flat = np.concatenate([np.zeros(0), *(weight.numpy().ravel() for weight in weights)])
    reached: dict[Terms, Float] = {}
    is_trained = False
    for index, differences in _uses(traced.gates):
        terms, moves = _terms(traced, index, flat, nominal)
        is_trained |= moves
        if terms:
            unit = terms[-1][1]
            phase = tuple((monomial, round(value / unit, _DIGITS)) for monomial, value in terms)
            reached[phase] = _add(reached.get(phase, np.zeros(1)), unit * differences)
    needs_extra = any(max(monomial) >= traced.n_inputs for phase in reached for monomial, _ in phase)
    return Spectrum(
        phases=tuple(reached),
        multiples=tuple(reached.values()),
        traced=traced if needs_extra else None,
        weights=weights if needs_extra else (),
        is_trained=is_trained,
    )


def _traced(layer: QuantumLayer) -> Traced:
    """Trace a layer's circuit gate by gate."""
    if layer.circuit is None:
        raise CircuitError("this layer was loaded without its circuit, so its spectrum is not known; build it anew.")
    if layer.n_inputs is None:
        raise CircuitError("give n_inputs, or call the layer once, before asking for its spectrum.")
    function = layer.circuit.func if isinstance(layer.circuit, qp.QNode) else layer.circuit
    try:
        if isinstance(function, DeclaredCircuit) and function.n_inputs == layer.n_inputs:
            return _traced_once(function)
        return trace(function, layer.n_inputs, layer.weight_shapes, fuse=False, after=_nothing)
    except NotTraceableError as error:
        raise CircuitError(f"the spectrum of this circuit cannot be read off: {error}.") from error


def _nothing(name: str, wires: tuple[int, ...]) -> tuple[Gate, ...]:
    """Let nothing follow a gate; that the tracer is asked makes it list the gates one by one."""
    return ()


@lru_cache(maxsize=128)
def _traced_once(circuit: DeclaredCircuit) -> Traced:
    return trace(circuit, circuit.n_inputs, circuit.weight_shapes, fuse=False, after=_nothing)


def _check_no_amplitudes(traced: Traced, weights: Sequence[Tensor]) -> None:
    if not traced.program.has_initial:
        return
    rows = torch.rand(2, traced.n_inputs, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) + 0.1
    initial = traced.variables(rows, weights)[1]
    if initial is not None and not torch.allclose(initial[0], initial[1]):
        raise CircuitError(
            "this circuit encodes features as amplitudes, and its outputs are quadratic in them: there is no Fourier "
            "spectrum. A polynomial kernel of degree two on normalised features spans them."
        )


def _uses(gates: Sequence[Gate]) -> list[tuple[int, Float]]:
    """Return, for every use of an angle, its index and the eigenvalue differences of the generator."""
    pauli = np.array([-1.0, 0.0, 1.0])
    uses = []
    for gate in gates:
        if gate.kind == "parity" and gate.wires:
            uses.append((gate.angle, pauli))
        for kind, index in gate.elements:
            if kind != CONSTANT:
                halves = bool(gate.controls) and kind != PHASE
                uses.append((index, np.array([-1.0, -0.5, 0.0, 0.5, 1.0]) if halves else pauli))
    return uses


def _terms(traced: Traced, index: int, weights: Float, nominal: bool) -> tuple[Terms, bool]:
    """Return an angle as a polynomial of what differs by sample, without constant, and whether weights scale it."""
    angles, n_samplewise = traced.program.angles, traced.program.n_inputs + traced.program.n_extra
    found: dict[tuple[int, ...], float] = {}
    scaled = False
    for term in range(angles.start[index], angles.start[index + 1]):
        pair = [v for v in (int(angles.first[term]), int(angles.second[term])) if v >= 0]
        monomial = tuple(variable for variable in pair if variable < n_samplewise)
        if not monomial:
            continue
        scaled |= len(monomial) < len(pair)
        factors = [float(weights[variable - n_samplewise]) for variable in pair[len(monomial) :]]
        value = float(angles.coefficient[term]) * (1.0 if nominal else math.prod(factors))
        found[monomial] = found.get(monomial, 0.0) + value
    terms = sorted(found.items(), key=lambda item: (len(item[0]), item[0]))
    return tuple((monomial, value) for monomial, value in terms if abs(value) > 1e-12), scaled


def _add(first: Float, second: Float) -> Float:
    """Return all sums of one element each, distinct and sorted."""
    sums: Float = np.unique(np.round(np.add.outer(first, second), _DIGITS) + 0.0)
    return sums if len(sums) <= MAX_MULTIPLES else sums[np.linspace(0, len(sums) - 1, MAX_MULTIPLES | 1).astype(int)]
