"""One way to run a circuit on a batch: what a layer holds, whichever engine it is."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from qml.simulators.autograd import simulate
from qml.simulators.engine import Engine
from qml.simulators.trace import Traced

NUMPY_DTYPES: dict[torch.dtype, np.dtype[Any]] = {
    torch.float32: np.dtype(np.float32),
    torch.float64: np.dtype(np.float64),
}


class Runner(Protocol):
    """Runs one circuit."""

    def __call__(self, inputs: Tensor, weights: Mapping[str, Tensor]) -> Tensor:
        """Run a batch.

        Args:
            inputs: Features, shape (n_samples, n_inputs).
            weights: By argument name, in the order of the circuit's weight shapes.

        Returns:
            Shape (n_samples, *output of one sample).
        """


class StatevectorRunner:
    """Runs a traced circuit on the CPU engine, in the dtype of its inputs.

    Args:
        traced: The circuit.
        n_threads: At most this many threads a call; None for ``torch.get_num_threads()``.
    """

    def __init__(self, traced: Traced, n_threads: int | None = None) -> None:
        self.traced = traced
        self.n_threads = n_threads
        self._engines: dict[torch.dtype, Engine] = {}

    def __call__(self, inputs: Tensor, weights: Mapping[str, Tensor]) -> Tensor:
        """Run a batch, see ``Runner``."""
        dtype = inputs.dtype
        engine = self._engines.get(dtype)
        if engine is None:
            engine = self._engines[dtype] = Engine(self.traced.program, NUMPY_DTYPES[dtype])
        values = list(weights.values())
        variables, initial = self.traced.variables(inputs, values)
        if len(values) == 1:
            joined = values[0].reshape(-1)
        else:
            joined = torch.cat([value.reshape(-1) for value in values]) if values else inputs.new_zeros(0)
        n_threads = self.n_threads or torch.get_num_threads()
        out = simulate(engine, variables, joined.to(dtype), initial, n_threads)
        return out.reshape(len(inputs), *self.traced.program.measurement.shape)
