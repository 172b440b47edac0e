"""The engine as a PennyLane device, so that any QNode can run on it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pennylane as qp
import torch
from numpy.typing import DTypeLike, NDArray
from pennylane.devices import Device, ExecutionConfig
from pennylane.devices.modifiers import simulator_tracking, single_tape_support
from pennylane.devices.preprocess import (
    decompose,
    no_sampling,
    null_postprocessing,
    validate_device_wires,
    validate_measurements,
)
from pennylane.devices.qubit.simulate import measure_final_state
from pennylane.exceptions import DeviceError
from torch import Tensor

from qml.simulators.expansions import NotTraceableError
from qml.simulators.lower import is_native
from qml.simulators.measurements import UnsupportedMeasurementError, lower_measurements
from qml.simulators.tapes import Engines, Script, read_script

_GRADIENTS = ("adjoint", "device")
_DTYPES = {np.dtype(np.complex64): np.float32, np.dtype(np.complex128): np.float64}
# Operators with a matrix a sample: the engine has only angles a sample, so that each sample becomes its own script.
_MATRICES = frozenset({"QubitUnitary", "ControlledQubitUnitary", "SpecialUnitary", "BlockEncode", "PCPhase"})


@simulator_tracking
@single_tape_support
class StatevectorDevice(Device):  # type: ignore[misc]  # PennyLane ships no types
    """The state-vector engine as the PennyLane device ``"qml.statevector"``.

    Scripts that differ only in their angles, such as those of the parameter-shift rule or the samples of broadcast
    parameters, run together as one batch.  Derivatives (``diff_method="adjoint"``, and ``"best"``) are the engine's
    adjoint pass, for gate angles and prepared states, of expectation values, variances and probabilities.

    Args:
        wires: Number of wires or their labels; None takes those of each circuit.
        shots: Deprecated by PennyLane in favour of ``qp.set_shots``; kept for its conformance suite.
        seed: Of the samples, as for ``numpy.random.default_rng``; the same seed gives bit-equal samples.
        c_dtype: ``np.complex128`` or ``np.complex64``.
        n_threads: At most this many threads; None for ``torch.get_num_threads()``.

    Raises:
        DeviceError: If ``c_dtype`` is anything else; from a QNode, if the engine cannot run the circuit.

    >>> import pennylane as qp
    >>> @qp.qnode(StatevectorDevice(wires=2))
    ... def circuit(x):
    ...     qp.RX(x, wires=0)
    ...     qp.CNOT(wires=[0, 1])
    ...     return qp.expval(qp.Z(1))
    >>> round(float(circuit(0.5)), 6)
    0.877583
    """

    def __init__(
        self,
        wires: Any = None,
        shots: Any = None,
        *,
        seed: Any = None,
        c_dtype: DTypeLike = np.complex128,
        n_threads: int | None = None,
    ) -> None:
        super().__init__(wires=wires, shots=shots)
        if np.dtype(c_dtype) not in _DTYPES:
            raise DeviceError(f"c_dtype must be np.complex64 or np.complex128; got {c_dtype!r}.")
        self.c_dtype = np.dtype(c_dtype)
        self._rng = np.random.default_rng(seed)
        self._engines = Engines(_DTYPES[self.c_dtype], n_threads)

    @property
    def name(self) -> str:
        """The name under which ``qp.device`` knows it."""
        return "qml.statevector"

    def supports_derivatives(self, execution_config: Any = None, circuit: Any = None) -> bool:
        """Tell whether the engine differentiates a circuit: without shots, and only what is real."""
        if execution_config is not None and execution_config.gradient_method not in (*_GRADIENTS, "best"):
            return False
        return circuit is None or (not circuit.shots and _is_differentiable(circuit))

    def supports_vjp(self, execution_config: Any = None, circuit: Any = None) -> bool:
        """Tell whether ``compute_vjp`` takes a circuit, see ``supports_derivatives``."""
        return self.supports_derivatives(execution_config, circuit)

    def setup_execution_config(self, config: Any = None, circuit: Any = None) -> Any:
        """Fill in what PennyLane left open: adjoint derivatives, mid-circuit measurements deferred."""
        config = config or ExecutionConfig()
        if config.device_options:
            raise DeviceError(
                f"qml.statevector takes no options a call; got {sorted(config.device_options)}. "
                "Give them to qp.device('qml.statevector', ...)."
            )
        method = config.gradient_method
        if method == "best":
            method = "adjoint" if self.supports_derivatives(config, circuit) else None
        own = method in _GRADIENTS
        mcm_method = config.mcm_config.mcm_method or "deferred"
        if mcm_method not in ("deferred", "device"):
            raise DeviceError(
                f"qml.statevector defers measurements to the end (mcm_method='deferred'), not {mcm_method!r}."
            )
        # One adjoint pass for a cotangent, broadcast parameters included, beats a Jacobian, which QNodes ask for unless
        # told device_vjp=True.  JAX maps one cotangent to many; it gets whole Jacobians.
        in_jax = config.interface in (qp.math.Interface.JAX, qp.math.Interface.JAX_JIT)
        return replace(
            config,
            gradient_method=method,
            use_device_gradient=own if config.use_device_gradient is None else config.use_device_gradient,
            use_device_jacobian_product=own and not in_jax,
            grad_on_execution=False if config.grad_on_execution is None else config.grad_on_execution,
            mcm_config=replace(config.mcm_config, mcm_method="deferred"),
        )

    def preprocess_transforms(self, execution_config: Any = None) -> Any:
        """Return what turns any circuit into ones that ``execute`` takes."""
        config = execution_config or ExecutionConfig()
        own = config.gradient_method in _GRADIENTS
        pipeline = qp.CompilePipeline()
        pipeline.add_transform(qp.defer_measurements, allow_postselect=False)
        if own:
            pipeline.add_transform(no_sampling, name="adjoint + qml.statevector")
        pipeline.add_transform(_expand_where_needed, always=own and not config.use_device_jacobian_product)
        pipeline.add_transform(
            decompose,
            stopping_condition=partial(_is_accepted, differentiated=own),
            skip_initial_state_prep=True,
            device_wires=self.wires,
            target_gates=_TARGET_GATES,
            name=self.name,
        )
        pipeline.add_transform(validate_device_wires, self.wires, name=self.name)
        pipeline.add_transform(
            validate_measurements,
            analytic_measurements=_is_real if own else _is_analytic,
            sample_measurements=_is_sampled,
            name="adjoint + qml.statevector" if own else self.name,
        )
        return pipeline

    def execute(self, circuits: Any, execution_config: Any = None) -> Any:
        """Run circuits.

        Args:
            circuits: Quantum scripts, after ``preprocess_transforms``.
            execution_config: Unused.

        Returns:
            One result a circuit: a number or an array, or a tuple of them for several measurements.

        Raises:
            DeviceError: If the engine cannot run an operation.
        """
        tapes = [tape.map_to_standard_wires() for tape in circuits]
        scripts = [_read(tape) for tape in tapes]
        outputs = self._engines.run(scripts)
        return tuple(map(self._finish, tapes, scripts, outputs))

    def _finish(self, tape: Any, script: Script, outputs: Tensor) -> Any:
        """Turn the outputs of a script, shape (n_samples, n_outputs), into what PennyLane returns."""
        values = outputs.numpy() if script.batch_size is not None else outputs[0].numpy()
        if script.measurement.kind != "state":
            parts = tuple(values[..., columns] for columns in _columns(tape))
            return parts if len(parts) > 1 else parts[0]
        state = values.reshape(*values.shape[:-1], *(2,) * len(script.lowered.wire_index))
        if tape.shots:  # sampling wants a norm of one in double precision
            axes = tuple(range(script.batch_size is not None, state.ndim))
            state = state.astype(np.complex128)
            state /= np.sqrt((np.abs(state) ** 2).sum(axis=axes, keepdims=True))
        return measure_final_state(tape, state, script.batch_size is not None, rng=self._rng)

    def compute_vjp(self, circuits: Any, cotangents: Any, execution_config: Any = None) -> Any:
        """Multiply cotangents with the circuits' Jacobians, in one adjoint pass a circuit.

        Args:
            circuits: Quantum scripts, after ``preprocess_transforms``.
            cotangents: One entry a circuit, of the structure of its result.
            execution_config: Unused.

        Returns:
            One tuple a circuit, with an array for each trainable parameter, of its shape.
        """
        return tuple(self._vjp(tape, cotangent) for tape, cotangent in zip(circuits, cotangents, strict=True))

    def execute_and_compute_vjp(self, circuits: Any, cotangents: Any, execution_config: Any = None) -> Any:
        """Run circuits, and ``compute_vjp``."""
        return self.execute(circuits), self.compute_vjp(circuits, cotangents)

    @torch.enable_grad()  # PennyLane's torch interface calls it without
    def _vjp(self, tape: Any, cotangent: Any) -> tuple[NDArray[Any], ...]:
        leaves, script = _with_leaves(tape)
        angles, initial = script.angles(), script.initial()
        samplewise = np.full(angles.shape[1], script.batch_size is not None)
        outputs = self._engines.simulate(script, angles, samplewise, initial)
        parts = cotangent if isinstance(cotangent, (tuple, list)) else (cotangent,)
        dense = np.zeros(outputs.shape)
        for columns, part in zip(_columns(tape), parts, strict=True):
            dense[:, columns] = qp.math.toarray(part)
        return _pull_back([outputs], leaves, [torch.from_numpy(dense).to(outputs.dtype)])

    def compute_derivatives(self, circuits: Any, execution_config: Any = None) -> Any:
        """Compute Jacobians: all rows of one as a batch.

        Args:
            circuits: Quantum scripts without broadcast parameters, after ``preprocess_transforms``.
            execution_config: Unused.

        Returns:
            One Jacobian a circuit: for each measurement, for each trainable parameter, an array; singles unwrapped.

        Raises:
            DeviceError: If a circuit has broadcast parameters.
        """
        return tuple(self._jacobian(tape) for tape in circuits)

    def execute_and_compute_derivatives(self, circuits: Any, execution_config: Any = None) -> Any:
        """Run circuits, and ``compute_derivatives``."""
        return self.execute(circuits), self.compute_derivatives(circuits)

    @torch.enable_grad()  # as above
    def _jacobian(self, tape: Any) -> Any:
        leaves, script = _with_leaves(tape)
        if script.batch_size is not None:
            raise DeviceError(
                "the Jacobian of a circuit with broadcast parameters is not defined; use "
                "qp.transforms.broadcast_expand before, or compute_vjp."
            )
        n_outputs = script.measurement.n_outputs
        sources = [source for source in (script.angles(), script.initial()) if source is not None]
        copies = [source.detach().expand(n_outputs, -1).clone().requires_grad_() for source in sources]
        samplewise = np.ones(copies[0].shape[1], dtype=np.bool_)
        outputs = self._engines.simulate(script, copies[0], samplewise, copies[1] if len(copies) > 1 else None)
        # Sample q carries the cotangent of output q, so that one pass gives every row.
        gradients = torch.autograd.grad(outputs, copies, torch.eye(n_outputs, dtype=outputs.dtype), allow_unused=True)
        gradients = tuple(g if g is not None else torch.zeros_like(c) for g, c in zip(gradients, copies, strict=True))
        rows = [_pull_back(sources, leaves, [g[q : q + 1] for g in gradients]) for q in range(n_outputs)]
        jacobian = [np.stack(entries) for entries in zip(*rows, strict=True)]  # each (n_outputs, *parameter)
        results = [tuple(entry[columns] for entry in jacobian) for columns in _columns(tape)]
        unwrapped = [result[0] if len(result) == 1 else result for result in results]
        return unwrapped[0] if len(unwrapped) == 1 else tuple(unwrapped)


def _read(tape: Any) -> Script:
    """Lower a script; where the engine cannot read its measurements, PennyLane reads them from the state."""
    try:
        if not tape.shots:
            try:
                return read_script(tape, as_state=False)
            except UnsupportedMeasurementError:
                pass
        return read_script(tape, as_state=True)
    except NotTraceableError as error:
        raise DeviceError(f"qml.statevector cannot run this circuit: {error}") from error


def _with_leaves(tape: Any) -> tuple[list[Tensor | None], Script]:
    """Lower a script with its trainable parameters as torch leaves; None for those of observables."""
    tape = tape.map_to_standard_wires()
    parameters = tape.get_parameters(trainable_only=False)
    leaves: list[Tensor | None] = []
    for index in tape.trainable_params:
        if tape.par_info[index]["op_idx"] >= len(tape.operations):
            leaves.append(None)
            continue
        value = np.asarray(parameters[index])
        leaves.append(torch.tensor(value, dtype=torch.complex128 if np.iscomplexobj(value) else torch.float64))
    chosen = [index for index, leaf in zip(tape.trainable_params, leaves, strict=True) if leaf is not None]
    tensors = [leaf.requires_grad_() for leaf in leaves if leaf is not None]
    return leaves, read_script(tape.bind_new_parameters(tensors, chosen), as_state=False)


class _Gradients(tuple[NDArray[Any], ...]):
    """Gradients of different shapes; PennyLane's torch interface squeezes them, which numpy refuses for a tuple."""

    def squeeze(self, axis: Any = None) -> NDArray[Any]:
        """Return something of the shape that is asked for."""
        return np.empty(len(self), dtype=object)


def _pull_back(outputs: Sequence[Tensor], leaves: Sequence[Tensor | None], cotangents: Sequence[Tensor]) -> _Gradients:
    """Return the gradient of sum(cotangent * output) for each leaf, zero where nothing depends on it."""
    wanted = [leaf for leaf in leaves if leaf is not None]
    pairs = [(out, cot) for out, cot in zip(outputs, cotangents, strict=True) if out.requires_grad]
    found: Sequence[Any] = [None] * len(wanted)
    if pairs and wanted:
        found = torch.autograd.grad(
            [out for out, _ in pairs], wanted, [cot for _, cot in pairs], retain_graph=True, allow_unused=True
        )
    gradients = iter(found)
    results = []
    for leaf in leaves:
        gradient = None if leaf is None else next(gradients)
        if gradient is None:
            gradient = torch.zeros(()) if leaf is None else torch.zeros_like(leaf)
        results.append(gradient.detach().numpy())
    return _Gradients(results)


def _columns(tape: Any) -> list[Any]:
    """Return which outputs are whose: an index for one number, a slice for probabilities."""
    columns: list[Any] = []
    start = 0
    for measurement in tape.measurements:
        if isinstance(measurement, qp.measurements.ProbabilityMP):
            size = 1 << (len(measurement.wires) or max(1, len(tape.wires)))
            columns.append(slice(start, start + size))
        else:
            size = 1
            columns.append(start)
        start += size
    return columns


_REAL = (qp.measurements.ExpectationMP, qp.measurements.VarianceMP, qp.measurements.ProbabilityMP)


def _is_real(measurement: Any) -> bool:
    """Tell whether the engine reads a measurement itself, so that it can differentiate it."""
    if not isinstance(measurement, _REAL):
        return False
    wire_index = {wire: position for position, wire in enumerate(measurement.wires)}
    try:
        lower_measurements([measurement], wire_index)
    except UnsupportedMeasurementError:
        return False
    return True


def _is_analytic(measurement: Any) -> bool:
    return isinstance(measurement, qp.measurements.StateMeasurement)


def _is_sampled(measurement: Any) -> bool:
    shadows = (qp.measurements.ClassicalShadowMP, qp.measurements.ShadowExpvalMP)
    return isinstance(measurement, (qp.measurements.SampleMeasurement, *shadows))


def _is_differentiable(circuit: Any) -> bool:
    measurements = circuit.measurements
    with_basis = [m for m in measurements if isinstance(m, qp.measurements.ProbabilityMP) and m.obs is not None]
    return all(map(_is_real, measurements)) and (not with_basis or len(measurements) == 1)


def _is_accepted(operation: Any, *, differentiated: bool) -> bool:
    """Tell whether an operation needs no decomposition."""
    variable = operation.batch_size is not None
    if differentiated:
        variable = variable or any(qp.math.requires_grad(datum) for datum in operation.data)
    return operation.name not in ("Projector", "Snapshot") and is_native(operation, variable=variable)


@qp.transform  # type: ignore[untyped-decorator]  # PennyLane ships no types
def _expand_where_needed(tape: Any, always: bool = False) -> tuple[Sequence[Any], Callable[..., Any]]:
    """Split broadcast parameters where the engine cannot run them as a batch."""
    shadows = (qp.measurements.ClassicalShadowMP, qp.measurements.ShadowExpvalMP)
    if tape.batch_size is not None and (
        always
        or any(isinstance(m, shadows) for m in tape.measurements)
        or any(op.batch_size is not None and _has_matrix_parameter(op) for op in tape.operations)
    ):
        expanded: tuple[Sequence[Any], Callable[..., Any]] = qp.transforms.broadcast_expand(tape)
        return expanded
    return (tape,), null_postprocessing


def _has_matrix_parameter(operation: Any) -> bool:
    while hasattr(operation, "base"):
        operation = operation.base
    return operation.name in _MATRICES


# What PennyLane's graph of decompositions may end in; each is accepted whatever its parameters are.
_TARGET_GATES = frozenset(
    {*("Identity", "RX", "RY", "RZ", "PhaseShift", "Rot", "MultiRZ", "IsingZZ", "GlobalPhase", "CNOT", "SWAP", "CSWAP")}
    | {*("Toffoli", "MultiControlledX", "CRX", "CRY", "CRZ", "CRot", "ControlledPhaseShift", "Hadamard", "PauliX")}
    | {*("PauliY", "PauliZ", "S", "T", "SX", "CZ", "CY", "CH")}
)
