"""Trained modules and kernels under shots and noise."""

import math

import numpy as np
import pennylane as qp
import pytest
import torch
from torch import nn

from qml.circuits import OverlapCircuit
from qml.errors import CircuitError
from qml.nn import FidelityKernel, QuantumLayer, with_backend
from qml.simulators import NoiseModel

NOISE = NoiseModel.depolarizing(one_wire=0.02, two_wire=0.05)
X = torch.tensor([[0.3, 1.1], [2.0, -0.4], [1.0, 1.0]], dtype=torch.float64)


def hybrid():
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(2, 2), QuantumLayer.from_names(n_wires=2), nn.Linear(2, 1)).double()


def test_noise_alone_is_what_a_noisy_layer_with_these_weights_computes():
    model = hybrid()
    noisy = QuantumLayer.from_names(n_wires=2, noise=NOISE).double()
    noisy.load_state_dict(model[1].state_dict())
    wanted = model[2](noisy(model[0](X)))
    torch.testing.assert_close(with_backend(model, noise=NOISE)(X), wanted, rtol=0, atol=1e-14)


def test_the_original_is_left_as_it_is():
    model = hybrid()
    before = model(X)
    changed = with_backend(model, shots=5, noise=NOISE)
    assert torch.equal(model(X), before)
    assert (model[1].shots, model[1].noise) == (None, None)
    assert (changed[1].shots, changed[1].noise) == (5, NOISE)
    with torch.no_grad():
        assert not torch.equal(changed(X), before)
    torch.testing.assert_close(with_backend(changed)(X), before, rtol=0, atol=0)


def test_shots_alone_keep_their_gradient():
    with_backend(hybrid(), shots=100)(X).sum().backward()


def test_all_layers_draw_from_one_generator():
    layer = QuantumLayer.from_names(n_wires=2)
    model = nn.Sequential(layer, layer)
    draws = []
    for _ in range(2):
        source = torch.Generator().manual_seed(1)
        with torch.no_grad():
            draws.append(with_backend(model, shots=10, noise=NOISE, shot_generator=source)(X))
    assert torch.equal(*draws)


def test_what_cannot_be_changed_is_refused():
    with pytest.raises(CircuitError, match="Linear holds no quantum layer, so shots and noise change nothing in it"):
        with_backend(nn.Linear(2, 2), shots=10)
    with pytest.raises(CircuitError, match="shots must be an int of at least 1"):
        with_backend(hybrid(), shots=0)
    bound = QuantumLayer.from_names(n_wires=2, backend="pennylane")
    with pytest.raises(CircuitError, match="backend 'pennylane' has no noise"):
        bound.with_backend(noise=NOISE)


# Kernels.


def device_entry(x, z, noise):
    """One entry on default.mixed, with a channel after every gate of the decomposed circuit."""
    circuit = OverlapCircuit("havlicek", 2)
    tape = qp.tape.make_qscript(circuit)(torch.cat([x, z]).numpy())
    (tape,), _ = qp.transforms.decompose(tape, stopping_condition=lambda op: len(op.wires) <= 2 and op.has_matrix)
    operations = []
    for op in tape.operations:
        operations.append(op)
        p = 0.02 if len(op.wires) == 1 else 0.05
        operations += [qp.DepolarizingChannel(p, wires=w) for w in op.wires] if noise else []
    script = qp.tape.QuantumScript(operations, [qp.probs(wires=[0, 1])])
    return float(qp.device("default.mixed", wires=2).execute(script)[0])


def test_a_noisy_entry_is_the_frequency_of_all_zeros_on_default_mixed():
    kernel = FidelityKernel("havlicek", 2, noise=NOISE)
    found = kernel(X, X[:2])
    assert found.shape == (3, 2)
    wanted = [[device_entry(x, z, noise=True) for z in X[:2]] for x in X]
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-10)
    assert found[0, 0] < 0.9


def test_no_noise_is_the_kernel_of_states():
    exact = FidelityKernel("havlicek", 2, scaling=0.7)(X, X)
    quiet = FidelityKernel("havlicek", 2, scaling=0.7, noise=NoiseModel())(X, X)
    torch.testing.assert_close(quiet, exact, rtol=0, atol=1e-10)


def test_entries_are_frequencies_around_the_exact_ones():
    many = X[:1].repeat(4000, 1)
    exact = float(FidelityKernel("havlicek", 2)(X[:1], X[1:2]))
    source = torch.Generator().manual_seed(0)
    found = FidelityKernel("havlicek", 2, shots=50, shot_generator=source)(many, X[1:2]).numpy()
    np.testing.assert_allclose(found * 50, np.round(found * 50), atol=1e-9)
    spread = math.sqrt(exact * (1 - exact) / 50)
    assert abs(found.mean() - exact) < 5 * spread / math.sqrt(4000)
    assert found.std() == pytest.approx(spread, rel=5 / math.sqrt(8000))


def test_estimates_have_no_gradient():
    with pytest.raises(CircuitError, match="estimated from shots=10 has no gradient"):
        FidelityKernel("havlicek", 2, shots=10)(X.clone().requires_grad_(), X)
