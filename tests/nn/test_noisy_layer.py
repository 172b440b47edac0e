"""``QuantumLayer(..., noise=...)`` from the outside."""

import copy
import pickle
import warnings

import pennylane as qp
import pytest
import torch

from qml.circuits import compose
from qml.errors import CircuitError
from qml.nn import QuantumLayer
from qml.simulators import Channel, NoiseModel

NOISE = NoiseModel.depolarizing(one_wire=0.01, two_wire=0.03, readout=0.02)


def module_level(inputs, weights):
    qp.AngleEmbedding(inputs, wires=range(2))
    qp.StronglyEntanglingLayers(weights, wires=range(2))
    return [qp.expval(qp.Z(0)), qp.expval(qp.Z(1))]


def layer(noise=NOISE, circuit=module_level, **options):
    return QuantumLayer(circuit, {"weights": (2, 2, 3)}, noise=noise, **options)


def test_noise_shrinks_what_is_measured():
    quiet, noisy = layer(None), layer()
    noisy.load_state_dict(quiet.state_dict())
    x = torch.rand(50, 2)
    assert noisy(x).abs().mean() < 0.95 * quiet(x).abs().mean()
    assert not torch.equal(noisy(x), quiet(x))


def test_noise_of_strength_zero_changes_nothing():
    quiet, noisy = layer(None), layer(NoiseModel.depolarizing(0.0, 0.0))
    noisy.load_state_dict(quiet.state_dict())
    x = torch.rand(5, 2, dtype=torch.float64)
    torch.testing.assert_close(noisy(x), quiet(x), rtol=0, atol=1e-10)


@pytest.mark.parametrize("shape", [(2,), (0, 2), (1, 2), (33, 2), (3, 4, 2)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_any_leading_dimensions(shape, dtype):
    noisy = layer()
    x = torch.rand(shape, dtype=dtype, requires_grad=True)
    out = noisy(x)
    assert out.shape == (*shape[:-1], 2)
    assert out.dtype == dtype
    out.sum().backward()
    assert x.grad.shape == x.shape
    assert noisy.weights.grad.shape == noisy.weights.shape


def test_a_batch_equals_its_samples_one_by_one():
    noisy = layer()
    x = torch.rand(20, 2, dtype=torch.float64)
    torch.testing.assert_close(noisy(x), torch.stack([noisy(row) for row in x]), rtol=0, atol=1e-14)


def test_gradcheck():
    noisy = layer(NoiseModel.amplitude_damping(0.1, 0.2, readout=(0.1, 0.2))).double()
    x = torch.rand(3, 2, dtype=torch.float64, requires_grad=True)

    def function(inputs, weights):
        return torch.func.functional_call(noisy, {"weights": weights}, (inputs,))

    assert torch.autograd.gradcheck(function, (x, noisy.weights))


def test_a_noisy_layer_learns():
    torch.manual_seed(0)
    noisy = layer()
    x = torch.rand(40, 2)
    target = (x.sum(1) > 1).float() * 2 - 1
    optimizer = torch.optim.Adam(noisy.parameters(), lr=0.1)
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = (noisy(x)[:, 0] - target).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]


def test_copies_and_pickles_keep_their_noise():
    noisy = layer(n_inputs=2)
    x = torch.rand(4, 2)
    for other in (copy.deepcopy(noisy), pickle.loads(pickle.dumps(noisy))):
        assert other.noise == NOISE
        assert torch.equal(other(x), noisy(x))


def test_declared_circuits_keep_noisy_and_quiet_programs_apart():
    circuit = compose(encoding="angle", ansatz="strongly-entangling", n_wires=3, n_layers=1, reupload=False)
    quiet, noisy = QuantumLayer.from_circuit(circuit), QuantumLayer.from_circuit(circuit, noise=NOISE)
    noisy.load_state_dict(quiet.state_dict())
    x = torch.rand(4, 3)
    assert not torch.allclose(quiet(x), noisy(x))
    assert "noise" in repr(noisy)
    assert "noise" not in repr(quiet)


@pytest.mark.parametrize("device", ["default.qubit", "default.mixed"])
def test_a_qnode_runs_under_noise(device):
    qnode = qp.QNode(module_level, qp.device(device, wires=2))
    noisy, plain = layer(circuit=qnode), layer()
    noisy.load_state_dict(plain.state_dict())
    x = torch.rand(4, 2)
    assert torch.equal(noisy(x), plain(x))


@pytest.mark.parametrize("backend", ["statevector", "pennylane", "pennylane:lightning.qubit"])
def test_engines_without_noise_refuse_it(backend):
    with pytest.raises(CircuitError, match=f"backend '{backend}' has no noise; use backend='auto'"):
        layer(backend=backend)


def test_anything_but_a_noise_model_is_refused():
    with pytest.raises(CircuitError, match=r"noise must be a NoiseModel, such as .*; got float"):
        layer(0.01)
    with pytest.raises(CircuitError, match=r"noise must be a NoiseModel, .*; got Channel"):
        layer(Channel.depolarizing(0.1))


def test_a_circuit_that_would_fall_back_is_refused_with_the_reason():
    def circuit(inputs, weights):
        qp.RX(inputs[0], wires=0)
        qp.measure(0)
        qp.RY(weights[0, 0, 0], wires=1)
        return qp.expval(qp.Z(1))

    with pytest.raises(CircuitError, match=r"this circuit cannot run with noise: .*\. Rewrite it, or leave noise out"):
        layer(circuit=circuit)(torch.rand(2, 1))


def test_a_trainable_channel_is_refused_with_the_reason():
    def circuit(inputs, weights):
        qp.RX(inputs[0], wires=0)
        qp.DepolarizingChannel(weights[0, 0, 0], wires=0)
        return qp.expval(qp.Z(0))

    with pytest.raises(CircuitError, match="the parameter of the channel DepolarizingChannel is an input or a weight"):
        layer(circuit=circuit)(torch.rand(2, 1))


def test_nine_wires_are_refused_with_the_bytes():
    with pytest.raises(CircuitError, match=r"up to 8 wires; this circuit has at least 9.* bytes, and .* are free here"):
        QuantumLayer.from_names(n_wires=9, noise=NOISE)


def test_far_too_many_wires_are_refused_before_they_fill_the_memory():
    def circuit(inputs):
        for wire in range(40):
            qp.RX(inputs[0], wires=wire)
        return [qp.expval(qp.Z(wire)) for wire in range(40)]

    with pytest.raises(CircuitError, match="noise needs a density matrix"):
        QuantumLayer(circuit, {}, n_inputs=1, noise=NOISE)


def test_a_model_that_reaches_no_gate_says_so():
    noise = NoiseModel(gates={"SX": Channel.depolarizing(0.1)})
    with pytest.warns(UserWarning, match=r"reaches no gate of this circuit: it names SX, and the circuit is made of"):
        layer(noise)(torch.rand(1, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layer(NoiseModel(gates={"Rot": Channel.depolarizing(0.1)}))(torch.rand(1, 2))
