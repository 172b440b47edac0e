"""A program with its engines: made when they are needed, shared by equal programs, found again by a string."""

import dataclasses
import hashlib
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

import numpy as np
import torch

from qml.errors import CircuitError
from qml.simulators.engine import Engine
from qml.simulators.program import Program
from qml.simulators.torch_engine import TorchEngine

NUMPY_DTYPES: dict[torch.dtype, np.dtype[Any]] = {
    torch.float32: np.dtype(np.float32),
    torch.float64: np.dtype(np.float64),
}


class Compiled:
    """The engines of one program; take it from ``compiled``, so that equal programs share one.

    Args:
        program: The compiled circuit.
        key: Hash of its content, under which ``find`` returns this object as long as somebody holds it.
    """

    def __init__(self, program: Program, key: str) -> None:
        self.program = program
        self.key = key
        self._engines: dict[torch.dtype, Engine] = {}
        self._torch: TorchEngine | None = None
        self._per_sample: Compiled | None = None

    def engine(self, dtype: torch.dtype) -> Engine:
        """Return the CPU engine of a dtype, float32 or float64."""
        engine = self._engines.get(dtype)
        if engine is None:
            engine = self._engines[dtype] = Engine(self.program, NUMPY_DTYPES[dtype])
            _OF_ENGINE[engine] = self
        return engine

    @property
    def torch(self) -> TorchEngine:
        """The torch engine."""
        if self._torch is None:
            self._torch = TorchEngine(self.program)
        return self._torch

    @property
    def per_sample(self) -> "Compiled":
        """The same circuit with its weights among the variables of a sample, behind the inputs."""
        if self._per_sample is None:
            self._per_sample = compiled(self.program.with_weights_per_sample())
        return self._per_sample


_BY_KEY: WeakValueDictionary[str, Compiled] = WeakValueDictionary()
_OF_ENGINE: WeakKeyDictionary[Engine, Compiled] = WeakKeyDictionary()


def compiled(program: Program) -> Compiled:
    """Return the engines of a program, the same ones for an equal program.

    >>> from qml.circuits import compose
    >>> from qml.simulators import trace
    >>> circuit = compose(encoding="angle", ansatz="strongly-entangling", n_wires=2, n_layers=1)
    >>> once, again = (trace(circuit, 2, circuit.weight_shapes).program for _ in range(2))
    >>> compiled(once) is compiled(again)
    True
    """
    key = _content_hash(program)
    found = _BY_KEY.get(key)
    if found is None:
        found = _BY_KEY[key] = Compiled(program, key)
    return found


def of_engine(engine: Engine) -> Compiled:
    """Return the engines that a CPU engine belongs to."""
    found = _OF_ENGINE.get(engine)
    if found is None:
        found = _OF_ENGINE[engine] = compiled(engine.program)
    return found


def find(key: str) -> Compiled:
    """Return the engines of a key.

    Raises:
        CircuitError: If no layer of this process has that circuit.
    """
    found = _BY_KEY.get(key)
    if found is None:
        raise CircuitError(
            f"no circuit of this process has the key {key[:12]}…: a compiled or exported model refers to its circuits "
            "by content. Build a QuantumLayer of the same circuit first and keep it alive."
        )
    return found


def _content_hash(program: Program) -> str:
    digest = hashlib.blake2b(digest_size=16)
    _update(digest, program)
    return digest.hexdigest()


def _update(digest: Any, value: Any) -> None:
    """Feed a tree of dataclasses, tuples and arrays to a hash."""
    if dataclasses.is_dataclass(value):
        for entry in dataclasses.fields(value):
            digest.update(entry.name.encode())
            _update(digest, getattr(value, entry.name))
    elif isinstance(value, tuple):
        digest.update(b"(%d" % len(value))
        for part in value:
            _update(digest, part)
    elif isinstance(value, np.ndarray):
        digest.update(f"{value.dtype}{value.shape}".encode())
        digest.update(np.ascontiguousarray(value).reshape(-1).view(np.uint8))
    else:
        digest.update(repr(value).encode())
