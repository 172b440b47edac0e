"""Shots under noise against the dense oracle: rotated density matrices, confusion of the readout, and counts."""

import math

import numpy as np
import pennylane as qp
import pytest
import torch

from qml.errors import CircuitError
from qml.nn import QuantumLayer
from qml.simulators import Channel, DensityRunner, NoiseModel, NoisySampler, gates_after, reference, trace

NOISE = NoiseModel(one_wire=Channel.amplitude_damping(0.1), two_wire=Channel.depolarizing(0.05), readout=(0.03, 0.1))
ERRORS = [(0.03, 0.1)] * 3
X = np.array([0.4, 1.3, -0.7])
# What turns a wire so that its letter is read as Z.
TURNS = {"Z": [], "X": [("Hadamard", ())], "Y": [("RX", (math.pi / 2,))]}


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def gates(x):
    return [("RX", (0,), (x[0],)), ("RY", (1,), (x[1],)), ("CNOT", (0, 1), ()), ("RX", (2,), (x[2],)),
            ("CNOT", (1, 2), ()), ("RY", (0,), (x[0],))]  # fmt: skip


def queue(inputs):
    qp.RX(inputs[0], wires=0)
    qp.RY(inputs[1], wires=1)
    qp.CNOT([0, 1])
    qp.RX(inputs[2], wires=2)
    qp.CNOT([1, 2])
    qp.RY(inputs[0], wires=0)


def expected(letters):
    """Probabilities of what is read in the basis of these letters, shape (8,); the turn itself is free of noise."""
    maps = []
    for name, wires, parameters in gates(X):
        maps.append(([reference.gate(name, parameters)], wires))
        channel = ("amplitude damping", (0.1,)) if len(wires) == 1 else ("depolarizing", (0.05,))
        maps.extend((reference.kraus(*channel), (wire,)) for wire in wires)
    for wire, letter in enumerate(letters):
        maps.extend(([reference.gate(name, parameters)], (wire,)) for name, parameters in TURNS[letter])
    return reference.misread(np.diag(reference.run_density(maps, 3)).real, ERRORS)


def sampler(circuit, shots, noise=NOISE, seed=0):
    traced = trace(circuit, 3, {}, after=gates_after(noise))
    return NoisySampler(traced, noise, shots, generator(seed))


def run(circuit, shots, rows, **options):
    inputs = torch.tensor(np.tile(X, (rows, 1)))
    return sampler(circuit, shots, **options)(inputs, {}).numpy()


def test_counts_follow_the_oracles_distribution():
    def circuit(inputs):
        queue(inputs)
        return qp.probs(wires=[0, 1, 2])

    shots, rows = 40, 5000
    found = run(circuit, shots, rows) * shots
    p = expected("ZZZ")
    assert np.allclose(found, found.round(), atol=1e-9)
    assert np.allclose(found.sum(axis=1), shots)
    error = np.sqrt(shots * p * (1 - p) / rows)
    assert (np.abs(found.mean(axis=0) - shots * p) < 5 * error).all()
    covariance = shots * (np.diag(p) - np.outer(p, p))
    assert np.abs(np.cov(found.T) - covariance).max() < 5 * shots * 0.25 * math.sqrt(2 / rows)


@pytest.mark.parametrize("word", ["ZII", "IXI", "YIZ", "XYZ", "YYX"])
def test_a_word_is_read_in_its_own_basis(word):
    def circuit(inputs):
        queue(inputs)
        return qp.expval(qp.pauli.string_to_pauli_word(word))

    rows, shots = 400, 500
    found = run(circuit, shots, rows)
    assert found.shape == (rows,)
    letters = word.replace("I", "Z")
    signs = np.array([(-1) ** sum(k >> (2 - w) & 1 for w in range(3) if word[w] != "I") for k in range(8)])
    wanted = float(signs @ expected(letters))
    spread = math.sqrt((1 - wanted**2) / shots)
    assert abs(found.mean() - wanted) < 5 * spread / math.sqrt(rows)
    assert found.std() == pytest.approx(spread, rel=0.2)


def test_many_shots_come_to_the_exact_engine():
    def circuit(inputs):
        queue(inputs)
        return [qp.expval(qp.Z(0) @ qp.X(2) + 0.5 * qp.Y(1)), qp.expval(2 * qp.I(0) - qp.Z(1)), qp.probs(wires=[2])]

    traced = trace(circuit, 3, {}, after=gates_after(NOISE))
    exact = DensityRunner(traced, NOISE)(torch.tensor(X[None]), {})[0].numpy()
    found = run(circuit, 10_000, 50).mean(axis=0)
    assert found.shape == exact.shape == (4,)
    np.testing.assert_allclose(found, exact, atol=5 * 1.5 / math.sqrt(10_000 * 50))


def test_without_noise_it_samples_as_the_engine_does():
    def circuit(inputs):
        queue(inputs)
        return qp.expval(qp.Z(0) @ qp.Z(2)), qp.var(qp.X(1))

    found = run(circuit, 1000, 300, noise=NoiseModel())
    traced = trace(circuit, 3, {})
    layer = QuantumLayer(circuit, {}, n_inputs=3)
    exact = layer(torch.tensor(X)).numpy()
    assert traced.program.n_wires == 3
    np.testing.assert_allclose(found.mean(axis=0), exact, atol=5 / math.sqrt(300_000) + 2 / 1000)


def test_the_same_seed_gives_the_same_bits_and_copies_draw_alike():
    def circuit(inputs):
        queue(inputs)
        return qp.expval(qp.Z(0))

    first, again, other = (run(circuit, 100, 20, seed=seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_the_layer_predicts_and_refuses_to_train():
    layer = QuantumLayer.from_names(n_wires=3, noise=NOISE, shots=50, shot_generator=generator())
    x = torch.rand(4, 2, 3)
    with torch.no_grad():
        out = layer(x)
    assert out.shape == (4, 2, 3)
    assert out.dtype == torch.float32
    torch.testing.assert_close(out * 50, (out * 50).round(), rtol=0, atol=1e-4)
    assert layer(x[:0]).shape == (0, 2, 3)
    with pytest.raises(CircuitError, match="shots together with noise are for predictions, and have no gradient"):
        layer(x).sum().backward()


def test_an_encoded_state_is_sampled():
    def circuit(inputs):
        qp.AmplitudeEmbedding(inputs, wires=range(2), normalize=True)
        qp.CNOT([0, 1])
        return qp.probs(wires=[0, 1])

    noise = NoiseModel(readout=0.1)
    traced = trace(circuit, 4, {}, after=gates_after(noise))
    amplitudes = np.array([0.5, -0.5, 0.1, 0.7])
    found = NoisySampler(traced, noise, 10_000, generator())(torch.tensor(np.tile(amplitudes, (50, 1))), {})
    p = amplitudes**2 / (amplitudes**2).sum()
    wanted = reference.misread(p[[0, 1, 3, 2]], [(0.1, 0.1)] * 2)
    np.testing.assert_allclose(found.mean(dim=0).numpy(), wanted, atol=5 * 0.5 / math.sqrt(500_000))


def test_states_and_too_many_wires_are_refused():
    with pytest.raises(CircuitError, match=r"the circuit returns qp.state\(\) and shots=10 were asked for"):
        run(lambda inputs: (queue(inputs), qp.state())[1], 10, 1)
    with pytest.raises(CircuitError, match="takes up to 8 wires; this circuit has at least 9"):
        QuantumLayer.from_names(n_wires=9, noise=NOISE, shots=10)
