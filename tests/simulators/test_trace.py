import numpy as np
import pennylane as qp
import pytest
import torch

from qml.errors import CircuitError
from qml.simulators import Engine, NotTraceableError, simulate, trace


def traced(circuit, n_inputs=2, **shapes):
    return trace(circuit, n_inputs, shapes)


def evaluate(found, x, *weights):
    variables, initial = found.variables(x, weights)
    joined = torch.cat([w.reshape(-1) for w in weights]) if weights else x.new_zeros(0)
    return simulate(Engine(found.program, np.float64), variables, joined, initial, 1)


def by_pennylane(circuit, x, **weights):
    qnode = qp.QNode(circuit, qp.device("default.qubit"), interface="torch")
    rows = []
    for row in x:
        result = qnode(inputs=row, **weights)
        parts = result if isinstance(result, (list, tuple)) else [result]
        rows.append(torch.cat([torch.as_tensor(part).reshape(-1) for part in parts]))
    return torch.stack(rows)


# Every gate that PennyLane documents for qubits with a fixed number of parameters, and how many wires it takes.
GATES = [
    *[(n, 1) for n in ("Hadamard", "PauliX", "PauliY", "PauliZ", "S", "T", "SX")],
    *[(n, 1) for n in ("RX", "RY", "RZ", "PhaseShift", "Rot", "U1", "U2", "U3")],
    *[(n, 2) for n in ("CNOT", "CZ", "CY", "CH", "SWAP", "ISWAP", "ECR", "SISWAP")],
    *[
        (n, 2)
        for n in (
            "CRX",
            "CRY",
            "CRZ",
            "CRot",
            "ControlledPhaseShift",
            "CPhaseShift00",
            "CPhaseShift01",
            "CPhaseShift10",
        )
    ],
    *[(n, 2) for n in ("IsingXX", "IsingYY", "IsingZZ", "IsingXY", "PSWAP", "SingleExcitation")],
    *[(n, 2) for n in ("SingleExcitationPlus", "SingleExcitationMinus")],
    *[(n, 3) for n in ("Toffoli", "CSWAP", "CCZ", "MultiRZ")],
    *[(n, 4) for n in ("DoubleExcitation", "OrbitalRotation", "QubitCarry")],
]


@pytest.mark.parametrize(("name", "n_wires"), GATES)
@pytest.mark.parametrize("wrapper", ["plain", "adjoint", "controlled"])
def test_every_gate_is_pennylanes(name, n_wires, wrapper):
    gate = getattr(qp, name)
    order = list(range(n_wires))[::-1]

    def circuit(inputs, weights):
        for wire in range(n_wires + 1):
            qp.RY(0.4 + 0.3 * wire, wires=wire)
            qp.RZ(inputs[..., wire % 2], wires=wire)
        parameters = [weights[i] * inputs[..., 0] for i in range(gate.num_params)]
        if wrapper == "adjoint":
            qp.adjoint(gate)(*parameters, wires=order)
        elif wrapper == "controlled":
            qp.ctrl(gate, control=n_wires, control_values=0)(*parameters, wires=order)
        else:
            gate(*parameters, wires=order)
        return qp.state()

    x = torch.rand(3, 2, dtype=torch.float64) * 3
    w = torch.rand(4, dtype=torch.float64) * 3
    found = evaluate(traced(circuit, weights=(4,)), x, w)
    torch.testing.assert_close(found, by_pennylane(circuit, x, weights=w), rtol=0, atol=1e-12)


MEASUREMENTS = {
    "probs of two wires": lambda: qp.probs(wires=[2, 0]),
    "probs of all": lambda: qp.probs(),
    "state": lambda: qp.state(),
    "Hamiltonian": lambda: qp.expval(0.5 * qp.Z(0) @ qp.X(1) - 1.5 * qp.Y(2) + 2 * qp.I(0)),
    "Hermitian": lambda: qp.expval(qp.Hermitian(np.array([[1, 2 - 1j], [2 + 1j, -3]]), wires=1)),
    "projector": lambda: qp.expval(qp.Projector([0, 1], wires=[0, 2])),
    "variance": lambda: qp.var(qp.Z(0) @ qp.X(1)),
    "mixture": lambda: [qp.probs(wires=[2, 0]), qp.expval(qp.X(1)), qp.var(0.5 * qp.Z(0) + qp.Y(2)), qp.probs(wires=1)],
    "probs of an observable": lambda: qp.probs(op=qp.X(0) @ qp.Y(2)),
    "several": lambda: [qp.expval(qp.Z(0)), qp.expval(qp.Y(1) @ qp.X(2)), qp.expval(qp.X(0) + qp.Z(1))],
}


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_every_measurement_and_its_gradient_is_pennylanes(name):
    def circuit(inputs, weights):
        qp.AngleEmbedding(inputs, wires=range(3))
        qp.StronglyEntanglingLayers(weights, wires=range(3))
        return MEASUREMENTS[name]()

    x = torch.rand(3, 3, dtype=torch.float64, requires_grad=True)
    w = torch.rand(2, 3, 3, dtype=torch.float64, requires_grad=True)
    found = evaluate(traced(circuit, 3, weights=(2, 3, 3)), x, w)
    wanted = by_pennylane(circuit, x, weights=w)
    torch.testing.assert_close(found, wanted.to(found.dtype), rtol=0, atol=1e-12)
    direction = torch.randn(found.shape, dtype=torch.float64)
    for result in (found, wanted):
        real = torch.view_as_real(result).sum(-1) if result.is_complex() else result
        ours = torch.autograd.grad((real * direction).sum(), (x, w))
        if result is found:
            first = ours
    for a, b in zip(first, ours, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-11)


TEMPLATES = {
    "AmplitudeEmbedding": (8, lambda x, w: qp.AmplitudeEmbedding(x, wires=range(3), normalize=True)),
    "padded amplitudes": (5, lambda x, w: qp.AmplitudeEmbedding(x, wires=[2, 0, 1], normalize=True, pad_with=0.3)),
    "amplitudes on some wires": (2, lambda x, w: qp.AmplitudeEmbedding(x, wires=1, normalize=True)),
    "IQPEmbedding": (3, lambda x, w: qp.IQPEmbedding(x, wires=range(3), n_repeats=2)),
    "QAOAEmbedding": (3, lambda x, w: qp.QAOAEmbedding(x, w[: 2 * 6].reshape(2, 6), wires=range(3))),
    "BasicEntanglerLayers": (3, lambda x, w: qp.BasicEntanglerLayers(w[:6].reshape(2, 3), wires=range(3))),
    "SimplifiedTwoDesign": (
        3,
        lambda x, w: qp.SimplifiedTwoDesign(w[:3], w[3:7].reshape(1, 2, 2), wires=range(3)),
    ),
    "RandomLayers": (3, lambda x, w: qp.RandomLayers(w[:6].reshape(2, 3), wires=range(3), seed=3)),
    "QFT": (3, lambda x, w: qp.QFT(wires=range(3))),
    "tanh": (3, lambda x, w: [qp.RX(torch.tanh(x[..., i]) * w[i], wires=i) for i in range(3)]),
    "PauliRot": (3, lambda x, w: qp.PauliRot(x[..., 0], "XYZ", wires=[2, 1, 0])),
    "unitary": (3, lambda x, w: qp.QubitUnitary(qp.matrix(qp.QFT(wires=[0, 1])), wires=[2, 0])),
    "diagonal": (3, lambda x, w: qp.DiagonalQubitUnitary(np.exp(1j * np.arange(4)), wires=[1, 2])),
    "global phase": (3, lambda x, w: qp.GlobalPhase(x[..., 0])),
    "multi-controlled": (3, lambda x, w: qp.MultiControlledX(wires=[2, 0, 1], control_values=[0, 1])),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_and_its_gradient_is_pennylanes(name):
    n_inputs, apply = TEMPLATES[name]

    def circuit(inputs, weights):
        apply(inputs, weights)
        for wire in range(3):
            qp.Rot(*weights[wire : wire + 3], wires=wire)
        qp.CNOT(wires=[0, 2])
        return [qp.expval(qp.X(wire)) for wire in range(3)]

    x = (torch.rand(4, n_inputs, dtype=torch.float64) + 0.1).requires_grad_()
    w = torch.rand(12, dtype=torch.float64, requires_grad=True)
    found = evaluate(trace(circuit, n_inputs, {"weights": (12,)}, wires=range(3)), x, w)
    wanted = by_pennylane(circuit, x, weights=w)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)
    direction = torch.randn(found.shape, dtype=torch.float64)
    ours = torch.autograd.grad((found * direction).sum(), (x, w), allow_unused=True)
    theirs = torch.autograd.grad((wanted * direction).sum(), (x, w), allow_unused=True)
    for a, b in zip(ours, theirs, strict=True):
        zero = torch.zeros(1, dtype=torch.float64)
        torch.testing.assert_close(
            *torch.broadcast_tensors(a if a is not None else zero, b if b is not None else zero), rtol=0, atol=1e-10
        )


def test_rearranged_and_multiplied_features_need_no_torch_function():
    def circuit(inputs, weights):
        a, b = torch.unbind(inputs.flip(0) if False else inputs, dim=-1)
        qp.RX((np.pi - a) * (np.pi - b), wires=0)
        qp.RY(torch.stack([weights[0] * a + weights[1], b / 2]).sum(), wires=0)
        return qp.expval(qp.Z(0))

    found = traced(circuit, weights=(2,))
    assert found.extra is None
    assert found.program.angles.n_lane == 2


def test_a_clamp_is_not_taken_for_the_line_it_looks_like():
    def circuit(inputs):
        qp.RX(torch.clamp(inputs[..., 0], -1, 1), wires=0)
        return qp.expval(qp.Z(0))

    found = traced(circuit, 1)
    x = torch.tensor([[0.5], [3.0]], dtype=torch.float64)
    torch.testing.assert_close(evaluate(found, x)[:, 0], torch.cos(torch.tensor([0.5, 1.0], dtype=torch.float64)))


def test_a_circuit_written_for_batches_is_traced_on_a_batch_of_one():
    def circuit(inputs, weights):
        qp.RX(inputs[:, 0], wires=0)
        qp.RY(weights[0] * inputs[:, 1], wires=0)
        return qp.expval(qp.Z(0))

    x = torch.rand(4, 2, dtype=torch.float64)
    found = evaluate(traced(circuit, weights=(1,)), x, torch.tensor([0.3], dtype=torch.float64))
    expected = torch.cos(x[:, 0]) * torch.cos(0.3 * x[:, 1])
    torch.testing.assert_close(found[:, 0], expected)


def branching(inputs):
    if inputs[0] > 0.5:
        qp.PauliX(wires=0)
    return qp.expval(qp.Z(0))


def through_numpy(inputs):
    qp.RX(np.sin(inputs.numpy()[0]), wires=0)
    return qp.expval(qp.Z(0))


def matrix_through_numpy(inputs):
    qp.QubitUnitary(qp.RX.compute_matrix(inputs.numpy()[0]), wires=0)
    return qp.expval(qp.Z(0))


def probs_of_an_observable_beside_another(inputs):
    qp.RX(inputs[0], wires=0)
    return qp.probs(op=qp.X(0)), qp.expval(qp.Z(0))


def not_unitary(inputs):
    qp.RX(inputs[0], wires=0)
    qp.Projector([0], wires=0)
    return qp.expval(qp.Z(0))


def in_place(inputs):
    angles = torch.zeros(2, dtype=torch.float64)
    angles[0] = inputs[0]
    qp.RX(angles[0], wires=0)
    return qp.expval(qp.Z(0))


def mid_circuit(inputs):
    qp.RX(inputs[0], wires=0)
    qp.measure(0)
    return qp.expval(qp.Z(0))


def purity(inputs):
    qp.RX(inputs[0], wires=0)
    return qp.purity(wires=[0])


def noisy(inputs):
    qp.RX(inputs[0], wires=0)
    qp.DepolarizingChannel(0.1, wires=0)
    return qp.expval(qp.Z(0))


@pytest.mark.parametrize(
    ("circuit", "message"),
    [
        (branching, "reads the value of an input or weight"),
        (through_numpy, "computed outside torch"),
        (matrix_through_numpy, "gates depend on the values"),
        (probs_of_an_observable_beside_another, "probabilities of an observable beside others"),
        (not_unitary, "Projector is not unitary"),
        (in_place, "changes a tensor in place"),
        (mid_circuit, "operator Mid"),
        (purity, "the measurement is purity"),
        (noisy, "DepolarizingChannel"),
    ],
)
def test_what_cannot_be_traced_is_refused_by_name(circuit, message):
    with pytest.raises(NotTraceableError, match=message):
        traced(circuit)


def test_an_error_of_the_circuit_itself_says_what_it_was_given():
    def circuit(inputs):
        qp.AngleEmbedding(inputs, wires=range(1))
        return qp.expval(qp.Z(0))

    with pytest.raises(CircuitError, match="the circuit failed on one sample of 2 features"):
        traced(circuit)


def test_a_wire_that_the_device_lacks_is_named():
    def circuit(inputs):
        qp.RX(inputs[0], wires=5)
        return qp.expval(qp.Z(5))

    with pytest.raises(CircuitError, match="wire 5, which is not among its wires"):
        trace(circuit, 1, {}, wires=[0, 1])
