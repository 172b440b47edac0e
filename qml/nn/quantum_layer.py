"""``QuantumLayer``: a variational quantum circuit as an ordinary ``torch.nn.Module``."""

import copy
import inspect
import math
import pickle
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import pennylane as qp
import torch
from torch import Tensor, nn
from torch._functorch.pyfunctorch import temporarily_clear_interpreter_stack

from qml.circuits import DeclaredCircuit, compose
from qml.errors import CircuitError
from qml.simulators import (
    Aer,
    DensityRunner,
    Execute,
    NoiseModel,
    NoisySampler,
    NotTraceableError,
    PennyLaneBridge,
    Program,
    Runner,
    Sampler,
    ShiftRunner,
    StatevectorRunner,
    TorchRunner,
    Traced,
    gates_after,
    trace,
)
from qml.simulators.autograd import is_transformed

Initializer = Callable[[Tensor], Any] | Mapping[str, Callable[[Tensor], Any] | Tensor]
_DTYPES = (torch.float32, torch.float64)
_BACKENDS = ("auto", "statevector", "torch", "aer", "pennylane")


class QuantumLayer(nn.Module):
    """A quantum circuit as a layer: features in, measured values out, gradients for both sides.

    The circuit is a PennyLane quantum function, or a QNode, with an argument ``inputs`` and one argument for each
    weight, exactly as ``pennylane.qnn.TorchLayer`` takes it.  It runs on the batched state-vector engine; what the
    engine cannot run goes to PennyLane, with one warning that says why.

    Args:
        circuit: Quantum function or QNode ``circuit(inputs, **weights)``; called with one sample of shape (n_inputs,).
        weight_shapes: Shape of each weight by argument name; an int ``n`` stands for ``(n,)``, and 1 for a scalar.
        init_method: As in ``TorchLayer``: a function that fills a tensor in place (``torch.nn.init.normal_``), or one
            function or tensor a weight.  By default uniform on [0, 2 pi).
        n_inputs: Features of one sample; found at the first call if it is not given.
        backend: ``"auto"``; ``"statevector"``, which raises where ``"auto"`` would fall back; ``"torch"``, which runs
            in torch operations on any device, as ``"auto"`` does for inputs that are not on the CPU; ``"aer"`` /
            ``"aer:<method>"``, Qiskit Aer; or ``"pennylane"`` / ``"pennylane:<device>"``.
        shots: Samples instead of exact values; gradients then come by parameter shift and are unbiased (two circuits an
            angle and sample, four for a controlled rotation, all in one batch).  Words that can be measured together
            wire by wire share one setting, and every setting gets all of the shots.
        shot_generator: Source of the samples, on the CPU; by default the layer's own, seeded from entropy.  Copies of
            a layer carry a copy of it and draw the same samples as the original; ``state_dict`` leaves it out.
        noise: Channels after the gates and errors of the readout; the circuit then runs on the density-matrix engine,
            on up to eight wires, with exact gradients; together with ``shots`` it samples and has no gradients.
        aer_options: For ``backend="aer"``: ``"noise_model"``, ``"transpile"`` or options of ``AerSimulator``.
        n_threads: At most this many threads for one call; by default ``torch.get_num_threads()``.
        device: Of the weights.
        dtype: Of the weights; by default torch's.
        generator: Source of the initial weights; by default torch's own.

    Shape:
        Input (*, n_inputs), any leading dimensions; output (*, n_outputs), or (*) for a single expectation value.

    Raises:
        CircuitError: If the arguments, the circuit or the inputs do not fit; the message says how to mend it.

    >>> import torch
    >>> layer = QuantumLayer.from_names(n_wires=4, encoding="angle", ansatz="strongly-entangling", n_layers=3)
    >>> layer(torch.rand(7, 5, 4)).shape
    torch.Size([7, 5, 4])
    """

    def __init__(
        self,
        circuit: Callable[..., Any],
        weight_shapes: Mapping[str, int | Iterable[int]],
        init_method: Initializer | None = None,
        *,
        n_inputs: int | None = None,
        backend: str = "auto",
        shots: int | None = None,
        shot_generator: torch.Generator | None = None,
        noise: NoiseModel | None = None,
        aer_options: Mapping[str, Any] | None = None,
        n_threads: int | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        if backend not in _BACKENDS and not backend.startswith(("pennylane:", "aer:")):
            raise CircuitError(
                f"unknown backend {backend!r}. Choices: {', '.join(_BACKENDS)}, aer:<method>, pennylane:<device name>."
            )
        check_shots(shots, shot_generator, backend)
        _check_noise(noise, backend)
        if aer_options and not backend.startswith("aer"):
            raise CircuitError(f"aer_options go with backend='aer'; got backend={backend!r}.")
        self.circuit: Callable[..., Any] | None = circuit
        self.noise = noise
        self.weight_shapes = {name: _shape(name, size) for name, size in weight_shapes.items()}
        _check_signature(circuit, self.weight_shapes)
        self.n_inputs = n_inputs
        self.backend = backend
        self.shots = shots
        self.aer_options = aer_options
        self._shot_generator = shot_generator or _own_generator(shots)
        self.n_threads = n_threads
        self._init_method = init_method
        self._traced: Traced | None = None
        self._runners: dict[str, Runner] = {}
        self._seen_inputs = False
        for name, shape in self.weight_shapes.items():
            self.register_parameter(name, nn.Parameter(torch.empty(shape, device=device, dtype=dtype)))
        self.reset_parameters(generator)
        if n_inputs is not None and not backend.startswith("pennylane"):
            self._runners["cpu"] = self._compiled_runner(n_inputs, None)

    @classmethod
    def from_names(
        cls,
        *,
        n_wires: int,
        encoding: str = "angle",
        ansatz: str = "strongly-entangling",
        n_layers: int = 1,
        reupload: bool = False,
        **options: Any,
    ) -> "QuantumLayer":
        """Build a layer from registered circuits; it measures Z on every wire.

        Args:
            n_wires: Number of wires.
            encoding: A registered encoding, see ``qml.circuits.names("encoding")``.
            ansatz: A registered ansatz, see ``qml.circuits.names("ansatz")``.
            n_layers: Layers of the ansatz.
            reupload: Whether the encoding is repeated before every layer.
            **options: Of ``QuantumLayer``.

        Returns:
            The layer, traced and ready.
        """
        circuit = compose(encoding=encoding, ansatz=ansatz, n_wires=n_wires, n_layers=n_layers, reupload=reupload)
        return cls.from_circuit(circuit, **options)

    @classmethod
    def from_circuit(cls, circuit: DeclaredCircuit, **options: Any) -> "QuantumLayer":
        """Build a layer from a circuit that knows its shapes, see ``qml.circuits``.

        Args:
            circuit: Such as ``qml.circuits.ReuploadingCircuit(n_wires=2, n_layers=3)``.
            **options: Of ``QuantumLayer``.

        Returns:
            The layer, traced and ready.
        """
        return cls(circuit, circuit.weight_shapes, n_inputs=circuit.n_inputs, **options)

    def with_backend(
        self,
        *,
        shots: int | None = None,
        noise: NoiseModel | None = None,
        shot_generator: torch.Generator | None = None,
    ) -> "QuantumLayer":
        """Return a copy with the same weights that runs under these shots and this noise, and nothing else.

        Args:
            shots: Samples a measurement setting; None for exact values.
            noise: Channels after the gates and errors of the readout; None for none.
            shot_generator: Source of the samples.

        Raises:
            CircuitError: If the layer's backend, or its circuit, has no shots or no noise.

        >>> layer = QuantumLayer.from_names(n_wires=2)
        >>> noisy = layer.with_backend(shots=100, noise=NoiseModel.depolarizing(one_wire=0.01, two_wire=0.01))
        >>> noisy.shots, layer.shots, torch.equal(noisy.weights, layer.weights)
        (100, None, True)
        """
        clone = copy.deepcopy(self)
        clone.set_backend(shots=shots, noise=noise, shot_generator=shot_generator)
        return clone

    def set_backend(
        self,
        *,
        shots: int | None = None,
        noise: NoiseModel | None = None,
        shot_generator: torch.Generator | None = None,
    ) -> None:
        """Do in place what `with_backend` does with a copy."""
        if self.circuit is None:
            raise CircuitError("this layer was loaded without its circuit; build it anew to change shots or noise.")
        backend = "auto" if self.backend in ("statevector", "torch") else self.backend
        check_shots(shots, shot_generator, backend)
        _check_noise(noise, backend)
        self.backend, self.shots, self.noise = backend, shots, noise
        self._shot_generator = shot_generator or _own_generator(shots)
        self._traced, self._runners = None, {}
        if self.n_inputs is not None and not backend.startswith("pennylane"):
            self._runners["cpu"] = self._compiled_runner(self.n_inputs, None)

    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Draw the weights anew, from ``generator`` or from torch's own."""
        for name in self.weight_shapes:
            parameter = self.get_parameter(name)
            method = self._init_method
            if isinstance(method, Mapping):
                if name not in method:
                    raise CircuitError(f"init_method has no entry for the weight {name!r}; it has {sorted(method)}.")
                method = method[name]  # type: ignore[assignment]
            with torch.no_grad():
                if method is None:
                    parameter.uniform_(0, 2 * math.pi, generator=generator)
                elif isinstance(method, Tensor):
                    if method.shape != parameter.shape:
                        raise CircuitError(
                            f"the initial value of weight {name!r} must have shape {tuple(parameter.shape)}; "
                            f"got {tuple(method.shape)}."
                        )
                    parameter.copy_(method)
                elif callable(method):
                    view = parameter.reshape(1) if parameter.ndim == 0 else parameter
                    method(view)

    def forward(self, inputs: Tensor) -> Tensor:
        """Run the circuit.

        Args:
            inputs: Real features, shape (*, n_inputs), float32 or float64.

        Returns:
            Measured values of the dtype of ``inputs``, shape (*, n_outputs), or (*) for one expectation value.
        """
        if not isinstance(inputs, Tensor):
            raise CircuitError(f"inputs must be a torch tensor; got {type(inputs).__name__}. Use torch.tensor(inputs).")
        device = "cpu" if inputs.is_cpu else inputs.device.type
        if device != "meta" and torch.is_autocast_enabled(device) and inputs.is_floating_point():
            with torch.autocast(device, enabled=False):  # half precision is no use to amplitudes
                return self.forward(inputs.float() if inputs.dtype not in _DTYPES else inputs)
        shape = inputs.shape
        is_flat = len(shape) == 2
        if not (self._seen_inputs and is_flat and shape[1] == self.n_inputs and inputs.dtype in _DTYPES):
            self._check_inputs(inputs)
        flat = inputs if is_flat else inputs.reshape(-1, shape[-1])
        runner = self._runners.get(device)
        if runner is None:
            runner = self._runners[device] = self._make_runner(flat)
            self.n_inputs = flat.shape[1]
        # torch.nn.utils.parametrize puts a computed tensor, which is no parameter, in a parameter's place.
        own: Mapping[str, Any] = self._parameters
        values = runner(flat, {name: own[name] if name in own else getattr(self, name) for name in self.weight_shapes})
        return values if is_flat else values.reshape(*shape[:-1], *values.shape[1:])

    def _make_runner(self, flat: Tensor) -> Runner:
        """Choose how to run on the device of these inputs, shape (n_samples, n_inputs)."""
        if torch.compiler.is_compiling():
            raise CircuitError(
                "the circuit of this layer is not known yet, and it cannot be traced inside torch.compile or "
                "torch.export: give QuantumLayer(..., n_inputs=...), or call the layer once before."
            )
        if self.backend.startswith("pennylane"):
            return self._bridge(None)
        if self.shots is not None or self.noise is not None or self.backend.startswith("aer"):
            return self._compiled_runner(flat.shape[1], flat[0] if len(flat) else None)
        if self.backend == "statevector" and flat.device.type != "cpu":
            return self._bridge(f"its inputs are on {flat.device}")
        plain = len(flat) > 0 and not flat.is_meta and not is_transformed()
        return self._compiled_runner(flat.shape[1], flat[0].cpu() if plain else None, flat.device.type)

    def _compiled_runner(self, n_inputs: int, example: Tensor | None, device: str = "cpu") -> Runner:
        """Compile the circuit for the engine of a device, or fall back to PennyLane with one warning."""
        if self._traced is None:
            reason = _needs_pennylane(self.circuit, noisy=self.noise is not None)
            try:
                if reason is None:
                    with temporarily_clear_interpreter_stack():  # the first call may come inside torch.vmap
                        self._traced = self._compile(n_inputs, example)
            except NotTraceableError as error:
                reason = str(error)
            if reason is not None:
                return self._bridge(reason)
        if self._traced is None:
            raise AssertionError("a circuit without a reason to fall back is traced")
        if self.noise is not None and self.shots is not None and self._shot_generator is not None:
            return NoisySampler(self._traced, self.noise, self.shots, self._shot_generator, self.n_threads)
        if self.noise is not None:
            return DensityRunner(self._traced, self.noise, self.n_threads)
        if self.backend.startswith("aer") or self.shots is not None:
            return ShiftRunner(self._traced, self._execute(self._traced.program))
        if device != "cpu" or self.backend == "torch":
            return TorchRunner(self._traced)
        return StatevectorRunner(self._traced, self.n_threads)

    def _execute(self, program: Program) -> Execute:
        """Return what runs shifted circuits: Aer, or the engine with shots."""
        if self.backend.startswith("aer"):
            return Aer(
                program,
                method=self.backend.partition(":")[2] or "automatic",
                shots=self.shots,
                generator=self._shot_generator,
                options=self.aer_options,
                n_threads=self.n_threads,
            )
        if self.shots is None or self._shot_generator is None:
            raise AssertionError("a layer with shots has a generator")
        return Sampler(program, self.shots, self._shot_generator, self.n_threads)

    def _bridge(self, reason: str | None) -> Runner:
        """Run on PennyLane: because it was asked for, or for a reason that is told."""
        if reason is not None and self.noise is not None:
            raise CircuitError(f"this circuit cannot run with noise: {reason}. Rewrite it, or leave noise out.")
        if reason is not None and self.backend in ("statevector", "torch"):
            raise CircuitError(f"the {self.backend} engine cannot run this circuit: {reason}. Use backend='auto'.")
        if reason is not None and self.backend.startswith("aer"):
            raise CircuitError(f"Aer cannot run this circuit: {reason}. Use backend='pennylane:<device>'.")
        if reason is not None and self.shots is not None:
            raise CircuitError(
                f"shots={self.shots} are sampled on the engine, which cannot run this circuit: {reason}. Leave shots "
                "out and give a QNode with shots (qp.set_shots) and backend='pennylane'."
            )
        if self.circuit is None:
            raise CircuitError("this layer was loaded without its circuit and cannot run on PennyLane; build it anew.")
        if reason is not None:
            message = f"this circuit runs on PennyLane, much slower than on the engine: {reason}."
            warnings.warn(message, UserWarning, stacklevel=_level_of_caller())
        _, _, name = self.backend.partition(":")
        return PennyLaneBridge(self.circuit, name or None)

    def _compile(self, n_inputs: int, example: Tensor | None) -> Traced:
        if self.circuit is None:
            raise CircuitError("this layer was loaded without its circuit; build it anew to change n_inputs.")
        fuse = not self.backend.startswith("aer")  # a noise model names gates, so each gate is kept
        declared = self.circuit
        if isinstance(declared, DeclaredCircuit) and (n_inputs, self.weight_shapes) == (
            declared.n_inputs,
            declared.weight_shapes,
        ):
            return _trace_declared(declared, fuse, self.noise)
        function, wires = self.circuit, None
        if isinstance(function, qp.QNode):
            wires = None if function.device.wires is None else function.device.wires.tolist()
            function = function.func
        after = None if self.noise is None else gates_after(self.noise)
        return trace(function, n_inputs, self.weight_shapes, wires=wires, example=example, fuse=fuse, after=after)

    def _check_inputs(self, inputs: Tensor) -> None:
        if inputs.dtype not in _DTYPES:
            raise CircuitError(f"inputs must be float32 or float64; got {inputs.dtype}. Convert with `inputs.float()`.")
        if inputs.ndim == 0:
            raise CircuitError("inputs must have shape (*, n_inputs); got a single number.")
        if self.n_inputs is not None and inputs.shape[-1] != self.n_inputs:
            raise CircuitError(
                f"this circuit takes {self.n_inputs} features a sample: inputs must have shape (*, {self.n_inputs}); "
                f"got {tuple(inputs.shape)}."
            )
        if self._seen_inputs or torch.compiler.is_compiling():
            return
        if inputs.numel() and not inputs.is_meta and not is_transformed():
            bad = (
                (~torch.isfinite(inputs.detach())).reshape(-1, inputs.shape[-1]).any(dim=0).nonzero().flatten().tolist()
            )
            if bad:
                raise CircuitError(
                    f"feature column {bad[0]} of the inputs has NaN or infinite values"
                    f"{f' (and so have columns {bad[1:]})' if bad[1:] else ''}; drop or impute them first."
                )
            self._seen_inputs = True

    def extra_repr(self) -> str:
        """Say what the layer computes."""
        name = getattr(self.circuit, "__name__", None) or getattr(self.circuit, "name", "circuit")
        shapes = ", ".join(f"{key}: {shape}" for key, shape in self.weight_shapes.items())
        if self._traced is None:
            return f"{name}, weights={{{shapes}}}, backend={self.backend!r}"
        program = self._traced.program
        outputs = "x".join(map(str, program.measurement.shape)) or "1"
        extras = "" if self.shots is None else f", shots={self.shots}"
        extras += "" if self.noise is None else ", noise=True"
        return f"{name}: {self.n_inputs} -> {outputs} on {program.n_wires} wires, weights={{{shapes}}}{extras}"

    def draw(self) -> str:
        """Return a text drawing of the circuit."""
        if self.circuit is None:
            raise CircuitError("this layer was loaded without its circuit and cannot be drawn; build it anew.")
        if self.n_inputs is None:
            raise CircuitError("give n_inputs, or call the layer once, before drawing it.")
        function = self.circuit.func if isinstance(self.circuit, qp.QNode) else self.circuit
        weights = {name: getattr(self, name).detach() for name in self.weight_shapes}
        inputs = torch.ones(self.n_inputs, dtype=torch.float64)
        qnode = qp.QNode(function, qp.device("default.qubit"))
        drawing: str = qp.draw(qnode, level="device", decimals=None, max_length=400)(inputs=inputs, **weights)
        return drawing

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what need not travel, and a circuit that no other process can import."""
        state = self.__dict__ | {"_runners": {}}
        if self._traced is not None:
            state["circuit"] = self.circuit if _is_picklable(self.circuit) else None
            state["_init_method"] = self._init_method if _is_picklable(self._init_method) else None
        return state

    def __deepcopy__(self, memo: dict[int, Any]) -> "QuantumLayer":
        """Copy weights; share the circuit and its program, which never change."""
        clone = self.__class__.__new__(self.__class__)
        memo[id(self)] = clone
        shared = {"circuit", "_init_method", "_traced"}
        state = {k: v if k in shared else copy.deepcopy(v, memo) for k, v in self.__dict__.items() if k != "_runners"}
        clone.__dict__.update(state | {"_runners": {}})
        return clone


def _level_of_caller() -> int:
    """Return the stack level, for a warning of the function that asks, of the caller outside torch and qml."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in ("qml", "torch"):
        level, frame = level + 1, frame.f_back
    return level


@lru_cache(maxsize=128)
def _trace_declared(circuit: DeclaredCircuit, fuse: bool, noise: NoiseModel | None) -> Traced:
    """Trace a circuit once a process; equal circuits share their program, which never changes."""
    after = None if noise is None else gates_after(noise)
    return trace(circuit, circuit.n_inputs, circuit.weight_shapes, fuse=fuse, after=after)


def check_shots(shots: Any, generator: torch.Generator | None, backend: str) -> None:
    """Refuse shots that cannot be drawn, or a source that cannot draw them."""
    if shots is None:
        if generator is not None and not backend.startswith("aer"):
            raise CircuitError("shot_generator is the source of samples, and shots is None: give shots=, too.")
    elif isinstance(shots, bool) or not isinstance(shots, int) or shots < 1:
        raise CircuitError(f"shots must be an int of at least 1, or None for exact values; got {shots!r}.")
    elif backend.startswith("pennylane"):
        raise CircuitError(
            f"shots={shots} are sampled on the engine or on Aer; on backend={backend!r} give a QNode with shots "
            "(qp.set_shots) instead."
        )
    if generator is not None and (not isinstance(generator, torch.Generator) or generator.device.type != "cpu"):
        given = generator.device if isinstance(generator, torch.Generator) else type(generator).__name__
        raise CircuitError(f"shot_generator must be a torch.Generator on the CPU; got {given}.")


def _own_generator(shots: int | None) -> torch.Generator | None:
    """Return a generator seeded from entropy, where there is something to draw."""
    if shots is None:
        return None
    generator = torch.Generator()
    generator.seed()
    return generator


def _check_noise(noise: NoiseModel | None, backend: str) -> None:
    """Refuse noise on an engine that has none."""
    if noise is None:
        return
    if not isinstance(noise, NoiseModel):
        raise CircuitError(
            f"noise must be a NoiseModel, such as NoiseModel.depolarizing(one_wire=0.001, two_wire=0.01), or "
            f"NoiseModel.from_aer(...); got {type(noise).__name__}."
        )
    if backend != "auto":
        raise CircuitError(f"backend {backend!r} has no noise; use backend='auto' with noise, or leave noise out.")


def _shape(name: str, size: int | Iterable[int]) -> tuple[int, ...]:
    """Return a weight's shape as TorchLayer reads it: 1 is a scalar, n is a vector."""
    if isinstance(size, bool) or (isinstance(size, int) and size < 1):
        raise CircuitError(f"the shape of weight {name!r} must be a positive int or a tuple of ints; got {size!r}.")
    if isinstance(size, int):
        return () if size == 1 else (size,)
    return tuple(int(n) for n in size)


def _check_signature(circuit: Callable[..., Any], weight_shapes: Mapping[str, tuple[int, ...]]) -> None:
    function = circuit.func if isinstance(circuit, qp.QNode) else circuit
    if not callable(function):
        raise CircuitError(f"circuit must be a quantum function or a QNode; got {type(circuit).__name__}.")
    parameters = inspect.signature(function).parameters
    if "inputs" not in parameters:
        raise CircuitError(f"the circuit must have an argument named 'inputs'; it has {list(parameters)}.")
    if "inputs" in weight_shapes:
        raise CircuitError("'inputs' must not stand in weight_shapes: its shape comes with the data.")
    if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters.values()):
        raise CircuitError("the circuit cannot take *args: every weight is passed by name.")
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()):
        return
    expected = {name for name, p in parameters.items() if p.default is inspect.Parameter.empty} - {"inputs"}
    missing, unknown = sorted(expected - set(weight_shapes)), sorted(set(weight_shapes) - set(parameters))
    if missing or unknown:
        raise CircuitError(
            f"weight_shapes must name every weight of the circuit and no other: missing {missing}, unknown {unknown}."
        )


def _needs_pennylane(circuit: Any, *, noisy: bool) -> str | None:
    """Say why a QNode must run on its own device, or None."""
    if not isinstance(circuit, qp.QNode):
        return None
    if circuit.shots.total_shots is not None:
        return f"its QNode samples {circuit.shots.total_shots} shots"
    known = ["default.qubit", "lightning.qubit", "reference.qubit", "qml.statevector", *["default.mixed"] * noisy]
    if circuit.device.name not in known:
        return f"its QNode is bound to the device {circuit.device.name!r}"
    return None


def _is_picklable(value: Any) -> bool:
    try:
        pickle.dumps(value)
    except Exception:
        return False
    return True
