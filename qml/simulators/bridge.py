"""Everything that the engine cannot run, run by PennyLane itself."""

from collections.abc import Callable, Mapping
from typing import Any

import pennylane as qp
import torch
from torch import Tensor

from qml.errors import CircuitError


class PennyLaneBridge:
    """Runs a quantum function on a PennyLane device, a batch at a time.

    Args:
        circuit: A quantum function or a QNode.
        device: Name of a PennyLane device; None takes the QNode's own, or ``default.qubit``.

    Raises:
        CircuitError: If the device is unknown.
    """

    def __init__(self, circuit: Callable[..., Any], device: str | None = None) -> None:
        if isinstance(circuit, qp.QNode) and device is None:
            self.qnode = circuit
            return
        function = circuit.func if isinstance(circuit, qp.QNode) else circuit
        try:
            chosen = qp.device(device or "default.qubit")
        except qp.exceptions.DeviceError as error:
            raise CircuitError(f"PennyLane has no device {device!r}: {error}") from error
        self.qnode = qp.QNode(function, chosen, interface="torch")

    def __call__(self, inputs: Tensor, weights: Mapping[str, Tensor]) -> Tensor:
        """Run a batch.

        Args:
            inputs: Shape (n_samples, n_inputs).
            weights: By name.

        Returns:
            Shape (n_samples, *output of one sample), of the dtype of ``inputs`` unless complex.
        """
        weights = {name: value.to(inputs) for name, value in weights.items()}
        if not len(inputs):
            probe = self._join(self.qnode(inputs=inputs.new_zeros(inputs.shape[1]), **weights), inputs)
            return probe.new_zeros((0, *probe.shape))
        return torch.stack([self._join(self.qnode(inputs=row, **weights), inputs) for row in inputs])

    @staticmethod
    def _join(result: Any, like: Tensor) -> Tensor:
        """Join the results of one sample: several into one row, a single one as it is."""
        if isinstance(result, (tuple, list)):
            row = torch.cat([torch.as_tensor(part).reshape(-1) for part in result])
        else:
            row = torch.as_tensor(result)
        return row if row.is_complex() else row.to(like.dtype)
