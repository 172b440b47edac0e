"""What noise is: channels, and the rule that says after which gate which channel acts."""

import inspect
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pennylane as qp

from qml.errors import CircuitError, suggest
from qml.simulators.pauli import Complex, Float, transfer_matrix, words

MAX_CHANNEL_WIRES = 2
_TRACE_TOLERANCE = 1e-6
_LETTERS = {"I": 0, "Z": 1, "X": 2, "Y": 3}

GateKey = str | tuple[str, tuple[int, ...]]


@dataclass(frozen=True)
class Channel:
    """A noise channel on one or two wires.  Make one with a class method.

    Attributes:
        name: What to call it.
        parameters: As given to the class method.
        operators: Kraus operators, the first wire most significant, as nested tuples of shape (m, 2**k, 2**k).

    >>> Channel.amplitude_damping(0.1)
    Channel.amplitude_damping(0.1)
    """

    name: str
    parameters: tuple[Any, ...]
    operators: tuple[tuple[tuple[complex, ...], ...], ...] = field(repr=False)

    @classmethod
    def depolarizing(cls, probability: float, n_wires: int = 1) -> "Channel":
        """Replace the state by an evenly chosen Pauli error with some probability.

        The convention is PennyLane's: (1 - p) rho + p / (4**n - 1) times the sum over the other Pauli words.  Aer's
        ``depolarizing_error(q, n)`` is this with p = q (1 - 4**-n).

        Args:
            probability: Of any error, in [0, 1].
            n_wires: 1, or 2 for errors that two wires share.
        """
        _check_probability(probability, "depolarizing")
        if n_wires not in (1, 2):
            raise CircuitError(f"a depolarizing channel is on 1 or 2 wires; got n_wires={n_wires!r}.")
        weights = np.full(4**n_wires, probability / (4**n_wires - 1))
        weights[0] = 1 - probability
        parameters: tuple[Any, ...] = (probability,) if n_wires == 1 else (probability, n_wires)
        return cls._of_words("depolarizing", parameters, weights, n_wires)

    @classmethod
    def pauli(cls, probabilities: Mapping[str, float]) -> "Channel":
        """Apply each Pauli word with its probability; what is left to one is no error.

        Args:
            probabilities: By word on one or two wires, such as ``{"X": 0.01, "Z": 0.02}`` or ``{"ZZ": 0.01}``.
        """
        if not probabilities:
            raise CircuitError("a Pauli channel needs at least one word, such as {'X': 0.01}.")
        n_wires = len(next(iter(probabilities)))
        weights = np.zeros(4**n_wires) if 1 <= n_wires <= MAX_CHANNEL_WIRES else np.zeros(0)
        for word, probability in probabilities.items():
            if len(word) != n_wires or not weights.size or set(word) - set(_LETTERS):
                raise CircuitError(f"Pauli words are of one length, 1 or 2, in the letters I, X, Y, Z; got {word!r}.")
            _check_probability(probability, f"Pauli ({word})")
            weights[sum(_LETTERS[letter] * 4 ** (n_wires - 1 - i) for i, letter in enumerate(word))] = probability
        rest = 1 - weights[1:].sum()
        if rest < -_TRACE_TOLERANCE:
            raise CircuitError(f"the probabilities of a Pauli channel must not exceed 1 in all; got {1 - rest:.6g}.")
        weights[0] = max(0.0, rest)
        return cls._of_words("pauli", (tuple(sorted(probabilities.items())),), weights, n_wires)

    @classmethod
    def bit_flip(cls, probability: float) -> "Channel":
        """Apply X with some probability."""
        _check_probability(probability, "bit flip")
        return cls._of_words("bit_flip", (probability,), np.array([1 - probability, 0, probability, 0]), 1)

    @classmethod
    def phase_flip(cls, probability: float) -> "Channel":
        """Apply Z with some probability."""
        _check_probability(probability, "phase flip")
        return cls._of_words("phase_flip", (probability,), np.array([1 - probability, probability, 0, 0]), 1)

    @classmethod
    def amplitude_damping(cls, gamma: float) -> "Channel":
        """Let one fall to zero with probability gamma."""
        _check_probability(gamma, "amplitude damping")
        stay = [[1, 0], [0, math.sqrt(1 - gamma)]]
        return cls._checked("amplitude_damping", (gamma,), np.array([stay, [[0, math.sqrt(gamma)], [0, 0]]]))

    @classmethod
    def phase_damping(cls, gamma: float) -> "Channel":
        """Lose phase: off-diagonal entries shrink by sqrt(1 - gamma)."""
        _check_probability(gamma, "phase damping")
        stay = [[1, 0], [0, math.sqrt(1 - gamma)]]
        return cls._checked("phase_damping", (gamma,), np.array([stay, [[0, 0], [0, math.sqrt(gamma)]]]))

    @classmethod
    def kraus(cls, operators: Iterable[Any], name: str = "kraus") -> "Channel":
        """Make a channel of Kraus operators.

        Args:
            operators: Matrices of shape (2**k, 2**k), k = 1 or 2, with sum K^dagger K = 1; first wire most significant.
            name: What to call it.
        """
        return cls._checked(name, (), np.array([np.asarray(k, dtype=np.complex128) for k in operators]))

    @classmethod
    def _of_words(cls, name: str, parameters: tuple[Any, ...], weights: Float, n_wires: int) -> "Channel":
        used = weights > 0
        return cls._checked(name, parameters, np.sqrt(weights[used])[:, None, None] * words(n_wires)[used])

    @classmethod
    def _checked(cls, name: str, parameters: tuple[Any, ...], operators: Complex) -> "Channel":
        sizes = [2**k for k in range(1, MAX_CHANNEL_WIRES + 1)]
        if operators.ndim != 3 or operators.shape[1] not in sizes or operators.shape[1] != operators.shape[2]:
            raise CircuitError(
                f"Kraus operators of the channel {name!r} must have shape (m, 2, 2) or (m, 4, 4); "
                f"got {operators.shape}."
            )
        total = np.einsum("mij,mik->jk", operators.conj(), operators)
        error = np.abs(total - np.eye(len(total))).max()
        if not error < _TRACE_TOLERANCE:
            raise CircuitError(
                f"the Kraus operators of the channel {name!r} do not keep the trace: sum K^dagger K differs from the "
                f"identity by {error:.2g}."
            )
        nested = tuple(tuple(tuple(complex(v) for v in row) for row in matrix) for matrix in operators)
        return cls(name, parameters, nested)

    @property
    def n_wires(self) -> int:
        """Wires that it acts on."""
        return len(self.operators[0]).bit_length() - 1

    @property
    def transfer(self) -> Float:
        """Pauli transfer matrix, shape (4**n_wires, 4**n_wires), in the basis of ``qml.simulators.pauli``."""
        return _transfer(self)

    def __repr__(self) -> str:
        if self.parameters:
            return f"Channel.{self.name}({', '.join(map(repr, self.parameters))})"
        return f"Channel.kraus(<{len(self.operators)} operators on {self.n_wires} wires>, name={self.name!r})"


@lru_cache(maxsize=256)
def _transfer(channel: Channel) -> Float:
    transfer = transfer_matrix(np.array(channel.operators))
    transfer[0] = 0.0  # the trace is kept, exactly
    transfer[0, 0] = 1.0
    transfer.flags.writeable = False
    return transfer


@dataclass(frozen=True)
class NoiseModel:
    """Which channels act after which gate, and how readout errs.

    Gates are those of the circuit as written; templates (``AngleEmbedding``, ``StronglyEntanglingLayers``, …) count
    as the gates that they are made of, and state preparation is free of noise.  A one-wire channel after a wider gate
    acts on each of its wires; a two-wire channel acts after two-wire gates only.  The most exact rule holds alone:
    first a gate's name on certain wires, then its name, then its number of wires.  An adjoint carries its gate's
    noise.  ``Identity`` counts as a gate only where it is named.

    Args:
        one_wire: Channels after every gate on one wire, in order.
        two_wire: Channels after every gate on two wires.
        many_wire: Channels after every gate on three or more wires.
        gates: Channels by PennyLane name, such as ``{"CNOT": [Channel.depolarizing(0.02)]}``, or by name and wire
            positions, such as ``{("CNOT", (0, 1)): [...]}``; an empty list makes a gate free of noise.
        readout: Probabilities (of reading 1 for 0, of reading 0 for 1) on every wire, one number for both, or a
            mapping from wire position to either.  They act on every measured wire: on probabilities, and on each Pauli
            word of an observable, measured in its own basis.

    Raises:
        CircuitError: If a probability or a name cannot be; the message says which.

    >>> noise = NoiseModel.depolarizing(one_wire=0.001, two_wire=0.01, readout=0.02)
    >>> noise.channels_after("CNOT", (0, 1))
    [(Channel.depolarizing(0.01), (0,)), (Channel.depolarizing(0.01), (1,))]
    """

    one_wire: tuple[Channel, ...] = ()
    two_wire: tuple[Channel, ...] = ()
    many_wire: tuple[Channel, ...] = ()
    gates: Any = ()
    readout: Any = ()

    def __post_init__(self) -> None:
        """Bring every argument to one hashable form."""
        for kind in ("one_wire", "two_wire", "many_wire"):
            object.__setattr__(self, kind, _channels(getattr(self, kind), kind))
        if any(channel.n_wires > 1 for channel in self.one_wire):
            raise CircuitError("one_wire takes channels on one wire; a two-wire channel belongs to two_wire.")
        if any(channel.n_wires > 1 for channel in self.many_wire):
            raise CircuitError("many_wire takes channels on one wire, which act on each wire of the gate.")
        pairs = self.gates.items() if isinstance(self.gates, Mapping) else self.gates
        rules = [(_gate_key(key), _channels(value, f"gates[{key!r}]")) for key, value in pairs]
        object.__setattr__(self, "gates", tuple(sorted(rules, key=lambda rule: repr(rule[0]))))
        object.__setattr__(self, "readout", _readout(self.readout))

    @classmethod
    def depolarizing(
        cls, one_wire: float = 0.0, two_wire: float = 0.0, *, many_wire: float | None = None, readout: Any = ()
    ) -> "NoiseModel":
        """Depolarise every wire of every gate.

        Args:
            one_wire: Probability of an error after a gate on one wire.
            two_wire: On each wire of a gate on two wires.
            many_wire: On each wire of a wider gate; by default as ``two_wire``.
            readout: See the class.
        """
        return cls._everywhere(Channel.depolarizing, one_wire, two_wire, many_wire, readout)

    @classmethod
    def amplitude_damping(
        cls, one_wire: float = 0.0, two_wire: float = 0.0, *, many_wire: float | None = None, readout: Any = ()
    ) -> "NoiseModel":
        """Damp the amplitude of every wire of every gate; arguments as in ``depolarizing``."""
        return cls._everywhere(Channel.amplitude_damping, one_wire, two_wire, many_wire, readout)

    @classmethod
    def phase_damping(
        cls, one_wire: float = 0.0, two_wire: float = 0.0, *, many_wire: float | None = None, readout: Any = ()
    ) -> "NoiseModel":
        """Damp the phase of every wire of every gate; arguments as in ``depolarizing``."""
        return cls._everywhere(Channel.phase_damping, one_wire, two_wire, many_wire, readout)

    @classmethod
    def from_aer(cls, source: Any) -> "NoiseModel":
        """Read a Qiskit Aer noise model, or that of a (fake) backend.

        Qubit i is wire position i.  Errors are kept under the PennyLane names of their instructions, so gates that the
        model does not name carry no noise, as in Aer: write a circuit for a backend in that backend's own gates.

        Args:
            source: A ``qiskit_aer.noise.NoiseModel``, or a backend that Aer can make one of.

        Raises:
            CircuitError: If the model has a piece that cannot be kept; the message names it.
        """
        from qml.simulators.noise_aer import read_aer

        gates, readout = read_aer(source)
        return cls(gates=gates, readout=readout)

    @classmethod
    def _everywhere(cls, make: Any, one: float, two: float, many: float | None, readout: Any) -> "NoiseModel":
        kinds = [(make(p),) if p else () for p in (one, two, two if many is None else many)]
        return cls(one_wire=kinds[0], two_wire=kinds[1], many_wire=kinds[2], readout=readout)

    def channels_after(self, name: str, wires: Sequence[int]) -> list[tuple[Channel, tuple[int, ...]]]:
        """List the channels that act after a gate, in order, with the wire positions of each.

        Args:
            name: PennyLane name of the gate.
            wires: Its wire positions.
        """
        wires = tuple(wires)
        result: list[tuple[Channel, tuple[int, ...]]] = []
        for channel in self._rule(name, wires):
            if channel.n_wires == 1:
                result.extend((channel, (wire,)) for wire in wires)
            elif len(wires) == channel.n_wires:
                result.append((channel, wires))
            else:
                raise CircuitError(
                    f"{channel!r} acts on {channel.n_wires} wires and cannot follow {name}, which acts on {len(wires)}."
                )
        return result

    def _rule(self, name: str, wires: tuple[int, ...]) -> tuple[Channel, ...]:
        named = dict(self.gates)
        base = name.removeprefix("Adjoint(").removesuffix(")") if name.startswith("Adjoint(") else name
        for key in ((name, wires), (base, wires), name, base):
            if key in named:
                return tuple(named[key])
        if base in ("Identity", "GlobalPhase", "Barrier", "WireCut", "Snapshot"):
            return ()
        return (self.one_wire, self.two_wire)[len(wires) - 1] if len(wires) in (1, 2) else self.many_wire

    def readout_of(self, wire: int) -> tuple[float, float]:
        """Return the probabilities (of 1 for 0, of 0 for 1) on a wire position."""
        by_wire: dict[int | None, tuple[float, float]] = dict(self.readout)
        return by_wire.get(wire, by_wire.get(None, (0.0, 0.0)))

    @property
    def names(self) -> list[str]:
        """Gate names that have a rule of their own."""
        return sorted({key if isinstance(key, str) else key[0] for key, _ in self.gates})


def _check_probability(value: float, name: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.floating)) or not 0 <= value <= 1:
        raise CircuitError(f"the parameter of a {name} channel is a probability in [0, 1]; got {value!r}.")


def _channels(value: Any, where: str) -> tuple[Channel, ...]:
    channels = (value,) if isinstance(value, Channel) else tuple(value) if isinstance(value, Iterable) else (value,)
    for channel in channels:
        if not isinstance(channel, Channel):
            raise CircuitError(f"{where} takes channels, such as Channel.depolarizing(0.01); got {channel!r}.")
    return channels


def _gate_key(key: Any) -> GateKey:
    if isinstance(key, tuple) and len(key) == 2 and isinstance(key[0], str):
        return gate_name(key[0]), tuple(int(wire) for wire in key[1])
    if isinstance(key, str):
        return gate_name(key)
    raise CircuitError(f"gates is keyed by a gate's name, or by (name, wire positions); got {key!r}.")


def gate_name(name: str) -> str:
    """Return PennyLane's own name of a gate, such as ``PauliX`` for ``X``.

    Raises:
        CircuitError: If PennyLane has no such gate; the message names the nearest.
    """
    for wrapper in ("Adjoint(", "C("):
        if name.startswith(wrapper) and name.endswith(")"):
            return f"{wrapper}{gate_name(name[len(wrapper) : -1])})"
    known = _gate_names()
    if name not in known:
        raise CircuitError(f"PennyLane has no gate {name!r}. {suggest(name, known)}")
    return known[name]


@lru_cache(maxsize=1)
def _gate_names() -> dict[str, str]:
    """List PennyLane's gates: every exported name, and the name that an operation of it carries."""
    return {
        name: value.__name__
        for name, value in vars(qp).items()
        if inspect.isclass(value)
        and issubclass(value, qp.operation.Operation)
        and not issubclass(value, (qp.operation.Channel, qp.operation.StatePrepBase, qp.operation.CVOperation))
        and value not in (qp.operation.Operation, qp.operation.Operator)
        and not hasattr(qp.templates, name)
    }


def _readout(value: Any) -> tuple[tuple[int | None, tuple[float, float]], ...]:
    """Return (wire position, probabilities) pairs; None stands for every other wire."""
    if isinstance(value, Mapping):
        pairs = list(value.items())
    elif isinstance(value, tuple) and (not value or isinstance(value[0], tuple)):
        pairs = list(value)
    else:
        pairs = [(None, value)]
    result: list[tuple[int | None, tuple[float, float]]] = []
    for wire, given in pairs:
        both = tuple(given) if isinstance(given, Iterable) else (given, given)
        if len(both) != 2:
            raise CircuitError(f"a readout error is one probability, or (of 1 for 0, of 0 for 1); got {given!r}.")
        for probability in both:
            if isinstance(probability, bool) or not isinstance(probability, (int, float, np.floating)):
                raise CircuitError(f"a readout error is a probability in [0, 1]; got {probability!r}.")
            if not 0 <= probability <= 1:
                raise CircuitError(f"a readout error is a probability in [0, 1]; got {probability!r}.")
        result.append((wire, (float(both[0]), float(both[1]))))
    return tuple(sorted(result, key=lambda pair: -1 if pair[0] is None else pair[0]))
