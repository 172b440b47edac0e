"""Gradient variance, expressibility, entanglement, spectrum and effective dimension against known values."""

import numpy as np
import pennylane as qp
import pytest
import torch

from qml.circuits import EmbeddingCircuit
from qml.diagnostics import (
    bind,
    divergence_from_haar,
    effective_dimension,
    entangling_capability,
    expressibility,
    fisher_information,
    fourier_coefficients,
    gradient_variance,
    meyer_wallach,
    two_design_gradient_variance,
)
from qml.errors import CircuitError
from qml.nn import QuantumLayer
from qml.simulators import reference
from qml.tasks.ad_hoc import haar_unitary


def one_rotation(inputs, weights):
    qp.RX(weights[0], wires=0)
    qp.RZ(weights[1], wires=0)
    return qp.expval(qp.Z(0))


def bound(function, n_weights, rows=((0.0,),)):
    return bind(QuantumLayer(function, {"weights": n_weights}), rows)


def test_the_gradient_of_a_cosine_has_variance_one_half():
    variance = gradient_variance(bound(one_rotation, 2), n_draws=1000)
    assert variance[0] == pytest.approx(0.5, abs=0.05)  # of sin; its sampling error is about 0.011
    assert variance[1] == pytest.approx(0, abs=1e-20)


def test_the_two_design_value_is_that_of_haar_random_circuits():
    """d⟨Z0⟩/dθ of V exp(-iθ X0/2) W with V and W Haar-random, by parameter shift on dense matrices."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(4000):
        v, w = haar_unitary(rng, 4), haar_unitary(rng, 4)
        states = [v @ np.kron(reference.rotation("X", a), np.eye(2)) @ w[:, 0] for a in (np.pi / 2, -np.pi / 2)]
        plus, minus = (reference.expval(state, {0: "Z"}) for state in states)
        found.append((plus - minus) / 2)
    assert two_design_gradient_variance(2) == pytest.approx(16 / (2 * 15 * 5))
    assert np.var(found) == pytest.approx(two_design_gradient_variance(2), rel=0.1)


def test_a_deep_circuit_is_on_the_plateau():
    layer = QuantumLayer.from_names(n_wires=4, n_layers=8)
    variance = gradient_variance(bind(layer, np.zeros((1, 4))), n_draws=300)
    middle = variance[4 * 12 : 5 * 12].mean()
    assert middle == pytest.approx(two_design_gradient_variance(4), rel=0.5)


def test_an_idle_circuit_and_haar_states_are_the_limits_of_expressibility():
    def idle(inputs):
        qp.RZ(inputs[..., 0], wires=0)
        qp.Identity(wires=1)
        return qp.expval(qp.Z(0) @ qp.Z(1))

    assert expressibility(bind(QuantumLayer(idle, {}), [[0.1], [0.2]]), n_pairs=10) == pytest.approx(3 * np.log(75))
    rng = np.random.default_rng(1)
    states = np.array([haar_unitary(rng, 4)[:, 0] for _ in range(4000)])
    fidelities = np.abs((states[::2].conj() * states[1::2]).sum(axis=1)) ** 2
    assert divergence_from_haar(fidelities, 2) < 0.05  # about (bins - 1) / (2 pairs) = 0.02


def test_expressibility_of_one_circuit_from_the_paper():
    """Sim et al. 2019, figure 1: H then RZ on one qubit has about 0.22, and H, RZ, RX about 0.02."""

    def meridian(inputs, weights):
        qp.Hadamard(wires=0)
        qp.RZ(weights[0], wires=0)
        return qp.expval(qp.Z(0))

    def sphere(inputs, weights):
        qp.Hadamard(wires=0)
        qp.RZ(weights[0], wires=0)
        qp.RX(weights[1], wires=0)
        return qp.expval(qp.Z(0))

    assert expressibility(bound(meridian, (1,)), n_pairs=2000) == pytest.approx(0.22, abs=0.06)
    assert expressibility(bound(sphere, 2), n_pairs=2000) == pytest.approx(0.02, abs=0.03)


def test_meyer_wallach_of_textbook_states():
    ghz = np.zeros(16)
    ghz[[0, -1]] = 1 / np.sqrt(2)
    w_state = np.zeros(8)
    w_state[[1, 2, 4]] = 1 / np.sqrt(3)
    assert meyer_wallach(ghz) == pytest.approx(1)
    assert meyer_wallach(np.kron([1, 0], [0.6, 0.8])) == pytest.approx(0)
    assert meyer_wallach(w_state) == pytest.approx(8 / 9)  # 4 (n - 1) / n²
    assert meyer_wallach(np.stack([ghz, np.eye(16)[3]])).shape == (2,)


def test_a_separable_circuit_entangles_nothing_and_haar_states_much():
    rows = np.zeros((1, 3))
    assert entangling_capability(bind(QuantumLayer.from_names(n_wires=3, ansatz="product"), rows)) == pytest.approx(0)
    deep = entangling_capability(bind(QuantumLayer.from_names(n_wires=3, n_layers=6), rows))
    assert deep == pytest.approx((8 - 2) / (8 + 1), abs=0.05)  # Haar mean (N - 2) / (N + 1)


def test_the_spectrum_of_two_uploads():
    def circuit(x):
        qp.RX(x[0], wires=0)
        qp.RY(0.3, wires=0)
        qp.RX(x[0], wires=0)
        qp.RX(x[1], wires=1)
        qp.CNOT(wires=[0, 1])
        return qp.expval(qp.Z(1))

    qnode = qp.QNode(circuit, qp.device("default.qubit"))
    expected = qp.fourier.coefficients(qnode, 2, (2, 1))
    layer = QuantumLayer(lambda inputs: circuit(inputs), {})
    found = fourier_coefficients(lambda x: layer(torch.tensor(x)).detach().numpy(), 2, 2)
    assert found.shape == (5, 5)
    np.testing.assert_allclose(found[:, 1:4], np.fft.fftshift(expected), atol=1e-9)
    np.testing.assert_allclose(found[:, [0, 4]], 0, atol=1e-9)


def test_too_large_a_grid_is_told():
    with pytest.raises(CircuitError, match=r"take 9\*\*8 points, more than 2,000,000"):
        fourier_coefficients(lambda x: x[:, 0], 8, 4)


def test_the_fisher_information_of_a_rotation_is_one():
    fishers = fisher_information(bound(one_rotation, 2), n_draws=5)
    for matrix in fishers:  # p = cos²(θ/2): F = 1 for every θ, and RZ does nothing
        np.testing.assert_allclose(matrix, [[1, 0], [0, 0]], atol=1e-8)


def test_effective_dimension_by_hand():
    n, kappa = 1000, 1000 / (2 * np.pi * np.log(1000))
    assert effective_dimension(np.array([np.eye(3)]), n) == pytest.approx(3 * np.log(1 + kappa) / np.log(kappa))
    # one weight of two matters: scaled to a trace of two
    half = np.diag([1.0, 0.0])
    assert effective_dimension(np.array([half]), n) == pytest.approx(np.log(1 + 2 * kappa) / np.log(kappa))
    mixed = np.array([np.diag([1.0, 0.0]), np.diag([1.0, 2.0])])  # mean trace 2: as it is
    mean = (np.sqrt(1 + kappa) + np.sqrt((1 + kappa) * (1 + 2 * kappa))) / 2
    assert effective_dimension(mixed, n) == pytest.approx(2 * np.log(mean) / np.log(kappa))


def test_what_has_no_effective_dimension_is_told():
    with pytest.raises(CircuitError, match=r"above 1; n_samples=2 and gamma=1 give 0.46"):
        effective_dimension(np.eye(2)[None], 2)
    with pytest.raises(CircuitError, match="no weight changes what is measured"):
        effective_dimension(np.zeros((1, 2, 2)), 1000)
    with pytest.raises(CircuitError, match="one expectation value or probabilities"):
        fisher_information(bind(QuantumLayer.from_names(n_wires=2), [[0.0, 0.0]]))
    with pytest.raises(CircuitError, match="needs trained weights and measured values"):
        gradient_variance(bind(QuantumLayer.from_circuit(EmbeddingCircuit("angle", 1)), [[0.0]]))
