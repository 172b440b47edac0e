"""Qiskit Aer as an engine: one parameterised circuit, the whole batch in one job, the gradient in a second one."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from qml.errors import CircuitError, suggest
from qml.simulators.program import Program
from qml.simulators.qiskit_circuit import translate
from qml.simulators.settings import Setting, Settings, settings_of

METHODS = ("automatic", "density_matrix", "matrix_product_state", "statevector")
MAX_DENSITY_WIRES = 10  # above, shots under noise are cheaper as random trajectories of a state vector
# The change to a measurement basis, as a matrix of its own name: noise models name gates, and a measurement in X is
# no gate of the circuit.
_BASIS_LABEL = "measurement_basis"
_BASES = {
    "X": np.array([[1, 1], [1, -1]]) / np.sqrt(2),
    "Y": np.array([[1, -1j], [1, 1j]]) / np.sqrt(2),
}


class Aer:
    """Runs a program's circuits on Qiskit Aer: rows of angles in, outputs out.

    With shots, every measurement setting (see ``settings``) is a circuit that is sampled with all the shots.  Without,
    expectation values and probabilities are what Aer's save instructions give, exact up to rounding.

    Args:
        program: The circuit, traced without fusion if a noise model is to find its gates by name.
        method: One of ``METHODS``; ``"automatic"`` is the density matrix where there is noise (with shots, up to
            ten wires), and the state vector otherwise.
        shots: Samples a setting, or None for exact values.
        generator: Source of the jobs' seeds.
        options: ``"noise_model"`` (a ``qiskit_aer.noise.NoiseModel``), ``"transpile"`` (keyword arguments of
            ``qiskit.transpile``, for noise models of devices), and anything that ``AerSimulator`` takes.
        n_threads: At most this many threads a call; None for ``torch.get_num_threads()``.

    Raises:
        CircuitError: If Aer is missing, or cannot do what is asked.
    """

    def __init__(
        self,
        program: Program,
        *,
        method: str = "automatic",
        shots: int | None = None,
        generator: torch.Generator | None = None,
        options: Mapping[str, Any] | None = None,
        n_threads: int | None = None,
    ) -> None:
        simulator = require_aer()
        kind = program.measurement.kind
        self.program = program
        self.shots = shots
        self.generator = generator
        rest = dict(options or {})
        noise = rest.pop("noise_model", None)
        transpiling = rest.pop("transpile", None)
        check_options(method, shots, rest, noise)
        if kind == "mixed":
            raise CircuitError(
                "variances and mixtures of measurements are not read from Aer. Return expectation values alone or one "
                "probs, or use backend='auto'."
            )
        if kind == "state" and shots is not None:
            raise CircuitError(
                f"a state cannot be sampled: the circuit returns qp.state() and shots={shots} were asked for. "
                "Return expectation values or probs, or leave shots out."
            )
        if kind == "state" and (noise is not None or method not in ("automatic", "statevector")):
            raise CircuitError(
                "Aer gives a state by the method 'statevector' and without noise only; return expectation values or "
                "probs."
            )
        if method == "automatic":
            many = shots is not None and program.n_wires > MAX_DENSITY_WIRES
            method = "statevector" if noise is None or many else "density_matrix"
        rest.setdefault("max_parallel_threads", n_threads or torch.get_num_threads())
        rest.setdefault("runtime_parameter_bind_enable", transpiling is None)
        try:
            self._simulator = simulator(method=method, noise_model=noise, **rest)
        except Exception as error:
            raise CircuitError(f"Aer refuses these aer_options: {error}") from error
        if program.has_initial and transpiling is not None:
            raise CircuitError(
                "aer_options['transpile'] cannot be used with amplitude encoding: the first states are set, not made "
                "of gates. Leave it out, or encode with rotations."
            )
        self._as_matrix = method == "density_matrix"
        self._translated = translate(program)
        self.settings = None if kind == "state" else settings_of(program.measurement, program.n_wires)
        settings = () if self.settings is None else self.settings.settings
        self._diagonal = next((setting for setting in settings if set(setting.letters) == {"Z"}), None)
        self._outputs: dict[str, int] = {}
        circuit, wires = self._translated.circuit, list(range(program.n_wires))
        if transpiling is not None:
            circuit = _transpile(circuit, transpiling)
            wires = wires if circuit.layout is None else circuit.layout.final_index_layout()
        self._circuits = self._endings(circuit, wires)

    def _endings(self, body: Any, wires: list[int]) -> list[Any]:
        """Return the circuits of one row: one with save instructions, or one a measurement setting.

        Args:
            body: The circuit's gates.
            wires: Qubit of each wire.
        """
        if self.settings is not None and self.shots is not None:
            return [_measured(body, wires, setting) for setting in self.settings.settings]
        circuit = body.copy()
        qubits = wires[::-1]  # the first listed is the least significant
        if self.settings is None:
            circuit.save_statevector(label="state")
            return [circuit]
        if self._diagonal is not None:
            circuit.save_probabilities(qubits, label="probabilities")
        for output, operator in self._operators().items():
            label = f"output{output}"
            self._outputs[label] = output
            circuit.save_expectation_value(operator, qubits, label=label)
        return [circuit]

    def _operators(self) -> dict[int, Any]:
        """Return the off-diagonal part of each output that has one, on the wires in order."""
        from qiskit.quantum_info import SparsePauliOp

        words: dict[int, list[tuple[str, float]]] = {}
        measurement, n_wires = self.program.measurement, self.program.n_wires
        for (row, x, z, _), coefficient in zip(
            measurement.terms.tolist(), measurement.coefficients.tolist(), strict=True
        ):
            word = "".join("IXZY"[(x >> bit & 1) + 2 * (z >> bit & 1)] for bit in range(n_wires - 1, -1, -1))
            words.setdefault(row, []).append((word, coefficient))
        return {row: SparsePauliOp.from_list(terms) for row, terms in words.items()}

    def __call__(self, angles: Tensor, initial: Tensor | None) -> Tensor:
        """Run circuits, see ``Execute``."""
        n_rows = len(angles)
        if not n_rows:
            kind = torch.complex128 if self.settings is None else torch.float64
            return torch.zeros(0, self.program.measurement.n_outputs, dtype=kind)
        if self.settings is not None and not self.settings.settings:  # multiples of the identity
            return torch.from_numpy(self.settings.offset).repeat(n_rows, 1)
        groups = [(0, n_rows)] if initial is None else _runs(initial)
        circuits: list[Any] = []
        binds: list[dict[Any, list[float]]] = []
        for circuit in self._circuits:
            parameters = [(p, *self._translated.parameters[p]) for p in circuit.parameters]
            for start, stop in groups:
                whole = circuit if initial is None else _prepared(circuit, initial[start], self._as_matrix)
                values = {p: (angles[start:stop, angle] * factor).tolist() for p, angle, factor in parameters}
                copies = 1 if parameters else stop - start
                circuits += [whole] * copies
                binds += [values] * copies
        data = self._run(circuits, binds)
        if self.settings is None:
            states = torch.from_numpy(np.stack([np.asarray(part.state) for part in data]))
            phase = angles[:, self._translated.global_phases].sum(dim=1, keepdim=True) / 2
            return states[:, _reversed(self.program.n_wires)] * torch.exp(-1j * phase)
        return self._read(data, n_rows, self.settings)

    def _run(self, circuits: list[Any], binds: list[dict[Any, list[float]]]) -> list[Any]:
        """Run one job and return the data of its experiments in order."""
        options: dict[str, Any] = {"shots": self.shots or 1}
        if self.generator is not None:
            options["seed_simulator"] = int(torch.randint(2**31 - 1, (), generator=self.generator))
        result = self._simulator.run(circuits, parameter_binds=binds if any(binds) else None, **options).result()
        if not result.success:
            failed = [part.status for part in result.results if not part.success]
            raise CircuitError(f"Aer could not run the circuit: {failed[0] if failed else result.status}.")
        return [part.data for part in result.results]

    def _read(self, data: list[Any], n_rows: int, settings: Settings) -> Tensor:
        """Turn the data of all experiments, settings first, into outputs."""
        total = torch.from_numpy(settings.offset).repeat(n_rows, 1)
        if self.shots is not None:
            for row, setting in enumerate(settings.settings):
                total = total + _sampled(data[row * n_rows : (row + 1) * n_rows], setting, self.shots)
            return total
        if self._diagonal is not None:
            total = total + self._diagonal.read(torch.from_numpy(np.stack([part.probabilities for part in data])))
        for label, output in self._outputs.items():
            total[:, output] += torch.tensor([float(getattr(part, label)) for part in data], dtype=torch.float64)
        return total


def require_aer() -> Any:
    """Import Aer.

    Returns:
        The class ``AerSimulator``.

    Raises:
        CircuitError: If it is not installed.
    """
    try:
        from qiskit_aer import AerSimulator
    except ImportError as error:
        raise CircuitError(f"backend='aer' needs Qiskit Aer: `pip install qiskit-aer` ({error}).") from error
    return AerSimulator


def check_options(method: str, shots: int | None, options: Mapping[str, Any], noise: Any) -> None:
    """Refuse what would give another number than the one asked for.

    Args:
        method: Of ``backend="aer:<method>"``.
        shots: Samples a setting, or None.
        options: Of ``AerSimulator``, without the noise model.
        noise: The noise model or None.

    Raises:
        CircuitError: With what was given and how to mend it.
    """
    if method not in METHODS:
        raise CircuitError(f"unknown Aer method {method!r} in backend='aer:{method}'. {suggest(method, METHODS)}")
    owned = {"method": "backend='aer:<method>'", "shots": "shots=", "seed_simulator": "shot_generator="}
    for name, place in owned.items():
        if name in options:
            raise CircuitError(f"aer_options may not set {name!r}: give it as {place}.")
    if noise is None:
        return
    from qiskit_aer.noise import NoiseModel

    if not isinstance(noise, NoiseModel):
        raise CircuitError(
            f"aer_options['noise_model'] must be a qiskit_aer.noise.NoiseModel; got {type(noise).__name__}."
        )
    if shots is None and method not in ("automatic", "density_matrix"):
        raise CircuitError(
            f"exact values under noise need the density matrix, and the method is {method!r}: use "
            "backend='aer:density_matrix', or give shots=."
        )
    if shots is None and any(error["type"] == "roerror" for error in noise.to_dict()["errors"]):
        raise CircuitError(
            "the noise model has readout errors, and Aer applies those to sampled counts only: give shots=, or take "
            "the readout errors out."
        )


def _measured(circuit: Any, wires: list[int], setting: Setting) -> Any:
    """Return a copy that measures every wire in a setting; bit n-1-w of the counts belongs to wire w."""
    from qiskit import ClassicalRegister
    from qiskit.circuit.library import UnitaryGate

    copy = circuit.copy()
    copy.add_register(ClassicalRegister(len(wires)))
    for qubit, letter in zip(wires, setting.letters, strict=True):
        if letter != "Z":
            copy.append(UnitaryGate(_BASES[letter], label=_BASIS_LABEL), [qubit])
    copy.measure(wires, range(len(wires))[::-1])
    return copy


def _transpile(circuit: Any, options: Mapping[str, Any]) -> Any:
    """Return a circuit in other gates."""
    from qiskit import transpile
    from qiskit.exceptions import QiskitError

    try:
        return transpile(circuit, **options)
    except (QiskitError, TypeError, ValueError) as error:
        raise CircuitError(f"qiskit.transpile refuses aer_options['transpile']: {error}") from error


def _prepared(circuit: Any, state: Tensor, as_matrix: bool) -> Any:
    """Return a copy that starts from a state, shape (2**n_wires,), given as amplitudes or as a density matrix."""
    from qiskit import QuantumCircuit

    n_wires = circuit.num_qubits
    first = QuantumCircuit(n_wires)
    if as_matrix:
        own = state[_reversed(n_wires)].numpy()
        first.set_density_matrix(np.outer(own, own.conj()))
    else:
        first.initialize(state.numpy(), list(range(n_wires))[::-1])
    return circuit.compose(first, front=True)


def _reversed(n_wires: int) -> Tensor:
    """Return the index of each basis state when its bits are read backwards."""
    return torch.arange(1 << n_wires).reshape((2,) * n_wires).permute(*range(n_wires)[::-1]).reshape(-1)


def _runs(initial: Tensor) -> list[tuple[int, int]]:
    """Return (start, stop) of each run of rows with the same first state."""
    changes = torch.nonzero((initial[1:] != initial[:-1]).any(dim=1)).flatten() + 1
    edges = [0, *changes.tolist(), len(initial)]
    return list(pairwise(edges))


def _sampled(data: list[Any], setting: Setting, shots: int) -> Tensor:
    """Return the outputs' share of one setting from the counts of each row, shape (n_rows, n_outputs)."""
    rows = [row for row, part in enumerate(data) for _ in part.counts]
    outcomes = [int(key, 16) for part in data for key in part.counts]
    counts = [count for part in data for count in part.counts.values()]
    frequencies = torch.tensor(counts, dtype=torch.float64) / shots
    return setting.read_sparse(torch.tensor(rows), torch.tensor(outcomes), frequencies, len(data))
