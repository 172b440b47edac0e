"""Which circuits a model runs, and on which inputs: found by watching it predict."""

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook

from qml.diagnostics.bound import BoundCircuit, bind
from qml.errors import CircuitError
from qml.nn import FidelityKernel, QuantumLayer
from qml.simulators import NotTraceableError


@dataclass
class _Seen:
    layer: QuantumLayer
    inputs: list[NDArray[np.float64]] = field(default_factory=list)


def circuits_of(model: Any, X: Any, n_rows: int = 20) -> list[BoundCircuit]:
    """Find every circuit that a model runs, bound to the inputs that reach it and to its weights.

    A layer takes ``X`` as it is.  Any other model is asked to predict, and its quantum layers are watched: so what
    comes before a circuit, such as a scaler, a trained layer or a kernel's bandwidth, is in its inputs.

    Args:
        model: A ``QuantumLayer``, any torch module that holds some, or a fitted estimator.
        X: Features, shape (n, n_features).
        n_rows: At most this many rows are looked at, the first ones.

    Returns:
        One circuit a layer, in the order of their first call.

    Raises:
        CircuitError: If it runs no quantum layer, or one whose circuit cannot be taken apart.

    >>> layer = QuantumLayer.from_names(n_wires=2)
    >>> [circuit.n_wires for circuit in circuits_of(nn.Sequential(nn.Linear(3, 2), layer), np.ones((5, 3)))]
    [2]
    """
    rows = _first(X, n_rows)
    if isinstance(model, QuantumLayer):
        return [_bind(model, rows)]
    with _watching() as seen:
        if isinstance(model, nn.Module):
            _run(model, rows)
        elif hasattr(model, "predict"):
            model.predict(rows)
        else:
            raise CircuitError(
                f"a circuit is looked for in a QuantumLayer, a torch module or a fitted estimator; "
                f"got {type(model).__name__}."
            )
    if not seen:
        raise CircuitError(f"{type(model).__name__} ran no QuantumLayer while it predicted: there is no circuit in it.")
    # As many as were given: a kernel is also run on the rows that it was fitted on, and those come after.
    return [_bind(found.layer, np.concatenate(found.inputs)[: len(rows)]) for found in seen.values()]


def _bind(layer: QuantumLayer, rows: Any) -> BoundCircuit:
    try:
        return bind(layer, rows)
    except NotTraceableError as error:
        raise CircuitError(f"this circuit cannot be taken apart: {error}.") from error


def _run(module: nn.Module, rows: Any) -> None:
    """Run a module in evaluation mode on rows of its own dtype."""
    kind = next((p.dtype for p in module.parameters() if p.is_floating_point()), torch.float64)
    was_training = module.training
    tensor = torch.as_tensor(np.asarray(rows), dtype=kind)
    module.eval()
    try:
        with torch.no_grad():
            if isinstance(module, FidelityKernel):
                module(tensor, tensor)
            else:
                module(tensor)
    finally:
        module.train(was_training)


@contextmanager
def _watching() -> Iterator[dict[int, _Seen]]:
    """Write down the inputs of every quantum layer that this thread calls."""
    seen: dict[int, _Seen] = {}
    thread = threading.get_ident()

    def watch(module: nn.Module, arguments: Any) -> None:
        if isinstance(module, QuantumLayer) and threading.get_ident() == thread and arguments:
            (inputs,) = arguments
            shape = (math.prod(inputs.shape[:-1]), inputs.shape[-1])  # (1, 0) of a circuit without inputs, too
            rows = inputs.detach().cpu().to(torch.float64, copy=True).reshape(shape).numpy()
            seen.setdefault(id(module), _Seen(module)).inputs.append(rows)

    handle = register_module_forward_pre_hook(watch)
    try:
        yield seen
    finally:
        handle.remove()


def _first(X: Any, n_rows: int) -> Any:
    if hasattr(X, "iloc"):
        return X.iloc[:n_rows]
    rows = X[:n_rows] if hasattr(X, "shape") else np.asarray(X)[:n_rows]
    return rows.detach().cpu().numpy() if isinstance(rows, torch.Tensor) else rows
