"""What a registered circuit is, and the registry."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from qml.errors import CircuitError
from qml.registry import Registry


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """A way to write features into a quantum state.

    Attributes:
        name: Registered name.
        summary: One line.
        source: Paper or package.
        apply: Quantum function ``apply(features, wires)``; features of one sample, shape (..., n_features).
        n_features: Number of features that ``n_wires`` wires take.
        kind: Always ``"encoding"``.
    """

    name: str
    summary: str
    source: str
    apply: Callable[[Any, Sequence[int]], None]
    n_features: Callable[[int], int]
    kind: Literal["encoding"] = "encoding"


@dataclass(frozen=True, kw_only=True)
class Ansatz:
    """A trainable circuit in layers.

    Attributes:
        name: Registered name.
        summary: One line.
        source: Paper or package.
        apply_layer: Quantum function ``apply_layer(weights, wires, layer)`` for one layer; weights in radians.
        layer_shape: Weight shape of one layer on ``n_wires`` wires.
        entangling: Whether it has two-wire gates.
        kind: Always ``"ansatz"``.
    """

    name: str
    summary: str
    source: str
    apply_layer: Callable[[Any, Sequence[int], int], None]
    layer_shape: Callable[[int], tuple[int, ...]]
    entangling: bool = True
    kind: Literal["ansatz"] = "ansatz"


CIRCUITS: Registry[Encoding | Ansatz] = Registry("circuit", "qml.circuits")


def get(name: str) -> Encoding | Ansatz:
    """Return the registered encoding or ansatz of that name."""
    return CIRCUITS.get(name)


def names(kind: str | None = None) -> tuple[str, ...]:
    """Return the registered names, of one kind (``"encoding"``, ``"ansatz"``) or of all.

    >>> "angle" in names("encoding"), "angle" in names("ansatz")
    (True, False)
    """
    return tuple(entry.name for entry in CIRCUITS if kind is None or entry.kind == kind)


def encoding(name: str) -> Encoding:
    """Return a registered encoding.

    Raises:
        CircuitError: If the name is that of an ansatz.
        SpecError: If the name is unknown.
    """
    entry = CIRCUITS.get(name)
    if not isinstance(entry, Encoding):
        raise CircuitError(f"{name!r} is an ansatz, not an encoding. Encodings: {', '.join(names('encoding'))}.")
    return entry


def ansatz(name: str) -> Ansatz:
    """Return a registered ansatz.

    Raises:
        CircuitError: If the name is that of an encoding.
        SpecError: If the name is unknown.
    """
    entry = CIRCUITS.get(name)
    if not isinstance(entry, Ansatz):
        raise CircuitError(f"{name!r} is an encoding, not an ansatz. Ansätze: {', '.join(names('ansatz'))}.")
    return entry
