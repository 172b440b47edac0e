"""Write docs/gates.md: which of PennyLane's qubit operators run on the engine: ``python docs/gates.py``.

Nothing is claimed: every operator is traced, once with its parameters made of features and once with constants.
"""

import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pennylane as qp
import torch

from qml.errors import CircuitError
from qml.simulators import NotTraceableError, Traced, trace

PAGE = Path(__file__).resolve().parent / "gates.md"
N_FEATURES = 16
N_WIRES = 7

INTRODUCTION = """\
Written by `python docs/gates.py`, which traces every qubit operator and template of PennyLane {version}; do not edit.

- *engine*: runs on the state-vector engine, with exact gradients, and equals PennyLane's result
  (tests/test_gates_page.py).
- *PennyLane*: `QuantumLayer` falls back to PennyLane with this reason in a warning; with `backend="statevector"` it
  raises instead.

As the device `qml.statevector` the engine also runs a parameter that cannot be traced, since there it has a value."""

MEASUREMENTS = """\
`expval` and `var` of Pauli words, sums of them, and any other observable on up to five wires; `probs` of wires or,
alone, of an observable; `state`. Lists may mix `expval`, `var` and `probs`; their values are joined in order.
Everything else (`sample`, `counts`, entropies, shadows, mid-circuit measurements) runs on the device
`qml.statevector`."""

# One use of each operator: x holds N_FEATURES numbers, features or constants.
Example = Callable[[Any], Any]


def _unitary(n_wires: int, seed: int = 0) -> Any:
    """Return a Haar-like random unitary on some wires."""
    numbers = np.random.default_rng(seed).normal(size=(2, 1 << n_wires, 1 << n_wires))
    return np.linalg.qr(numbers[0] + 1j * numbers[1])[0]


def _amplitudes(n_wires: int) -> Any:
    numbers = np.arange(1.0, (1 << n_wires) + 1)
    return numbers / np.linalg.norm(numbers)


def _phases(x: Any) -> Any:
    stack = torch.stack(list(x)) if isinstance(x, torch.Tensor) else np.array(x)
    return torch.exp(1j * stack) if isinstance(stack, torch.Tensor) else np.exp(1j * stack)


def _square(x: Any) -> Any:
    """Return a 2x2 unitary made of two numbers."""
    if isinstance(x, torch.Tensor):
        cos, sin = torch.cos(x[0]), torch.sin(x[0])
        return torch.stack([torch.stack([cos, -sin]), torch.stack([sin, cos])]).to(torch.complex128)
    return np.array([[np.cos(x[0]), -np.sin(x[0])], [np.sin(x[0]), np.cos(x[0])]], dtype=complex)


def _rows(x: Any, *shape: int) -> Any:
    return x[: int(np.prod(shape))].reshape(shape)


def _fixed(name: str, n_wires: int) -> tuple[str, Example]:
    return name, lambda x: getattr(qp, name)(wires=range(n_wires))


def _angles(name: str, n_wires: int) -> tuple[str, Example]:
    gate = getattr(qp, name)
    return name, lambda x: gate(*(x[i] for i in range(gate.num_params)), wires=range(n_wires))


_HAMILTONIAN = qp.dot([0.5, -0.3], [qp.Z(0) @ qp.X(1), qp.Y(1)])
_COMMUTING = qp.dot([0.5, -0.3], [qp.X(0) @ qp.X(1), qp.X(1)])
_LCU = qp.dot([0.25, 0.75], [qp.Z(0), qp.X(1)])
_BLOCK = np.array([[0.1, 0.2], [0.3, 0.4]])

GATES: Mapping[str, Example] = dict(
    [
        *[_fixed(n, 1) for n in ("Identity", "Hadamard", "PauliX", "PauliY", "PauliZ", "S", "T", "SX")],
        *[_fixed(n, 2) for n in ("CNOT", "CZ", "CY", "CH", "SWAP", "ISWAP", "ECR", "SISWAP", "SQISW")],
        *[_fixed(n, 3) for n in ("Toffoli", "CSWAP", "CCZ", "MultiControlledX", "QubitSum")],
        _fixed("QubitCarry", 4),
        _fixed("Barrier", 2),
        *[_angles(n, 1) for n in ("RX", "RY", "RZ", "PhaseShift", "Rot", "U1", "U2", "U3", "GlobalPhase")],
        *[_angles(n, 2) for n in ("CRX", "CRY", "CRZ", "CRot", "ControlledPhaseShift")],
        *[_angles(n, 2) for n in ("CPhaseShift00", "CPhaseShift01", "CPhaseShift10")],
        *[_angles(n, 2) for n in ("IsingXX", "IsingYY", "IsingZZ", "IsingXY", "PSWAP")],
        *[_angles(n, 2) for n in ("SingleExcitation", "SingleExcitationPlus", "SingleExcitationMinus")],
        *[_angles(n, 4) for n in ("DoubleExcitation", "DoubleExcitationPlus", "DoubleExcitationMinus")],
        _angles("OrbitalRotation", 4),
        _angles("FermionicSWAP", 2),
        _angles("MultiRZ", 3),
        ("PauliRot", lambda x: qp.PauliRot(x[0], "XYZ", wires=[2, 0, 1])),
        ("PCPhase", lambda x: qp.PCPhase(x[0], dim=3, wires=range(3))),
        ("BasisState", lambda x: qp.BasisState(np.array([1, 0, 1]), wires=range(3))),
        ("StatePrep", lambda x: qp.StatePrep(x[:8], wires=range(3), normalize=True)),
        ("QubitUnitary", lambda x: qp.QubitUnitary(_square(x), wires=1)),
        ("QubitUnitary on 6 wires", lambda x: qp.QubitUnitary(_unitary(6), wires=range(6))),
        ("DiagonalQubitUnitary", lambda x: qp.DiagonalQubitUnitary(_phases(x[:8]), wires=[2, 0, 1])),
        ("ControlledQubitUnitary", lambda x: qp.ControlledQubitUnitary(_square(x), wires=[2, 0])),
        ("SpecialUnitary", lambda x: qp.SpecialUnitary(x[:15], wires=range(2))),
        ("BlockEncode", lambda x: qp.BlockEncode(_BLOCK, wires=range(2))),
        ("IntegerComparator", lambda x: qp.IntegerComparator(2, wires=range(4))),
        ("Projector", lambda x: qp.Projector([0], wires=0)),
        ("Snapshot", lambda x: qp.Snapshot()),
        ("WireCut", lambda x: qp.WireCut(wires=0)),
        ("Adjoint", lambda x: qp.adjoint(qp.IsingXY(x[0], wires=[0, 1]))),
        ("Controlled", lambda x: qp.ctrl(qp.IsingXX(x[0], wires=[0, 1]), control=[2, 3], control_values=[0, 1])),
        ("Pow", lambda x: qp.pow(qp.RX(x[0], wires=0), 1.7)),
        ("Prod", lambda x: qp.prod(qp.RX(x[0], wires=0), qp.CNOT(wires=[0, 1]))),
        ("ChangeOpBasis", lambda x: qp.change_op_basis(qp.QFT(wires=[0, 1]), qp.RZ(x[0], wires=0))),
        ("Exp", lambda x: qp.exp(qp.Z(0) @ qp.X(1), 1j * x[0])),
        ("Evolution", lambda x: qp.evolve(qp.Z(0) @ qp.X(1), x[0])),
    ]
)

TEMPLATES: Mapping[str, Example] = {
    "AQFT": lambda x: qp.AQFT(order=1, wires=range(3)),
    "Adder": lambda x: qp.Adder(3, x_wires=range(3)),
    "AllSinglesDoubles": lambda x: qp.AllSinglesDoubles(
        x[:2], range(4), np.array([1, 1, 0, 0]), singles=[[0, 2]], doubles=[[0, 1, 2, 3]]
    ),
    "AmplitudeAmplification": lambda x: qp.AmplitudeAmplification(
        qp.prod(qp.RY(0.3, wires=0), qp.RY(0.4, wires=1)), qp.FlipSign([1, 1], wires=[0, 1]), iters=1
    ),
    "AmplitudeEmbedding": lambda x: qp.AmplitudeEmbedding(x[:6], wires=range(3), normalize=True, pad_with=0.1),
    "AngleEmbedding": lambda x: qp.AngleEmbedding(x[:3], wires=range(3), rotation="Y"),
    "ApproxTimeEvolution": lambda x: qp.ApproxTimeEvolution(_HAMILTONIAN, x[0], 2),
    "ArbitraryStatePreparation": lambda x: qp.ArbitraryStatePreparation(x[:6], wires=range(2)),
    "ArbitraryUnitary": lambda x: qp.ArbitraryUnitary(x[:15], wires=range(2)),
    "BBQRAM": lambda x: qp.BBQRAM(["1", "0"], control_wires=[0], target_wires=[1], work_wires=range(2, 6)),
    "BasicEntanglerLayers": lambda x: qp.BasicEntanglerLayers(_rows(x, 2, 3), wires=range(3)),
    "BasisEmbedding": lambda x: qp.BasisEmbedding([1, 0, 1], wires=range(3)),
    "BasisRotation": lambda x: qp.BasisRotation(wires=range(2), unitary_matrix=_unitary(1)),
    "CommutingEvolution": lambda x: qp.CommutingEvolution(_COMMUTING, x[0]),
    "ControlledSequence": lambda x: qp.ControlledSequence(qp.RX(x[0], wires=3), control=range(2)),
    "CosineWindow": lambda x: qp.CosineWindow(wires=range(3)),
    "Elbow": lambda x: qp.Elbow(wires=range(3)),
    "FABLE": lambda x: qp.FABLE(_BLOCK, wires=range(3), tol=0),
    "FermionicDoubleExcitation": lambda x: qp.FermionicDoubleExcitation(x[0], wires1=[0, 1], wires2=[2, 3]),
    "FermionicSingleExcitation": lambda x: qp.FermionicSingleExcitation(x[0], wires=range(3)),
    "FlipSign": lambda x: qp.FlipSign([1, 0], wires=range(2)),
    "GQSP": lambda x: qp.GQSP(qp.RX(0.4, wires=0), _rows(x, 3, 2), control=1),
    "GateFabric": lambda x: qp.GateFabric(_rows(x, 1, 1, 2), wires=range(4), init_state=[1, 1, 0, 0]),
    "GroverOperator": lambda x: qp.GroverOperator(wires=range(3)),
    "HilbertSchmidt": lambda x: qp.HilbertSchmidt(qp.RX(x[0], wires=0), qp.RY(0.3, wires=1)),
    "HybridQRAM": lambda x: qp.HybridQRAM(["1", "0"], control_wires=[0], target_wires=[1], work_wires=range(2, 7), k=0),
    "IQP": lambda x: qp.IQP([x[0], x[1]], num_wires=3, pattern=[[[0]], [[1, 2]]]),
    "IQPEmbedding": lambda x: qp.IQPEmbedding(x[:3], wires=range(3), n_repeats=2),
    "LocalHilbertSchmidt": lambda x: qp.LocalHilbertSchmidt(qp.RX(x[0], wires=0), qp.RY(0.3, wires=1)),
    "MERA": lambda x: qp.MERA(range(4), 2, _block, 2, _rows(x, 5, 2)),
    "MPS": lambda x: qp.MPS(range(4), 2, _block, 2, _rows(x, 3, 2)),
    "MPSPrep": lambda x: qp.MPSPrep(_matrix_product(), wires=range(2, 5), work_wires=[0, 1], right_canonicalize=True),
    "ModExp": lambda x: qp.ModExp(x_wires=[0], output_wires=[1, 2], base=2, mod=3, work_wires=range(3, 7)),
    "MottonenStatePreparation": lambda x: qp.MottonenStatePreparation(_amplitudes(3), wires=range(3)),
    "MultiplexerStatePreparation": lambda x: qp.MultiplexerStatePreparation(_amplitudes(3), wires=range(3)),
    "Multiplier": lambda x: qp.Multiplier(3, x_wires=[0, 1], work_wires=[2, 3]),
    "OutAdder": lambda x: qp.OutAdder(x_wires=[0], y_wires=[1], output_wires=[2, 3]),
    "OutMultiplier": lambda x: qp.OutMultiplier(x_wires=[0], y_wires=[1], output_wires=[2, 3]),
    "OutPoly": lambda x: qp.OutPoly(lambda a, b: a + b, input_registers=[[0], [1]], output_wires=[2, 3]),
    "ParticleConservingU1": lambda x: qp.ParticleConservingU1(
        _rows(x, 1, 2, 2), wires=range(3), init_state=np.array([1, 0, 0])
    ),
    "ParticleConservingU2": lambda x: qp.ParticleConservingU2(
        _rows(x, 1, 5), wires=range(3), init_state=np.array([1, 0, 0])
    ),
    "Permute": lambda x: qp.Permute([2, 0, 1], wires=range(3)),
    "PhaseAdder": lambda x: qp.PhaseAdder(3, x_wires=range(3)),
    "PrepSelPrep": lambda x: qp.PrepSelPrep(_LCU, control=[2]),
    "QAOAEmbedding": lambda x: qp.QAOAEmbedding(x[:3], _rows(x, 2, 6), wires=range(3)),
    "QDrift": lambda x: qp.QDrift(_HAMILTONIAN, x[0], n=3, seed=1),
    "QFT": lambda x: qp.QFT(wires=range(3)),
    "QROM": lambda x: qp.QROM(["01", "11"], control_wires=[0], target_wires=[1, 2], work_wires=None),
    "QROMStatePreparation": lambda x: qp.QROMStatePreparation(
        _amplitudes(1), wires=[0], precision_wires=[1, 2], work_wires=[3]
    ),
    "QSVT": lambda x: qp.QSVT(
        qp.BlockEncode(_BLOCK, wires=range(2)), [qp.PCPhase(x[i], dim=2, wires=range(2)) for i in range(2)]
    ),
    "QuantumMonteCarlo": lambda x: qp.QuantumMonteCarlo(
        np.array([0.25, 0.75]), lambda i: 0.3 * i, target_wires=[0, 1], estimation_wires=[2, 3]
    ),
    "QuantumPhaseEstimation": lambda x: qp.QuantumPhaseEstimation(qp.RX(x[0], wires=0), estimation_wires=range(1, 3)),
    "Qubitization": lambda x: qp.Qubitization(_LCU, control=[2]),
    "RandomLayers": lambda x: qp.RandomLayers(_rows(x, 2, 3), wires=range(3), seed=3),
    "Reflection": lambda x: qp.Reflection(qp.prod(qp.RX(0.3, wires=0), qp.RY(0.2, wires=1)), x[0]),
    "Select": lambda x: qp.Select([qp.RX(x[0], wires=2), qp.RY(x[1], wires=2)], control=[0]),
    "SelectOnlyQRAM": lambda x: qp.SelectOnlyQRAM(["1", "0"], control_wires=[0], target_wires=[1]),
    "SelectPauliRot": lambda x: qp.SelectPauliRot(x[:4], control_wires=[0, 1], target_wire=2),
    "SemiAdder": lambda x: qp.SemiAdder(x_wires=[0, 1], y_wires=[2, 3], work_wires=[4]),
    "SimplifiedTwoDesign": lambda x: qp.SimplifiedTwoDesign(x[:3], _rows(x, 1, 2, 2), wires=range(3)),
    "StronglyEntanglingLayers": lambda x: qp.StronglyEntanglingLayers(_rows(x, 1, 3, 3), wires=range(3)),
    "SumOfSlatersPrep": lambda x: qp.SumOfSlatersPrep([0.6, 0.8], wires=range(2), indices=(0, 3)),
    "Superposition": lambda x: qp.Superposition([0.6, 0.8], [[0, 0], [1, 1]], wires=range(2), work_wire=2),
    "TTN": lambda x: qp.TTN(range(4), 2, _block, 2, _rows(x, 3, 2)),
    "TemporaryAND": lambda x: qp.TemporaryAND(wires=range(3)),
    "TrotterProduct": lambda x: qp.TrotterProduct(_HAMILTONIAN, x[0], n=2, order=2),
    "TrotterizedQfunc": lambda x: qp.TrotterizedQfunc(
        0.1, x[0], qfunc=lambda time, angle, wires: qp.RX(time * angle, wires=wires), n=2, order=2, wires=[0]
    ),
    "TwoLocalSwapNetwork": lambda x: qp.templates.TwoLocalSwapNetwork(range(3), _swap_pair, x[:3], fermionic=False),
    "UCCSD": lambda x: qp.UCCSD(
        x[:2], range(4), s_wires=[[0, 1, 2]], d_wires=[[[0, 1], [2, 3]]], init_state=np.array([1, 1, 0, 0])
    ),
}

# What the two lists leave out of PennyLane's own.
LEFT_OUT: Mapping[str, str] = {
    **dict.fromkeys(("H", "X", "Y", "Z"), "another name of a gate in the list"),
    **dict.fromkeys(("Hermitian", "SparseHamiltonian"), "an observable"),
    "QubitDensityMatrix": "a mixed state; see the noise engine",
    **dict.fromkeys(
        ("CVNeuralNetLayers", "DisplacementEmbedding", "Interferometer", "SqueezingEmbedding"), "no qubits"
    ),
    "QutritBasisStatePreparation": "no qubits",
    **dict.fromkeys(("Subroutine", "SubroutineOp", "AbstractArray"), "a tool to build templates, not one"),
}


def _block(weights: Any, wires: Any) -> None:
    qp.RX(weights[0], wires=wires[0])
    qp.RY(weights[1], wires=wires[1])
    qp.CNOT(wires=wires)


def _swap_pair(index: Any, wires: Any, param: Any) -> Any:
    return qp.CRY(param, wires=index)


def _matrix_product() -> list[Any]:
    """Return a state of three qubits as a chain of tensors."""
    numbers = np.random.default_rng(0).normal(size=16)
    return [numbers[:4].reshape(2, 2), numbers[4:12].reshape(2, 2, 2), numbers[12:].reshape(2, 2)]


def circuit_of(example: Example, *, constant: bool) -> Callable[..., Any]:
    """Return a quantum function that uses an operator on a state without symmetry."""
    numbers = 0.2 + 0.1 * np.arange(N_FEATURES)

    def circuit(inputs: Any) -> Any:
        if not _starts(example, numbers):
            for wire in range(N_WIRES):
                qp.RY(0.3 + 0.2 * wire, wires=wire)
                qp.RZ(0.5 - 0.1 * wire, wires=wire)
        example(numbers if constant else inputs)
        qp.RX(inputs[0], wires=0)
        return qp.state()

    return circuit


def _starts(example: Example, numbers: Any) -> bool:
    """Tell a preparation of a state, which comes first, from a gate."""
    with qp.queuing.QueuingManager.stop_recording():
        return isinstance(example(numbers), qp.operation.StatePrepBase)


def traced(example: Example, *, constant: bool) -> Traced:
    """Trace the circuit of an operator.

    Raises:
        NotTraceableError: With the reason, where the engine cannot run it.
        CircuitError: Where PennyLane itself cannot take such parameters.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return trace(circuit_of(example, constant=constant), N_FEATURES, {}, wires=range(N_WIRES))


def attempt(example: Example, *, constant: bool) -> tuple[str, Traced | None]:
    """Return one cell of the table, and the traced circuit where the engine runs it."""
    try:
        return "engine", traced(example, constant=constant)
    except NotTraceableError as error:
        return f"PennyLane: {error}", None
    except CircuitError as error:
        return f"neither: {str(error.__cause__).splitlines()[0]}", None


def takes_numbers(example: Example) -> bool:
    """Tell whether an operator's example uses any of its numbers."""

    class Watched(np.ndarray):
        used = False

        def __getitem__(self, index: Any) -> Any:
            Watched.used = True
            return super().__getitem__(index)

    with qp.queuing.QueuingManager.stop_recording():
        example((0.2 + 0.1 * np.arange(N_FEATURES)).view(Watched))
    return Watched.used


def row(name: str, example: Example) -> str:
    """Return one line of the table."""
    moving = attempt(example, constant=False)[0] if takes_numbers(example) else "takes none"
    return f"| {name} | {moving} | {attempt(example, constant=True)[0]} |"


def page() -> str:
    """Return the text of docs/gates.md."""
    version = ".".join(qp.__version__.split(".")[:2])
    lines = ["# Which operators run on the engine", "", INTRODUCTION.format(version=version)]
    for title, examples in (("Gates", GATES), ("Templates", TEMPLATES)):
        lines += ["", f"## {title}", "", "| operator | parameters from features or weights | constant parameters |"]
        lines += ["|---|---|---|", *(row(name, example) for name, example in examples.items())]
    lines += ["", "## Measurements", "", MEASUREMENTS]
    lines += ["", "## Left out", ""]
    lines += [f"- {name}: {reason}" for name, reason in sorted(LEFT_OUT.items())]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
