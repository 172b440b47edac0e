"""A circuit's spectrum against the Fourier transform of its outputs, and against sums written out."""

from itertools import product

import numpy as np
import pennylane as qp
import pytest
import torch

from qml.circuits import EmbeddingCircuit, ReuploadingCircuit
from qml.errors import CircuitError
from qml.nn import QuantumLayer, spectrum

N = 16


def fourier(layer, period=2 * np.pi):
    """Frequencies (in units of 2π/period) at which the first output of a layer of two inputs has weight."""
    grid = np.arange(N) * period / N
    x = torch.tensor(list(product(grid, grid)))
    values = layer(x).detach().reshape(N * N, -1)[:, 0].numpy().reshape(N, N)
    strength = np.abs(np.fft.fft2(values)) / N**2
    index = np.fft.fftfreq(N, 1 / N) * 2 * np.pi / period
    return {(index[i], index[j]) for i, j in np.argwhere(strength > 1e-6)}


def reached(layer):
    found = {tuple(v) for v in spectrum(layer).vectors(2)}
    return found | {tuple(-w for w in v) for v in found} | {(0.0, 0.0)}


def uploads(inputs, weights):
    for layer in range(2):
        qp.RX(inputs[..., 0], wires=0)
        qp.RY(2 * inputs[..., 1] / (1 + layer), wires=1)
        qp.StronglyEntanglingLayers(weights[layer][None], wires=[0, 1])
    return [qp.expval(qp.Z(0) @ qp.Y(1))]


def controlled(inputs, weights):
    qp.Hadamard(0)
    qp.RY(weights[0], wires=1)
    qp.CRX(inputs[..., 0], wires=[0, 1])
    qp.ControlledPhaseShift(inputs[..., 1], wires=[0, 1])
    qp.IsingXX(inputs[..., 0] + inputs[..., 1], wires=[0, 1])
    qp.RY(weights[1], wires=0)
    return [qp.expval(qp.Z(0) @ qp.X(1))]


@pytest.mark.parametrize(
    ("circuit", "shapes", "period"),
    [(uploads, {"weights": (2, 2, 3)}, 2 * np.pi), (controlled, {"weights": (2,)}, 4 * np.pi)],
)
def test_the_outputs_have_no_frequency_outside(circuit, shapes, period):
    layer = QuantumLayer(circuit, shapes, n_inputs=2, generator=torch.Generator().manual_seed(3))
    seen, allowed = fourier(layer, period), reached(layer)
    assert len(seen) > 5
    assert seen <= allowed
    assert max(w[0] for w in seen) == max(w[0] for w in allowed)  # and the outermost one is there


def test_uploads_add_up_and_scalings_stretch():
    layer = QuantumLayer(uploads, {"weights": (2, 2, 3)}, n_inputs=2)
    assert [m.tolist() for m in spectrum(layer).multiples] == [[-2, -1, 0, 1, 2], [-3, -2, -1, 0, 1, 2, 3]]


def test_trained_scalings_move_the_frequencies():
    layer = QuantumLayer.from_circuit(ReuploadingCircuit(1, 2))
    with torch.no_grad():
        layer.scalings.copy_(torch.tensor([[0.5], [2.0]]))
    moved, nominal = spectrum(layer), spectrum(layer, nominal=True)
    assert moved.multiples[0].tolist() == [-2.5, -2, -1.5, -0.5, 0, 0.5, 1.5, 2, 2.5]
    assert nominal.multiples[0].tolist() == [-2, -1, 0, 1, 2]
    assert moved.is_trained


def test_a_quantum_kernel_lies_in_the_span_of_its_product_phases():
    rng = np.random.default_rng(0)
    layer = QuantumLayer.from_circuit(EmbeddingCircuit("havlicek", 2))
    x = rng.uniform(0, 2 * np.pi, (400, 2))
    states = layer(torch.tensor(x)).numpy()
    target = np.abs(states @ states[0].conj()) ** 2
    reach = spectrum(layer)
    phases = reach.angles(torch.tensor(x)).numpy()
    by_hand = np.stack([x[:, 0], x[:, 1], (np.pi - x[:, 0]) * (np.pi - x[:, 1]) - np.pi**2], axis=1)
    np.testing.assert_allclose(phases, by_hand, atol=1e-7)
    for columns, inside in ((slice(None), True), (slice(2), False)):  # without the product phase it does not
        waves = phases[:, columns] @ np.unique(reach.frequencies()[:, columns], axis=0).T
        design = np.hstack([np.ones((400, 1)), np.cos(waves), np.sin(waves)])
        fitted = design @ np.linalg.lstsq(design, target, rcond=None)[0]
        assert (np.abs(fitted - target).max() < 1e-6) == inside


def test_the_kernel_is_the_mean_over_all_frequencies():
    reach = spectrum(QuantumLayer(uploads, {"weights": (2, 2, 3)}, n_inputs=2))
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(3, 2)), rng.normal(size=(4, 2))
    lattice = list(product(range(-2, 3), range(-3, 4)))
    by_hand = np.mean([np.cos(0.7 * ((x @ w)[:, None] - (z @ w)[None])) for w in map(np.array, lattice)], axis=0)
    np.testing.assert_allclose(reach.kernel(x, z, scale=0.7), by_hand, atol=1e-12)


def test_too_many_frequencies_are_drawn_with_a_seed():
    reach = spectrum(QuantumLayer.from_circuit(ReuploadingCircuit(6, 3)), nominal=True)
    assert reach.size == 7**6
    drawn = reach.frequencies(limit=500, seed=1)
    assert drawn.shape == (500, 6)
    assert len(np.unique(drawn, axis=0)) == 500
    assert np.array_equal(drawn, reach.frequencies(limit=500, seed=1))
    assert not np.array_equal(drawn, reach.frequencies(limit=500, seed=2))
    assert np.abs(drawn).max() == 3
    assert len(spectrum(QuantumLayer.from_circuit(ReuploadingCircuit(2, 3)), nominal=True).frequencies()) == 24


def test_an_angle_that_is_no_polynomial_is_a_phase_of_its_own():
    def circuit(inputs):
        qp.RX(torch.tanh(inputs[..., 0]), wires=0)
        return qp.expval(qp.Z(0))

    reach = spectrum(QuantumLayer(circuit, {}, n_inputs=1))
    assert reach.angles(torch.tensor([[0.5]], dtype=torch.float64)).item() == pytest.approx(np.tanh(0.5))
    with pytest.raises(CircuitError, match="not linear in the inputs"):
        reach.vectors(1)


def test_amplitudes_have_no_spectrum():
    with pytest.raises(CircuitError, match=r"encodes features as amplitudes.*polynomial kernel of degree two"):
        spectrum(QuantumLayer.from_names(n_wires=2, encoding="amplitude"))
