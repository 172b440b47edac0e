"""Aer as the referee: the same noise model, the same numbers."""

import warnings

import numpy as np
import pennylane as qp
import pytest
import torch
from qiskit import QuantumCircuit
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.quantum_info import SparsePauliOp
from qiskit_aer import AerSimulator
from qiskit_aer import noise as aer

from qml.errors import CircuitError
from qml.simulators import Channel, DensityRunner, NoiseModel, gates_after, trace

N_WIRES = 3
ONE_QUBIT = ["rx", "ry", "h", "sx"]
WORDS = ["ZII", "XYI", "IZX", "ZZZ"]  # wire 0 first

AER_ERRORS = {
    "depolarizing": (lambda: aer.depolarizing_error(0.04, 1), lambda: aer.depolarizing_error(0.08, 2)),
    "amplitude damping": (lambda: aer.amplitude_damping_error(0.1), None),
    "phase damping": (lambda: aer.phase_damping_error(0.15), None),
    "amplitude and phase": (lambda: aer.phase_amplitude_damping_error(0.1, 0.05, 0.2), None),
    "pauli": (
        lambda: aer.pauli_error([("X", 0.05), ("Y", 0.1), ("I", 0.85)]),
        lambda: aer.pauli_error([("XZ", 0.1), ("IY", 0.05), ("II", 0.85)]),
    ),
    "thermal": (lambda: aer.thermal_relaxation_error(50, 70, 5), None),
    "thermal with long coherence": (lambda: aer.thermal_relaxation_error(50, 90, 5), None),
    "reset": (lambda: aer.reset_error(0.1, 0.05), None),
    "kraus": (lambda: aer.kraus_error([np.diag([1, 0.8]), np.array([[0, 0.6], [0, 0]])]), None),
    "coherent": (
        lambda: aer.coherent_unitary_error(np.array([[np.cos(0.1), -np.sin(0.1)], [np.sin(0.1), np.cos(0.1)]])),
        lambda: aer.coherent_unitary_error(np.diag([1, 1j, 1, np.exp(0.3j)])),
    ),
}


def circuit(inputs, weights, measure):
    qp.Hadamard(wires=0)
    qp.RX(inputs[0], wires=1)
    qp.RY(inputs[1], wires=2)
    qp.CNOT(wires=[0, 1])
    qp.SX(wires=1)
    qp.CNOT(wires=[2, 1])
    qp.RY(weights[0], wires=0)
    qp.CNOT(wires=[2, 0])
    qp.RX(weights[1], wires=2)
    return measure()


def qiskit_circuit(x, w):
    result = QuantumCircuit(N_WIRES)
    result.h(0)
    result.rx(x[0], 1)
    result.ry(x[1], 2)
    result.cx(0, 1)
    result.sx(1)
    result.cx(2, 1)
    result.ry(w[0], 0)
    result.cx(2, 0)
    result.rx(w[1], 2)
    return result


def on_aer(model, x, w):
    """Return the words' values, and the probabilities with wire 0 most significant, of Aer's density matrix."""
    built = qiskit_circuit(x, w)
    built.save_density_matrix()
    simulator = AerSimulator(method="density_matrix", noise_model=model)
    density = simulator.run(built).result().data()["density_matrix"]
    values = [density.expectation_value(SparsePauliOp(word[::-1])).real for word in WORDS]
    probabilities = np.asarray(density.probabilities()).reshape((2,) * N_WIRES).transpose().reshape(-1)
    return np.array(values), probabilities


def on_engine(noise, x, w, measure):
    traced = trace(
        lambda inputs, weights: circuit(inputs, weights, measure), 2, {"weights": (2,)}, after=gates_after(noise)
    )
    inputs = torch.tensor(x, dtype=torch.float64)[None]
    return DensityRunner(traced, noise, 1)(inputs, {"weights": torch.tensor(w, dtype=torch.float64)})[0].numpy()


def word(letters):
    return qp.prod(*(getattr(qp, f"Pauli{p}")(wire) for wire, p in enumerate(letters) if p != "I"))


def expectations():
    return [qp.expval(word(letters)) for letters in WORDS]


def compare(model, noise=None):
    rng = np.random.default_rng(2)
    x, w = rng.uniform(-2, 2, 2), rng.uniform(-2, 2, 2)
    noise = NoiseModel.from_aer(model) if noise is None else noise
    values, probabilities = on_aer(model, x, w)
    np.testing.assert_allclose(on_engine(noise, x, w, expectations), values, rtol=0, atol=1e-6)
    found = on_engine(noise, x, w, lambda: [qp.probs(wires=range(N_WIRES))])
    np.testing.assert_allclose(found.reshape(-1), probabilities, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", AER_ERRORS)
def test_every_error_read_from_aer_gives_aers_numbers(name):
    one, two = AER_ERRORS[name]
    model = aer.NoiseModel()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Aer warns of its own deprecated constructors
        model.add_all_qubit_quantum_error(one(), ONE_QUBIT)
        model.add_all_qubit_quantum_error(one().tensor(one()) if two is None else two(), ["cx"])
        compare(model)


def test_our_depolarizing_is_aers_with_its_own_convention():
    model = aer.NoiseModel()
    model.add_all_qubit_quantum_error(aer.depolarizing_error(0.04, 1), ONE_QUBIT)
    model.add_all_qubit_quantum_error(aer.depolarizing_error(0.08, 2), ["cx"])
    noise = NoiseModel(one_wire=Channel.depolarizing(0.04 * 3 / 4), two_wire=Channel.depolarizing(0.08 * 15 / 16, 2))
    compare(model, noise)


def test_errors_on_certain_qubits_stay_there():
    model = aer.NoiseModel()
    model.add_quantum_error(aer.pauli_error([("XZ", 0.3), ("II", 0.7)]), ["cx"], [2, 1])
    model.add_quantum_error(aer.amplitude_damping_error(0.3), ["rx"], [1])
    noise = NoiseModel.from_aer(model)
    assert noise.channels_after("CNOT", (0, 1)) == []
    assert len(noise.channels_after("CNOT", (2, 1))) == 1
    compare(model)


def test_readout_errors_equal_aers_counts_within_five_standard_errors():
    model = aer.NoiseModel()
    model.add_all_qubit_quantum_error(aer.amplitude_damping_error(0.1), ONE_QUBIT)
    model.add_readout_error([[0.9, 0.1], [0.25, 0.75]], [0])
    model.add_readout_error([[0.97, 0.03], [0.15, 0.85]], [2])
    noise = NoiseModel.from_aer(model)
    assert noise.readout_of(0) == (0.1, 0.25)
    assert noise.readout_of(1) == (0.0, 0.0)
    x, w, shots = [0.3, -1.2], [0.9, 2.0], 20_000
    built = qiskit_circuit(x, w)
    built.measure_all()
    counts = AerSimulator(method="density_matrix", noise_model=model).run(built, shots=shots, seed_simulator=3).result()
    sampled = np.zeros(8)
    for bits, count in counts.get_counts().items():
        sampled[int(bits[::-1], 2)] = count / shots
    exact = on_engine(noise, x, w, lambda: [qp.probs(wires=range(N_WIRES))]).reshape(-1)
    assert (np.abs(sampled - exact) < 5 * np.sqrt(exact * (1 - exact) / shots) + 1e-9).all()
    values = on_engine(noise, x, w, lambda: [qp.expval(qp.Z(0) @ qp.Z(2))])
    signs = np.array([1, -1, 1, -1, -1, 1, -1, 1])
    assert values[0] == pytest.approx((signs * exact).sum(), abs=1e-12)


def test_a_fake_backends_noise_is_aers():
    backend = GenericBackendV2(N_WIRES, seed=1)
    model = aer.NoiseModel.from_backend(backend)
    noise = NoiseModel.from_aer(backend)
    assert noise == NoiseModel.from_aer(model)
    assert {"CNOT", "SX", "PauliX"} <= set(noise.names)
    assert noise.readout_of(0)[0] > 0

    def native(inputs, weights):
        for wire in range(N_WIRES):
            qp.SX(wires=wire)
            qp.RZ(inputs[0], wires=wire)
            qp.SX(wires=wire)
        qp.CNOT(wires=[0, 1])
        qp.CNOT(wires=[1, 2])
        return expectations()

    noiseless_readout = NoiseModel(gates=noise.gates)
    traced = trace(native, 1, {"weights": (1,)}, after=gates_after(noiseless_readout))
    x = torch.tensor([[0.8]], dtype=torch.float64)
    found = DensityRunner(traced, noiseless_readout, 1)(x, {"weights": torch.zeros(1, dtype=torch.float64)})[0]
    built = QuantumCircuit(N_WIRES)
    for wire in range(N_WIRES):
        built.sx(wire)
        built.rz(0.8, wire)
        built.sx(wire)
    built.cx(0, 1)
    built.cx(1, 2)
    built.save_density_matrix()
    density = AerSimulator(method="density_matrix", noise_model=model).run(built).result().data()["density_matrix"]
    wanted = [density.expectation_value(SparsePauliOp(letters[::-1])).real for letters in WORDS]
    np.testing.assert_allclose(found.numpy(), wanted, rtol=0, atol=1e-6)


def test_pieces_that_cannot_be_kept_are_named():
    model = aer.NoiseModel()
    model.add_all_qubit_quantum_error(aer.depolarizing_error(0.1, 1), ["my_gate"])
    with pytest.raises(CircuitError, match="an error on the instruction 'my_gate', which has no PennyLane gate here"):
        NoiseModel.from_aer(model)
    model = aer.NoiseModel()
    model.add_all_qubit_quantum_error(aer.depolarizing_error(0.1, 3), ["ccx"])
    with pytest.raises(CircuitError, match="the Aer error on ccx is on 3 qubits at once"):
        NoiseModel.from_aer(model)
    model = aer.NoiseModel()
    model.add_readout_error(np.eye(4) * 0.8 + 0.05, [0, 1])
    with pytest.raises(CircuitError, match=r"readout error on qubits \(0, 1\) is on 2 qubits at once"):
        NoiseModel.from_aer(model)
    with pytest.raises(CircuitError, match=r"takes a qiskit_aer.noise.NoiseModel or a backend; got float"):
        NoiseModel.from_aer(0.1)
