import math
import sys

import numpy as np
import pennylane as qp
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from qiskit_aer.noise import NoiseModel, ReadoutError, depolarizing_error
from random_circuits import N_INPUTS, N_WEIGHTS, circuits
from test_trace import GATES

from qml.errors import CircuitError
from qml.simulators import Aer, ShiftRunner, StatevectorRunner, reference, trace
from qml.simulators.qiskit_circuit import translate

steady = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def on_aer(traced, **options):
    options.setdefault("generator", torch.Generator().manual_seed(0))
    return ShiftRunner(traced, Aer(traced.program, n_threads=1, **options))


def draw(seed, *shapes):
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(shape, generator=generator, dtype=torch.float64).mul(3).requires_grad_() for shape in shapes]


# Exact values.


@steady
@given(circuits(), st.sampled_from([0, 1, 3]), st.integers(0, 2**16), st.booleans())
@pytest.mark.parametrize("method", ["statevector", "density_matrix"])
def test_exact_values_and_gradients_are_the_engines_on_random_circuits(method, circuit, n_samples, seed, fuse):
    x, w = draw(seed, (n_samples, N_INPUTS), (N_WEIGHTS,))
    traced = trace(circuit, N_INPUTS, {"weights": (N_WEIGHTS,)}, fuse=fuse)
    results = []
    for runner in (StatevectorRunner(traced), on_aer(traced, method=method)):
        out = runner(x, {"weights": w})
        results.append((out, *torch.autograd.grad(out.sum(), (x, w), allow_unused=True, materialize_grads=True)))
    for mine, wanted in zip(*results, strict=True):
        torch.testing.assert_close(mine, wanted, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("name", "n_wires"), GATES)
@pytest.mark.parametrize("wrapper", ["plain", "adjoint", "controlled"])
def test_every_gate_is_translated_phase_and_all(name, n_wires, wrapper):
    gate = getattr(qp, name)
    order = list(range(n_wires))[::-1]

    def circuit(inputs, weights):
        for wire in range(n_wires + 1):
            qp.RY(0.4 + 0.3 * wire, wires=wire)
        parameters = [weights[i] * inputs[0] for i in range(gate.num_params)]
        if wrapper == "adjoint":
            qp.adjoint(gate)(*parameters, wires=order)
        elif wrapper == "controlled":
            qp.ctrl(gate, control=n_wires, control_values=0)(*parameters, wires=order)
        else:
            gate(*parameters, wires=order)
        return qp.state()

    x, w = draw(1, (2, 1), (4,))
    for fuse in (True, False):
        traced = trace(circuit, 1, {"weights": (4,)}, fuse=fuse)
        found, wanted = on_aer(traced)(x, {"weights": w}), StatevectorRunner(traced)(x, {"weights": w})
        torch.testing.assert_close(found, wanted, rtol=0, atol=1e-9)


def many_controls(inputs):
    for wire in range(5):
        qp.RY(0.3 + wire, wires=wire)
    qp.ctrl(qp.RX, control=[0, 1, 2], control_values=[0, 1, 0])(inputs[0], wires=3)
    qp.ctrl(qp.RY, control=[4, 3])(inputs[1], wires=0)
    qp.ctrl(qp.PhaseShift, control=[0, 1, 2, 3], control_values=[1, 1, 0, 1])(inputs[0], wires=4)
    qp.ctrl(qp.SX(2), control=[0, 4], control_values=[1, 0])
    qp.MultiControlledX(wires=[1, 2, 3, 4, 0], control_values=[0, 1, 1, 0])
    qp.MultiRZ(inputs[1], wires=[3, 0, 4, 1])
    qp.QubitUnitary(qp.matrix(qp.DoubleExcitation(0.3, wires=[0, 1, 2, 3])), wires=[4, 0, 2, 1])
    return [qp.expval(qp.X(0) @ qp.Y(4)), qp.expval(qp.Y(2) + 0.5 * qp.Z(3) + 2 * qp.I(0))]


@pytest.mark.parametrize("method", ["automatic", "density_matrix", "matrix_product_state"])
def test_any_number_of_controls_on_every_method(method):
    (x,) = draw(2, (3, 2))
    traced = trace(many_controls, 2, {}, fuse=False)
    torch.testing.assert_close(
        on_aer(traced, method=method)(x, {}), StatevectorRunner(traced)(x, {}), rtol=0, atol=1e-9
    )


@pytest.mark.parametrize("method", ["statevector", "density_matrix", "matrix_product_state"])
@pytest.mark.parametrize("shots", [None, 3000])
def test_amplitude_encoding_starts_every_sample_from_its_own_state(method, shots):
    def circuit(inputs, weights):
        qp.AmplitudeEmbedding(inputs, wires=[2, 0], normalize=True)
        qp.CRY(weights[0], wires=[0, 1])
        return qp.probs(wires=[0, 1, 2])

    x, w = draw(4, (3, 4), (1,))
    traced = trace(circuit, 4, {"weights": (1,)}, fuse=False)
    runners = StatevectorRunner(traced), on_aer(traced, method=method, shots=shots)
    wanted, found = (runner(x, {"weights": w}) for runner in runners)
    error = 1e-9 if shots is None else 5 * (wanted * (1 - wanted) / shots).sqrt() + 1e-9
    assert ((wanted - found).abs() <= error).all()
    if shots is None:
        exact, mine = (torch.autograd.grad(out[:, 3].sum(), (x, w)) for out in (wanted, found))
        for a, b in zip(mine, exact, strict=True):
            torch.testing.assert_close(a, b, rtol=0, atol=1e-9)


def one_flipped(measure):
    def circuit(inputs):
        qp.RX(math.pi * inputs[0], wires=0)
        qp.Identity(1)
        qp.Identity(2)
        return measure()

    return circuit


@pytest.mark.parametrize("shots", [None, 50])
def test_wire_zero_is_the_most_significant_bit_as_in_pennylane(shots):
    x = torch.ones(2, 1, dtype=torch.float64)

    def run(measure):
        return on_aer(trace(one_flipped(measure), 1, {}), shots=shots)(x, {})[0].round(decimals=6).tolist()

    assert run(qp.probs) == [0, 0, 0, 0, 1, 0, 0, 0]
    assert run(lambda: qp.probs(wires=[2, 0])) == [0, 1, 0, 0]
    assert run(lambda: [qp.expval(qp.Z(w)) for w in range(3)]) == [-1, 1, 1]
    if shots is None:
        assert on_aer(trace(one_flipped(qp.state), 1, {}))(x, {})[0].abs().round(decimals=6).tolist()[4] == 1


def small(inputs, weights):
    qp.RX(inputs[0] * weights[0], wires=0)
    qp.CRY(weights[1], wires=[0, 1])
    return [qp.expval(qp.X(1)), qp.expval(qp.Z(0) @ qp.Y(1))]


def test_first_and_second_derivatives_pass_torchs_check():
    runner = on_aer(trace(small, 1, {"weights": (2,)}, fuse=False))
    x, w = draw(9, (2, 1), (2,))
    assert torch.autograd.gradcheck(lambda x, w: runner(x, {"weights": w}), (x, w))
    assert torch.autograd.gradgradcheck(lambda x, w: runner(x, {"weights": w}), (x, w))


@pytest.mark.parametrize("shots", [None, 20])
def test_the_batch_is_one_job_and_the_gradient_another(shots, monkeypatch):
    runner = on_aer(trace(small, 1, {"weights": (2,)}, fuse=False), shots=shots)
    simulator, jobs = runner.execute._simulator, []
    run = type(simulator).run
    monkeypatch.setattr(
        type(simulator),
        "run",
        lambda self, circuits, *args, **options: jobs.append(len(circuits)) or run(self, circuits, *args, **options),
    )
    x, w = draw(9, (6, 1), (2,))
    runner(x, {"weights": w}).sum().backward()
    settings_of_a_row = 1 if shots is None else 2
    assert jobs == [settings_of_a_row, settings_of_a_row]


# Gates and their names.


def test_fixed_gates_keep_their_names_so_that_a_noise_model_finds_them():
    def circuit(inputs):
        for name in ("Hadamard", "S", "T", "SX", "PauliX", "PauliY", "PauliZ"):
            getattr(qp, name)(0)
        qp.adjoint(qp.S)(0)
        qp.CNOT([0, 2])
        qp.CNOT([2, 0])
        qp.CZ([1, 2])
        qp.SWAP([0, 1])
        qp.Toffoli([2, 0, 1])
        qp.RX(inputs[0], wires=1)
        qp.IsingZZ(inputs[0], wires=[0, 2])
        return qp.probs()

    found = translate(trace(circuit, 1, {}, fuse=False).program).circuit
    names = [(i.operation.name, *(found.find_bit(q).index for q in i.qubits)) for i in found.data]
    assert [name for name, *_ in names[:8]] == ["h", "s", "t", "sx", "x", "y", "z", "sdg"]
    assert names[8:12] == [("cx", 0, 2), ("cx", 2, 0), ("cz", 1, 2), ("swap", 0, 1)]
    assert names[12][0] == "ccx"
    assert names[12][3] == 1
    assert [name for name, *_ in names[13:]] == ["rx", "rzz"]


def test_a_gate_on_too_many_wires_is_refused_by_its_size():
    def circuit(inputs):
        qp.RX(inputs[0], wires=0)
        qp.MultiControlledX(wires=range(11))
        return qp.expval(qp.Z(10))

    with pytest.raises(CircuitError, match=r"a fixed gate on 11 wires goes to Aer as a matrix, .* up to 10 wires"):
        Aer(trace(circuit, 1, {}).program)


# Shots.


@steady
@given(circuits(), st.integers(0, 2**16))
def test_sampled_words_are_within_five_standard_errors_of_the_oracle(circuit, seed):
    x, w = draw(seed, (2, N_INPUTS), (N_WEIGHTS,))
    shots = 4000
    traced = trace(circuit, N_INPUTS, {"weights": (N_WEIGHTS,)}, fuse=False)
    found = on_aer(traced, shots=shots)(x, {"weights": w}).detach()
    for row, sample in zip(found, x.detach().numpy(), strict=True):
        state = reference.run(circuit.operations(sample, w.detach().numpy()), circuit.n_wires)
        for value, word in zip(row.tolist(), circuit.words, strict=True):
            wanted = reference.expval(state, dict(word))
            assert abs(value - wanted) <= 5 * math.sqrt(max(0.0, 1 - wanted**2) / shots) + 1e-9


def test_every_row_of_a_job_has_shots_of_its_own_and_a_seed_repeats_them():
    traced = trace(small, 1, {"weights": (2,)}, fuse=False)
    x, w = torch.full((40, 1), 1.0, dtype=torch.float64), torch.tensor([1.1, 0.7], dtype=torch.float64)
    first, second = (on_aer(traced, shots=100)(x, {"weights": w}) for _ in range(2))
    assert torch.equal(first, second)
    exact = StatevectorRunner(traced)(x, {"weights": w})
    z = (first - exact) / ((1 - exact**2) / 100).sqrt()
    assert z.std(dim=0).min() > 0.6
    assert z.std(dim=0).max() < 1.5
    assert (z.mean(dim=0).abs() * math.sqrt(40) < 5).all()
    assert abs(torch.corrcoef(z.T)[0, 1]) < 0.6  # the two settings do not share their random numbers


def test_sampled_gradients_are_unbiased():
    traced = trace(small, 1, {"weights": (2,)}, fuse=False)
    x, w = torch.full((1, 1), 1.0, dtype=torch.float64), torch.tensor([1.1, 0.7], dtype=torch.float64)
    exact_w = w.clone().requires_grad_()
    StatevectorRunner(traced)(x, {"weights": exact_w}).sum().backward()
    runner, rows = on_aer(traced, shots=30), []
    for _ in range(60):
        one = w.clone().requires_grad_()
        runner(x.repeat(4, 1), {"weights": one}).sum(dim=1).mean().backward()
        rows.append(one.grad)
    found = torch.stack(rows)
    off = (found.mean(dim=0) - exact_w.grad) / (found.std(dim=0) / math.sqrt(len(rows)))
    assert off.abs().max() < 4


# Noise.


def noisy(inputs, weights):
    qp.Hadamard(0)
    qp.RX(inputs[0], wires=0)
    qp.CNOT([0, 1])
    qp.RY(weights[0], wires=1)
    return [qp.expval(qp.Z(1)), qp.expval(qp.X(0) @ qp.Y(1))]


def depolarising(p, wires):
    """Return the Kraus operators of (1-p) rho + p I/d on some of two wires."""
    labels = [""]
    for _ in wires:
        labels = [label + letter for label in labels for letter in "IXYZ"]
    for label in labels:
        matrix = np.eye(1)
        for letter in label:
            matrix = np.kron(matrix, reference.PAULIS[letter])
        weight = p / len(labels) + (1 - p if set(label) == {"I"} else 0)
        yield math.sqrt(weight) * reference.expand(matrix, wires, 2)


def by_density_matrix(x, w, p):
    rho = np.zeros((4, 4), dtype=complex)
    rho[0, 0] = 1
    gates = [("Hadamard", (0,), ()), ("RX", (0,), (x,)), ("CNOT", (0, 1), ()), ("RY", (1,), (w,))]
    for name, wires, parameters in gates:
        unitary = reference.expand(reference.gate(name, parameters), wires, 2)
        rho = unitary @ rho @ unitary.conj().T
        rho = sum(k @ rho @ k.conj().T for k in depolarising(p, wires))
    words = np.kron(reference.I2, reference.Z), np.kron(reference.X, reference.Y)
    return [np.trace(rho @ word).real for word in words]


def model(p=0.1):
    found = NoiseModel()
    found.add_all_qubit_quantum_error(depolarizing_error(p, 1), ["h", "rx", "ry", "unitary"])
    found.add_all_qubit_quantum_error(depolarizing_error(p, 2), ["cx"])
    return found


def test_noise_after_every_gate_equals_a_density_matrix_by_hand():
    x, w = draw(6, (3, 1), (1,))
    runner = on_aer(trace(noisy, 1, {"weights": (1,)}, fuse=False), options={"noise_model": model()})
    found = runner(x, {"weights": w})
    wanted = [by_density_matrix(row.item(), w.item(), 0.1) for row in x]
    np.testing.assert_allclose(found.detach().numpy(), wanted, rtol=0, atol=1e-9)
    gradient = torch.autograd.grad(found[:, 0].sum(), w)[0].item()
    up, down = (sum(by_density_matrix(row.item(), w.item() + d, 0.1)[0] for row in x) for d in (1e-5, -1e-5))
    assert gradient == pytest.approx((up - down) / 2e-5, abs=1e-8)


def test_sampling_under_noise_adds_none_for_the_basis_of_the_measurement():
    x, w = draw(6, (3, 1), (1,))
    runner = on_aer(trace(noisy, 1, {"weights": (1,)}, fuse=False), shots=20_000, options={"noise_model": model()})
    found = runner(x, {"weights": w}).detach().numpy()
    wanted = np.array([by_density_matrix(row.item(), w.item(), 0.1) for row in x])
    assert (np.abs(found - wanted) <= 5 * np.sqrt((1 - wanted**2) / 20_000)).all()


def test_readout_errors_come_with_shots_and_are_refused_without():
    noise = NoiseModel()
    noise.add_readout_error(ReadoutError([[0.9, 0.1], [0.1, 0.9]]), [0])  # wire 0 only
    traced = trace(one_flipped(lambda: [qp.expval(qp.Z(w)) for w in range(3)]), 1, {}, fuse=False)
    x = torch.zeros(1, 1, dtype=torch.float64)
    with pytest.raises(CircuitError, match=r"has readout errors, .* sampled counts only: give shots="):
        on_aer(traced, options={"noise_model": noise})
    found = on_aer(traced, shots=20_000, options={"noise_model": noise})(x, {})[0]
    assert abs(found[0].item() - 0.8) < 5 * math.sqrt((1 - 0.8**2) / 20_000)
    assert found[1:].tolist() == [1, 1]


def test_a_circuit_can_be_transpiled_to_the_gates_that_a_devices_noise_names():
    noise = NoiseModel()
    noise.add_all_qubit_quantum_error(depolarizing_error(0.1, 1), ["sx"])
    traced = trace(one_flipped(lambda: qp.expval(qp.Z(0))), 1, {}, fuse=False)
    x = torch.full((2, 1), 0.3, dtype=torch.float64)
    plain = on_aer(traced, options={"noise_model": noise})(x, {})
    transpile = {"basis_gates": ["rz", "sx", "cx"], "optimization_level": 0}
    found = on_aer(traced, options={"noise_model": noise, "transpile": transpile})(x, {})
    torch.testing.assert_close(plain, torch.cos(math.pi * x[:, 0]), rtol=0, atol=1e-9)
    torch.testing.assert_close(found, 0.9**2 * torch.cos(math.pi * x[:, 0]), rtol=0, atol=1e-9)


def test_a_coupling_map_may_move_the_wires():
    def circuit(inputs):
        qp.RX(inputs[0], wires=0)
        qp.CNOT([0, 2])
        qp.RY(inputs[1], wires=1)
        return [qp.expval(qp.Z(0)), qp.expval(qp.Y(1) @ qp.X(2)), qp.expval(qp.X(1) + 0.5 * qp.Z(2))]

    traced = trace(circuit, 2, {}, fuse=False)
    (x,) = draw(5, (3, 2))
    wanted = StatevectorRunner(traced)(x, {})
    transpile = {
        "basis_gates": ["rz", "sx", "cx"],
        "coupling_map": [[0, 1], [1, 0], [1, 2], [2, 1]],
        "initial_layout": [2, 0, 1],
        "seed_transpiler": 1,
    }
    torch.testing.assert_close(on_aer(traced, options={"transpile": transpile})(x, {}), wanted, rtol=0, atol=1e-9)
    found = on_aer(traced, shots=4000, options={"transpile": transpile})(x, {})
    assert ((found - wanted).abs() <= 5 * math.sqrt(1.25 / 4000)).all()


# Bad input.


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "statevectr"}, r"unknown Aer method 'statevectr'.*Did you mean 'statevector'\?"),
        ({"options": {"shots": 5}}, r"may not set 'shots': give it as shots="),
        ({"options": {"noise_model": 0.1}}, r"must be a qiskit_aer.noise.NoiseModel; got float"),
        ({"options": {"colour": 1}}, r"Aer refuses these aer_options"),
        ({"options": {"transpile": {"basis_gates": ["z"]}}}, r"qiskit.transpile refuses aer_options\['transpile'\]"),
        (
            {"method": "statevector", "options": {"noise_model": model()}},
            r"exact values under noise need the density matrix, and the method is 'statevector'",
        ),
    ],
)
def test_options_that_do_not_fit_are_explained(options, message):
    with pytest.raises(CircuitError, match=message):
        Aer(trace(small, 1, {"weights": (2,)}).program, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shots": 9}, r"a state cannot be sampled: the circuit returns qp.state\(\) and shots=9"),
        ({"method": "density_matrix"}, r"Aer gives a state by the method 'statevector' and without noise only"),
    ],
)
def test_states_are_exact_and_pure(options, message):
    with pytest.raises(CircuitError, match=message):
        Aer(trace(one_flipped(qp.state), 1, {}).program, **options)


def test_a_missing_aer_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "qiskit_aer", None)
    with pytest.raises(CircuitError, match=r"backend='aer' needs Qiskit Aer: `pip install qiskit-aer`"):
        Aer(trace(small, 1, {"weights": (2,)}).program)
