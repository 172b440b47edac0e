"""The torch engine against the dense oracle, and against the CPU engine, to second order."""

import copy

import numpy as np
import pennylane as qp
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_circuits import N_INPUTS, N_WEIGHTS, circuits

from qml.simulators import StatevectorRunner, TorchEngine, TorchRunner, reference, trace

TOLERANCE = {torch.float32: 2e-5, torch.float64: 1e-10}
quiet = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def draw(seed, n_samples, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(n_samples, N_INPUTS, generator=generator, dtype=torch.float64) * 4 - 2
    w = torch.rand(N_WEIGHTS, generator=generator, dtype=torch.float64) * 4 - 2
    return x.to(dtype).requires_grad_(), w.to(dtype).requires_grad_()


@quiet
@given(circuits(), st.sampled_from([0, 1, 3]), st.integers(0, 2**16))
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_values_equal_the_dense_oracle(dtype, circuit, n_samples, seed):
    x, w = draw(seed, n_samples, dtype)
    found = TorchRunner(trace(circuit, N_INPUTS, {"weights": (N_WEIGHTS,)}))(x, {"weights": w})
    wanted = np.zeros((n_samples, len(circuit.words)))
    for row, sample in zip(wanted, x.detach().double().numpy(), strict=True):
        state = reference.run(circuit.operations(sample, w.detach().double().numpy()), circuit.n_wires)
        row[:] = [reference.expval(state, dict(word)) for word in circuit.words]
    assert found.dtype == dtype
    np.testing.assert_allclose(found.detach().numpy(), wanted, rtol=0, atol=TOLERANCE[dtype])


@quiet
@given(circuits(), st.sampled_from([0, 1, 5]), st.integers(0, 2**16))
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_gradients_equal_those_of_the_cpu_engine(dtype, circuit, n_samples, seed):
    traced = trace(circuit, N_INPUTS, {"weights": (N_WEIGHTS,)})
    x, w = draw(seed, n_samples, dtype)
    results = []
    for runner in (TorchRunner(traced), StatevectorRunner(traced, 1)):
        out = runner(x, {"weights": w})
        gradients = torch.autograd.grad(out.sin().sum() + 0 * (x.sum() + w.sum()), (x, w))
        results.append((out, *gradients))
    for found, wanted in zip(*results, strict=True):
        torch.testing.assert_close(found, wanted, rtol=0, atol=20 * TOLERANCE[dtype])


@settings(quiet, max_examples=10)
@given(circuits(max_wires=3, max_gates=6), st.integers(0, 2**16))
def test_the_cpu_engine_is_right_to_second_order(circuit, seed):
    runner = StatevectorRunner(trace(circuit, N_INPUTS, {"weights": (N_WEIGHTS,)}), 1)
    x, w = draw(seed, 2)
    assert torch.autograd.gradgradcheck(lambda x, w: runner(x, {"weights": w}), (x, w))


@settings(quiet, max_examples=10)
@given(circuits(max_wires=3, max_gates=8), st.integers(0, 2**16))
def test_second_derivatives_equal_those_of_the_torch_engine_alone(circuit, seed):
    traced = trace(circuit, N_INPUTS, {"weights": (N_WEIGHTS,)})
    x, w = draw(seed, 2)
    hessians = [
        torch.autograd.functional.hessian(lambda x, w, run=runner: run(x, {"weights": w}).sin().sum(), (x, w))
        for runner in (TorchRunner(traced), StatevectorRunner(traced, 1))
    ]
    for found, wanted in zip(hessians[0], hessians[1], strict=True):
        torch.testing.assert_close(found, wanted, rtol=0, atol=1e-9)


def controlled(inputs, weights):
    """Every opcode: controls of both values, parities, dense gates, permutations, constants, a phase."""
    qp.Hadamard(0)
    qp.Hadamard(2)
    qp.ctrl(qp.Rot(inputs[0], weights[0], weights[1], wires=1), control=[0, 2], control_values=[0, 1])
    qp.ctrl(qp.S(2), control=1, control_values=[False])
    qp.MultiRZ(weights[2] * inputs[1], wires=[0, 1, 2])
    qp.MultiRZ(weights[2], wires=[0, 2])
    qp.QubitUnitary(np.asarray(reference.gate("ISWAP")), wires=[2, 0])
    qp.ISWAP([0, 1])
    qp.QFT(wires=[1, 0, 2])
    qp.PhaseShift(torch.tanh(inputs[2]), wires=1)
    qp.Toffoli([2, 0, 1])
    qp.GlobalPhase(weights[3])


def amplitudes(inputs, weights):
    qp.AmplitudeEmbedding(inputs, wires=[2, 0], normalize=True, pad_with=0.3)
    qp.CRX(weights[0], wires=[0, 1])
    qp.Rot(weights[1], weights[2], weights[3], wires=2)
    qp.CNOT([2, 1])


HAMILTONIAN = qp.Hamiltonian([0.5, -1.5, 0.25, 2.0], [qp.X(0) @ qp.Y(1), qp.Z(2), qp.X(0) @ qp.X(1), qp.Y(0)])
MATRIX = np.array([[0.5, 1 - 0.5j, 0, 0.3j], [1 + 0.5j, 2, 0.1, 0], [0, 0.1, -1, 0], [-0.3j, 0, 0, 0.2]])
MEASUREMENTS = {
    "several": lambda: [qp.expval(HAMILTONIAN), qp.expval(qp.Hermitian(MATRIX, wires=[2, 0])), qp.expval(qp.Z(0))],
    "one": lambda: qp.expval(HAMILTONIAN),
    "probs": lambda: qp.probs(wires=[2, 0]),
    "all probs": lambda: qp.probs(),
    "state": lambda: qp.state(),
    "mixed": lambda: [qp.probs(wires=[1]), qp.var(qp.X(0) @ qp.Y(1)), qp.expval(HAMILTONIAN)],
}


def on(gates, measurement):
    def circuit(inputs, weights):
        gates(inputs, weights)
        return MEASUREMENTS[measurement]()

    return circuit


@pytest.mark.parametrize("measurement", MEASUREMENTS)
@pytest.mark.parametrize("gates", [controlled, amplitudes])
def test_every_opcode_and_measurement_equals_default_qubit(gates, measurement):
    circuit = on(gates, measurement)
    x, w = draw(3, 2)
    found = TorchRunner(trace(circuit, N_INPUTS, {"weights": (N_WEIGHTS,)}, wires=[0, 1, 2]))(x, {"weights": w})
    qnode = qp.QNode(circuit, qp.device("default.qubit", wires=3), interface="torch")
    rows = [qnode(inputs=row, weights=w) for row in x]
    joined = [torch.cat([p.reshape(-1) for p in row]) if isinstance(row, (list, tuple)) else row for row in rows]
    wanted = torch.stack(joined)
    torch.testing.assert_close(found, wanted.to(found.dtype), rtol=0, atol=1e-12)


@pytest.mark.parametrize("measurement", MEASUREMENTS)
@pytest.mark.parametrize("gates", [controlled, amplitudes])
def test_every_opcode_and_measurement_is_right_to_second_order_on_both_engines(gates, measurement):
    traced = trace(on(gates, measurement), N_INPUTS, {"weights": (N_WEIGHTS,)}, wires=[0, 1, 2])
    x, w = draw(4, 2)
    for runner in (StatevectorRunner(traced, 1), TorchRunner(traced)):
        assert torch.autograd.gradcheck(lambda x, w, run=runner: run(x, {"weights": w}), (x, w))
        assert torch.autograd.gradgradcheck(lambda x, w, run=runner: run(x, {"weights": w}), (x, w))


def test_third_derivatives_come_from_the_torch_engine_too():
    def circuit(inputs, weights):
        qp.RX(inputs[0], wires=0)
        return qp.expval(qp.Z(0))

    runner = StatevectorRunner(trace(circuit, 1, {"weights": (1,)}), 1)
    x = torch.tensor([[0.7]], dtype=torch.float64, requires_grad=True)
    value = runner(x, {"weights": torch.zeros(1, dtype=torch.float64)})
    for wanted in (-x.sin(), -x.cos(), x.sin()):  # of cos(x)
        (value,) = torch.autograd.grad(value.sum(), x, create_graph=True)
        torch.testing.assert_close(value, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("measurement", MEASUREMENTS)
@pytest.mark.parametrize("gates", [controlled, amplitudes])
def test_nothing_is_left_on_the_cpu(gates, measurement):
    """The meta device refuses to mix, as a GPU does."""
    traced = trace(on(gates, measurement), N_INPUTS, {"weights": (N_WEIGHTS,)}, wires=[0, 1, 2])
    runner = TorchRunner(traced)
    wanted = runner(*given_on("cpu"))
    x, weights = given_on("meta")
    out = runner(x, weights)
    assert (out.device.type, out.shape, out.dtype) == ("meta", wanted.shape, wanted.dtype)
    out.abs().sum().backward()
    assert x.grad.shape == x.shape


def given_on(device):
    x = torch.full((2, N_INPUTS), 0.5, device=device, requires_grad=True)
    return x, {"weights": torch.full((N_WEIGHTS,), 0.5, device=device)}


@pytest.mark.gpu
@pytest.mark.parametrize("measurement", MEASUREMENTS)
@pytest.mark.parametrize("gates", [controlled, amplitudes])
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_a_gpu_gives_the_values_and_gradients_of_the_cpu_engine(dtype, gates, measurement):
    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA device")
    traced = trace(on(gates, measurement), N_INPUTS, {"weights": (N_WEIGHTS,)}, wires=[0, 1, 2])
    results = []
    for runner, device in ((StatevectorRunner(traced, 1), "cpu"), (TorchRunner(traced), "cuda")):
        x, w = (value.detach().to(device).requires_grad_() for value in draw(5, 33, dtype))
        out = runner(x, {"weights": w})
        results.append([out, *torch.autograd.grad(out.abs().square().sum(), (x, w))])
    for found, wanted in zip(*results, strict=True):
        torch.testing.assert_close(found, wanted.cpu(), rtol=0, atol=20 * TOLERANCE[dtype])


def test_a_program_without_gates_or_weights():
    def circuit(inputs):
        qp.Identity(0)
        return qp.expval(qp.Z(0)), qp.expval(qp.X(0))

    traced = trace(circuit, 2, {})
    for runner in (TorchRunner(traced), StatevectorRunner(traced, 1)):
        assert runner(torch.rand(3, 2), {}).tolist() == [[1, 0]] * 3


def test_weights_per_sample_are_the_same_circuit():
    traced = trace(on(controlled, "several"), N_INPUTS, {"weights": (N_WEIGHTS,)}, wires=[0, 1, 2])
    program = traced.program
    before = copy.deepcopy(program.angles.lane)
    x, w = draw(6, 4)
    variables, _ = traced.variables(x, [w])
    wide = torch.cat([variables, w.expand(4, -1)], dim=1)
    moved = TorchEngine(program.with_weights_per_sample())(wide, w[:0])
    torch.testing.assert_close(moved, TorchEngine(program)(variables, w), rtol=0, atol=1e-13)
    np.testing.assert_array_equal(program.angles.lane, before)
