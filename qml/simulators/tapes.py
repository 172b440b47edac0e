"""Quantum scripts on the engine: scripts of the same structure run as one batch, whatever their angles."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray
from pennylane.ops.functions import bind_new_parameters
from torch import Tensor

from qml.simulators.assemble import assemble
from qml.simulators.autograd import simulate
from qml.simulators.engine import Engine
from qml.simulators.lower import Lowered, lower
from qml.simulators.measurements import diagonalizing_gates, lower_measurements
from qml.simulators.polynomials import Polynomial
from qml.simulators.program import Measurement, no_observables

MAX_ENGINES = 64


@dataclass(frozen=True)
class Script:
    """A quantum script as gates and angles.

    Attributes:
        lowered: Its gates; parameters given as torch tensors keep their history.
        measurement: What is read.
        batch_size: Samples of its broadcast parameters, or None without any.
        key: Equal for scripts that differ in their angles and first states only.
    """

    lowered: Lowered
    measurement: Measurement
    batch_size: int | None
    key: Any

    @property
    def n_samples(self) -> int:
        """How many samples it is in a batch."""
        return self.batch_size or 1

    def angles(self) -> Tensor:
        """Return the angles in radians, float64, shape (n_samples, n_angles)."""
        columns = [torch.as_tensor(angle, dtype=torch.float64) for angle in self.lowered.angles]
        columns = [column.reshape(-1).expand(self.n_samples) for column in columns]
        return torch.stack(columns, dim=1) if columns else torch.zeros(self.n_samples, 0, dtype=torch.float64)

    def initial(self) -> Tensor | None:
        """Return the first states, shape (n_samples, 2**n_wires), or None."""
        state = self.lowered.initial
        return None if state is None else state.reshape(-1, state.shape[-1]).expand(self.n_samples, -1)


def read_script(tape: Any, *, as_state: bool) -> Script:
    """Lower a quantum script whose wires are 0 … n-1.

    Args:
        tape: A ``QuantumScript``.
        as_state: Whether its final state is wanted instead of its measurements.

    Returns:
        The script.

    Raises:
        NotTraceableError: If the engine cannot run an operation.
        UnsupportedMeasurementError: If it cannot read a measurement, unless ``as_state``.
    """
    n_wires = max(1, len(tape.wires))
    wire_index = {wire: wire for wire in range(n_wires)}
    if as_state:
        measurement = no_observables("state", 1 << n_wires, (1 << n_wires,))
        rotations: list[Any] = []
    else:
        measurement = lower_measurements(tape.measurements, wire_index)
        rotations = diagonalizing_gates(tape.measurements)
    lowered = lower([*(_track_batches(op) for op in tape.operations), *rotations], wire_index)
    gates = tuple(
        (g.kind, g.wires, tuple(g.elements), g.controls, g.values, g.angle, None if g.matrix is None else _bytes(g))
        for g in lowered.gates
    )
    constants = tuple(matrix.tobytes() for matrix in lowered.constants)
    read = None if as_state else tuple(m.hash for m in tape.measurements)
    key = (n_wires, gates, constants, read, lowered.initial is None)
    return Script(lowered, measurement, tape.batch_size, key)


def _bytes(gate: Any) -> bytes:
    content: bytes = gate.matrix.tobytes()
    return content


def _track_batches(operation: Any) -> Any:
    """Make parameters of a broadcast operation variables."""
    if operation.batch_size is None:
        return operation
    data = [datum if isinstance(datum, Tensor) else torch.as_tensor(np.asarray(datum)) for datum in operation.data]
    return bind_new_parameters(operation, data)


class Engines:
    """Runs scripts; keeps the programs of the latest structures.

    Args:
        dtype: float32 or float64, of states and results.
        n_threads: At most this many threads a call; None for ``torch.get_num_threads()``.
    """

    def __init__(self, dtype: DTypeLike, n_threads: int | None = None) -> None:
        self.dtype = np.dtype(dtype)
        self.n_threads = n_threads
        self._engines: OrderedDict[Any, Engine] = OrderedDict()

    def run(self, scripts: Sequence[Script]) -> list[Tensor]:
        """Run scripts, those of one structure together.

        Args:
            scripts: Any.

        Returns:
            A script's outputs, shape (n_samples, n_outputs), or (n_samples, 2**n_wires) complex for states.
        """
        results: list[Any] = [None] * len(scripts)
        groups: dict[Any, list[int]] = {}
        for position, script in enumerate(scripts):
            groups.setdefault(script.key, []).append(position)
        for members in groups.values():
            chosen = [scripts[i] for i in members]
            angles = torch.cat([script.angles() for script in chosen])
            initial = None
            if chosen[0].lowered.initial is not None:
                initial = torch.cat([state for script in chosen if (state := script.initial()) is not None])
            samplewise = (angles != angles[:1]).any(dim=0).numpy()
            with torch.no_grad():
                outputs = self.simulate(chosen[0], angles, samplewise, initial)
            parts = torch.split(outputs, [script.n_samples for script in chosen])
            for position, part in zip(members, parts, strict=True):
                results[position] = part
        return results

    def simulate(self, script: Script, angles: Tensor, samplewise: NDArray[np.bool_], initial: Tensor | None) -> Tensor:
        """Run the structure of a script at given angles, differentiably.

        Args:
            script: Whose gates and measurements are run.
            angles: Radians, shape (n_samples, n_angles).
            samplewise: Which angles differ from sample to sample, shape (n_angles,); the others are taken from the
                first sample.
            initial: First states, complex, shape (n_samples, 2**n_wires), or None.

        Returns:
            See ``run``.
        """
        engine = self._engine(script, samplewise)
        dtype = torch.float32 if self.dtype == np.float32 else torch.float64
        lanes = torch.from_numpy(samplewise)
        n_threads = self.n_threads or torch.get_num_threads()
        return simulate(engine, angles[:, lanes].to(dtype), angles[0, ~lanes].to(dtype), initial, n_threads)

    def _engine(self, script: Script, samplewise: NDArray[np.bool_]) -> Engine:
        key = (script.key, samplewise.tobytes())
        if key in self._engines:
            self._engines.move_to_end(key)
            return self._engines[key]
        n_lane = int(samplewise.sum())
        variable = np.where(samplewise, np.cumsum(samplewise) - 1, n_lane + np.cumsum(~samplewise) - 1)
        program = assemble(
            n_wires=len(script.lowered.wire_index),
            n_inputs=n_lane,
            n_extra=0,
            n_weights=len(samplewise) - n_lane,
            gates=script.lowered.gates,
            constants=script.lowered.constants,
            polynomials=[Polynomial.variable(int(index)) for index in variable],
            has_initial=script.lowered.initial is not None,
            measurement=script.measurement,
            gate_counts={},
        )
        engine = self._engines[key] = Engine(program, self.dtype)
        if len(self._engines) > MAX_ENGINES:
            self._engines.popitem(last=False)
        return engine
