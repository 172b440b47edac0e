"""The density-matrix engine against the dense oracle, against default.mixed and against itself."""

import math

import numpy as np
import pennylane as qp
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_circuits import N_INPUTS, N_WEIGHTS, circuits

from qml.errors import CircuitError
from qml.simulators import Channel, DensityRunner, NoiseModel, gates_after, reference, trace
from qml.simulators.density_kernels import LANES

TOLERANCE = {torch.float32: 2e-5, torch.float64: 1e-10}
quiet = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))

CHANNELS = {
    "depolarizing": (lambda p: Channel.depolarizing(p), lambda p: reference.kraus("depolarizing", (p,))),
    "bit flip": (lambda p: Channel.bit_flip(p), lambda p: reference.kraus("bit flip", (p,))),
    "phase flip": (lambda p: Channel.phase_flip(p), lambda p: reference.kraus("phase flip", (p,))),
    "amplitude damping": (
        lambda p: Channel.amplitude_damping(p),
        lambda p: reference.kraus("amplitude damping", (p,)),
    ),
    "phase damping": (lambda p: Channel.phase_damping(p), lambda p: reference.kraus("phase damping", (p,))),
    "pauli": (
        lambda p: Channel.pauli({"X": p / 2, "Y": p / 4, "Z": p / 8}),
        lambda p: reference.kraus("pauli", (p / 2, p / 4, p / 8)),
    ),
    "kraus": (
        lambda p: Channel.kraus(reference.kraus("amplitude damping", (p,))),
        lambda p: reference.kraus("amplitude damping", (p,)),
    ),
}


@st.composite
def noises(draw):
    """A noise model, and the oracle's channels after a gate on each number of wires."""
    kinds = []
    for _ in range(3):
        names = draw(st.lists(st.sampled_from(sorted(CHANNELS)), max_size=2))
        strengths = [draw(st.sampled_from([0.0, 0.03, 0.4, 1.0])) for _ in names]
        kinds.append((names, strengths))
    built = [tuple(CHANNELS[n][0](p) for n, p in zip(*kind, strict=True)) for kind in kinds]
    wanted = [[CHANNELS[n][1](p) for n, p in zip(*kind, strict=True)] for kind in kinds]
    joint = draw(st.sampled_from([None, 0.1]))
    if joint is not None:
        built[1] = (Channel.depolarizing(joint, n_wires=2), *built[1])
        wanted[1] = [reference.kraus("two-wire depolarizing", (joint,)), *wanted[1]]
    readout = draw(st.sampled_from([(), (0.1, 0.2)]))
    return NoiseModel(one_wire=built[0], two_wire=built[1], many_wire=built[2], readout=readout), wanted


def noisy_maps(operations, channels):
    """Return the oracle's maps: each gate, and each channel after it."""
    maps = []
    for name, wires, parameters in operations:
        maps.append(([reference.gate(name, parameters)], wires))
        for matrices in channels[min(len(wires), 3) - 1]:
            if len(matrices[0]) == 2 ** len(wires):
                maps.append((matrices, wires))
            else:
                maps.extend((matrices, (wire,)) for wire in wires)
    return maps


def expected(circuit, noise, channels, x, w):
    """Return the oracle's values; a wrong readout mixes each letter with the identity."""
    one, zero = noise.readout_of(0)
    rows = []
    for sample in np.asarray(x).reshape(-1, N_INPUTS):
        density = reference.run_density(noisy_maps(circuit.operations(sample, w), channels), circuit.n_wires)
        row = []
        for word in circuit.words:
            total = 0.0
            for subset in range(2 ** len(word)):
                kept = [pair for i, pair in enumerate(word) if subset >> i & 1]
                factor = (1 - one - zero) ** len(kept) * (zero - one) ** (len(word) - len(kept))
                total += factor * reference.expval_density(density, dict(kept))
            row.append(total)
        rows.append(row)
    return np.array(rows).reshape(-1, len(circuit.words))


def runner_of(circuit, noise, n_inputs=N_INPUTS, shapes=None):
    shapes = {"weights": (N_WEIGHTS,)} if shapes is None else shapes
    return DensityRunner(trace(circuit, n_inputs, shapes, after=gates_after(noise)), noise, 1)


@quiet
@given(circuits(max_wires=3), noises(), st.sampled_from([0, 1, 3, LANES + 1]), st.integers(0, 2**16))
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_values_equal_the_dense_oracle(dtype, circuit, noise, n_samples, seed):
    model, channels = noise
    rng = np.random.default_rng(seed)
    x, w = rng.uniform(-2, 2, (n_samples, N_INPUTS)), rng.uniform(-2, 2, N_WEIGHTS)
    found = runner_of(circuit, model)(torch.tensor(x).to(dtype), {"weights": torch.tensor(w).to(dtype)})
    assert found.dtype == dtype
    np.testing.assert_allclose(found.numpy(), expected(circuit, model, channels, x, w), rtol=0, atol=TOLERANCE[dtype])


@settings(quiet, max_examples=25)
@given(circuits(max_wires=3, max_gates=6), noises(), st.integers(0, 2**16))
def test_gradients_equal_finite_differences_of_the_oracle(circuit, noise, seed):
    model, channels = noise
    rng = np.random.default_rng(seed)
    x, w = rng.uniform(-2, 2, (2, N_INPUTS)), rng.uniform(-2, 2, N_WEIGHTS)
    direction = rng.normal(size=(2, len(circuit.words)))
    inputs, weights = torch.tensor(x, requires_grad=True), torch.tensor(w, requires_grad=True)
    (runner_of(circuit, model)(inputs, {"weights": weights}) * torch.tensor(direction)).sum().backward()
    step = 1e-5
    for array, gradient in ((x, inputs.grad), (w, weights.grad)):
        for index in np.ndindex(array.shape):
            original = array[index]
            sides = []
            for moved in (original + step, original - step):
                array[index] = moved
                sides.append((expected(circuit, model, channels, x, w) * direction).sum())
            array[index] = original
            found = 0.0 if gradient is None else gradient[index].item()
            assert found == pytest.approx((sides[0] - sides[1]) / (2 * step), rel=1e-5, abs=1e-6)


def wide_gates(inputs, weights):
    """Gates on many wires, in every form that the engine lowers in its own way."""
    for wire in range(5):
        qp.RY(inputs[wire % 2] + wire, wires=wire)
    qp.MultiControlledX(wires=[0, 1, 2, 3], control_values=[True, False, True])
    qp.ctrl(qp.RX(weights[0], wires=4), control=[0, 1], control_values=[True, False])
    qp.ctrl(qp.Rot(*weights[:3], wires=0), control=[2, 3])
    qp.ctrl(qp.PhaseShift(inputs[1], wires=1), control=[0, 4])
    qp.ctrl(qp.Hadamard(wires=3), control=[0, 2], control_values=[False, True])
    qp.ctrl(qp.S(wires=3), control=[4])
    qp.CSWAP(wires=[3, 1, 0])
    qp.MultiRZ(weights[1] * inputs[0], wires=[0, 2, 4])
    qp.PauliRot(weights[2], "XYZ", wires=[1, 2, 3])
    qp.CCZ(wires=[1, 2, 4])
    qp.IsingXY(weights[0], wires=[0, 3])
    qp.SingleExcitation(weights[1], wires=[1, 4])
    qp.QubitUnitary(UNITARY, wires=[4, 0, 2])
    qp.QubitUnitary(SMALL_UNITARY, wires=[2, 3])
    qp.U3(weights[0], inputs[0], weights[1], wires=2)
    qp.adjoint(qp.T)(1)
    qp.DoubleExcitation(weights[2], wires=[0, 1, 2, 3])
    return [qp.expval(qp.X(0) @ qp.Y(1) @ qp.Z(4)), qp.expval(qp.Hamiltonian([0.3, -2.0], [qp.Y(2), qp.Z(3)]))]


def random_unitary(size):
    rng = np.random.default_rng(size)
    return np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))[0]


UNITARY, SMALL_UNITARY = random_unitary(8), random_unitary(4)


def test_gates_on_many_wires_equal_default_qubits():
    """Without noise, since a decomposition of one's own must not show."""
    x = torch.rand(3, 2, dtype=torch.float64, requires_grad=True)
    w = torch.rand(3, dtype=torch.float64, requires_grad=True)
    found = runner_of(wide_gates, NoiseModel(), 2, {"weights": (3,)})(x, {"weights": w})
    qnode = qp.QNode(wide_gates, qp.device("default.qubit"), interface="torch", diff_method="backprop")
    wanted = torch.stack([torch.stack(qnode(row, w)) for row in x])
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-10)
    direction = torch.rand(3, 2, dtype=torch.float64)
    for a, b in zip(
        torch.autograd.grad((found * direction).sum(), (x, w)),
        torch.autograd.grad((wanted * direction).sum(), (x, w)),
        strict=True,
    ):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-9)


def ladder(inputs, weights, measure=lambda: [qp.expval(qp.Z(w)) for w in range(4)]):
    qp.AngleEmbedding(inputs, wires=range(4), rotation="Y")
    qp.StronglyEntanglingLayers(weights, wires=range(4))
    return measure()


def mixed_ladder(noise, measure):
    """The same on default.mixed, with every gate and every channel written by hand."""
    table = {"one": noise.one_wire, "two": noise.two_wire}

    def insert(kind, wires):
        for channel in table[kind]:
            for wire in wires:
                qp.QubitChannel([np.array(k) for k in channel.operators], wires=wire)

    def circuit(inputs, weights):
        for wire in range(4):
            qp.RY(inputs[..., wire], wires=wire)
            insert("one", [wire])
        for layer in range(len(weights)):
            for wire in range(4):
                qp.Rot(*weights[layer, wire], wires=wire)
                insert("one", [wire])
            for wire in range(4):
                other = (wire + layer % 3 + 1) % 4
                qp.CNOT(wires=[wire, other])
                insert("two", [wire, other])
        return measure()

    device = qp.device("default.mixed", wires=4)
    if noise.readout:  # the argument readout_prob=0.07 ends in a TypeError in PennyLane 0.45
        flip = noise.readout_of(0)[0]
        device.readout_err = [lambda wire: qp.BitFlip(flip, wires=wire)]
    return qp.QNode(circuit, device, interface="torch", diff_method="backprop")


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("readout", [(), 0.07])
@pytest.mark.parametrize(
    "channels",
    [
        (Channel.depolarizing(0.02),),
        (Channel.amplitude_damping(0.1),),
        (Channel.phase_damping(0.1), Channel.bit_flip(0.05)),
        (Channel.pauli({"X": 0.01, "Y": 0.02, "Z": 0.03}),),
    ],
    ids=["depolarizing", "amplitude damping", "phase damping and bit flip", "pauli"],
)
@pytest.mark.parametrize(
    "measure",
    [
        lambda: [qp.expval(qp.Z(0) @ qp.X(2)), qp.expval(qp.Y(1)), qp.expval(qp.Z(3))],
        lambda: [qp.probs(wires=[2, 0])],
    ],
    ids=["expval", "probs"],
)
def test_values_and_gradients_equal_default_mixeds(dtype, readout, channels, measure):
    noise = NoiseModel(one_wire=channels, two_wire=channels, readout=readout)
    generator = torch.Generator().manual_seed(1)
    x = torch.rand(5, 4, generator=generator, dtype=torch.float64).requires_grad_()
    w = torch.rand(2, 4, 3, generator=generator, dtype=torch.float64).requires_grad_()

    def circuit(inputs, weights):
        return ladder(inputs, weights, measure)

    results = mixed_ladder(noise, measure)(x, w)
    wanted = torch.stack(list(results), dim=-1) if len(results) > 1 else results[0]
    mine = [t.detach().to(dtype).requires_grad_() for t in (x, w)]
    found = runner_of(circuit, noise, 4, {"weights": (2, 4, 3)})(mine[0], {"weights": mine[1]})
    assert found.dtype == dtype
    torch.testing.assert_close(found.double(), wanted, rtol=0, atol=1e-6 if dtype == torch.float32 else 1e-10)
    direction = torch.rand(wanted.shape, generator=generator, dtype=torch.float64)
    (wanted * direction).sum().backward()
    (found * direction.to(dtype)).sum().backward()
    for a, b in zip(mine, (x, w), strict=True):
        torch.testing.assert_close(a.grad.double(), b.grad, rtol=0, atol=1e-5 if dtype == torch.float32 else 1e-10)


def test_amplitude_encoded_starts_and_their_gradients_equal_default_mixeds():
    def circuit(inputs, weights):
        qp.AmplitudeEmbedding(inputs, wires=range(3), normalize=True)
        for wire in range(3):
            qp.RX(weights[wire], wires=wire)
            qp.AmplitudeDamping(0.2, wires=wire)
        qp.CNOT(wires=[0, 2])
        return qp.expval(qp.Z(2)), qp.expval(qp.X(1))

    x = torch.rand(3, 8, dtype=torch.float64, requires_grad=True)
    w = torch.rand(3, dtype=torch.float64, requires_grad=True)
    found = runner_of(circuit, NoiseModel(), 8, {"weights": (3,)})(x, {"weights": w})
    qnode = qp.QNode(circuit, qp.device("default.mixed", wires=3), interface="torch", diff_method="backprop")
    wanted = torch.stack(qnode(x, w), dim=-1)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-10)
    mine, theirs = (torch.autograd.grad(out[:, 0].sum() + out[:, 1].square().sum(), (x, w)) for out in (found, wanted))
    for a, b in zip(mine, theirs, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-9)


def test_readout_errors_of_unequal_wires_move_the_probabilities_as_they_should():
    noise = NoiseModel(readout={0: (0.1, 0.3), 2: 0.2})

    def circuit(inputs):
        qp.RY(inputs[0], wires=0)
        qp.RY(inputs[1], wires=1)
        qp.CNOT(wires=[0, 2])
        return qp.probs(wires=[0, 1, 2])

    found = runner_of(circuit, noise, 2, {})(torch.tensor([[0.4, 1.1]], dtype=torch.float64), {})
    state = reference.run([("RY", (0,), (0.4,)), ("RY", (1,), (1.1,)), ("CNOT", (0, 2), ())], 3)
    wanted = reference.misread(reference.probabilities(state), [(0.1, 0.3), (0, 0), (0.2, 0.2)])
    np.testing.assert_allclose(found[0].numpy(), wanted, rtol=0, atol=1e-12)


def trained(monkeypatch, tape_bytes, n_threads):
    monkeypatch.setattr("qml.simulators.density._TAPE_BYTES", tape_bytes)
    noise = NoiseModel.amplitude_damping(0.05, 0.1)
    traced = trace(ladder, 4, {"weights": (3, 4, 3)}, after=gates_after(noise))
    runner = DensityRunner(traced, noise, n_threads)
    generator = torch.Generator().manual_seed(4)
    x = torch.rand(40, 4, generator=generator, dtype=torch.float64).requires_grad_()
    w = torch.rand(3, 4, 3, generator=generator, dtype=torch.float64).requires_grad_()
    out = runner(x, {"weights": w})
    out.square().sum().backward()
    return out.detach(), x.grad, w.grad


def test_neither_threads_nor_a_short_tape_change_a_bit(monkeypatch):
    monkeypatch.setattr("qml.simulators.density._UPDATES_WORTH_A_THREAD", 1)
    first = trained(monkeypatch, 2**26, 1)
    for tape_bytes, n_threads in ((2**26, 3), (0, 1), (100_000, 1), (0, 2)):
        other = trained(monkeypatch, tape_bytes, n_threads)
        assert all(torch.equal(a, b) for a, b in zip(first, other, strict=True))


def test_frozen_sides_leave_the_other_gradient_as_it_is():
    noise = NoiseModel.depolarizing(0.01, 0.02)
    runner = runner_of(ladder, noise, 4, {"weights": (3, 4, 3)})
    x = torch.rand(20, 4, dtype=torch.float64, requires_grad=True)
    w = torch.rand(3, 4, 3, dtype=torch.float64, requires_grad=True)
    both = torch.autograd.grad(runner(x, {"weights": w}).sum(), (x, w))
    only_x = torch.autograd.grad(runner(x, {"weights": w.detach()}).sum(), x)[0]
    only_w = torch.autograd.grad(runner(x.detach(), {"weights": w}).sum(), w)[0]
    torch.testing.assert_close(both[0], only_x, rtol=0, atol=1e-12)
    torch.testing.assert_close(both[1], only_w, rtol=0, atol=1e-12)


def test_backward_twice_gives_the_same_gradient():
    runner = runner_of(ladder, NoiseModel.depolarizing(0.01, 0.02), 4, {"weights": (3, 4, 3)})
    x, w = torch.rand(20, 4, requires_grad=True), torch.rand(3, 4, 3, requires_grad=True)
    loss = runner(x, {"weights": w}).sum()
    first = torch.autograd.grad(loss, (x, w), retain_graph=True)
    second = torch.autograd.grad(loss, (x, w))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def test_a_second_derivative_is_an_error_and_never_a_number():
    runner = runner_of(ladder, NoiseModel.depolarizing(0.01, 0.02), 4, {"weights": (3, 4, 3)})
    x, w = torch.rand(2, 4), torch.rand(3, 4, 3, requires_grad=True)
    out = runner(x, {"weights": w}).sum()
    gradient = torch.autograd.grad(out, w, create_graph=True)[0]
    with pytest.raises(CircuitError, match="the density-matrix engine gives first derivatives only"):
        gradient.square().sum().backward()


def test_eight_wires_deep_enough_for_checkpoints_equal_a_product():
    """Eight wires that never meet: each is a Bloch vector of its own."""
    depth, n_wires = 6, 8

    def circuit(inputs, weights):
        for layer in range(depth):
            for wire in range(n_wires):
                qp.RY(weights[layer, wire] + inputs[wire], wires=wire)
        return [qp.expval(qp.Z(wire)) for wire in range(n_wires)]

    noise = NoiseModel.depolarizing(0.03)
    runner = runner_of(circuit, noise, n_wires, {"weights": (depth, n_wires)})
    x = torch.rand(2, n_wires, dtype=torch.float64, requires_grad=True)
    w = torch.rand(depth, n_wires, dtype=torch.float64, requires_grad=True)
    found = runner(x, {"weights": w})
    wanted = torch.cos(w.sum(0) + depth * x) * (1 - 4 * 0.03 / 3) ** depth
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)
    mine, theirs = (torch.autograd.grad(out.square().sum(), (x, w)) for out in (found, wanted))
    for a, b in zip(mine, theirs, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-11)


def test_full_damping_forgets_everything():
    runner = runner_of(ladder, NoiseModel.amplitude_damping(1.0, 1.0), 4, {"weights": (3, 4, 3)})
    x, w = torch.rand(3, 4, dtype=torch.float64), torch.rand(3, 4, 3, dtype=torch.float64)
    torch.testing.assert_close(runner(x, {"weights": w}), torch.ones(3, 4, dtype=torch.float64), rtol=0, atol=1e-12)


def test_more_wires_than_the_engine_takes_are_refused_with_the_bytes():
    def circuit(inputs):
        qp.AngleEmbedding(inputs, wires=range(9))
        return qp.expval(qp.Z(0))

    with pytest.raises(
        CircuitError, match=r"up to 8 wires; this circuit has at least 9\..*at least 67,108,864 bytes, and [\d,]+"
    ):
        runner_of(circuit, NoiseModel.depolarizing(0.01), 9, {})


def test_a_state_vector_of_a_noisy_circuit_is_refused():
    def circuit(inputs):
        qp.RX(inputs[0], wires=0)
        return qp.state()

    with pytest.raises(CircuitError, match="a noisy circuit has no state vector"):
        runner_of(circuit, NoiseModel.depolarizing(0.01), 1, {})


def test_mixtures_of_measurements_equal_default_mixeds():
    def circuit(inputs, weights):
        for wire in range(2):
            qp.RY(inputs[..., wire], wires=wire)
            qp.AmplitudeDamping(0.2, wires=wire)
        qp.CNOT(wires=[0, 1])
        return qp.expval(qp.X(0)), qp.probs(wires=[1, 0]), qp.expval(qp.Z(1))

    x = torch.rand(3, 2, dtype=torch.float64)
    found = runner_of(circuit, NoiseModel(), 2, {"weights": (1,)})(x, {"weights": torch.zeros(1).double()})
    one, probs, two = qp.QNode(circuit, qp.device("default.mixed", wires=2), interface="torch")(x, None)
    torch.testing.assert_close(found, torch.cat([one[:, None], probs, two[:, None]], dim=1), rtol=0, atol=1e-10)


def test_variances_of_a_noisy_circuit_are_refused():
    def circuit(inputs):
        qp.RX(inputs[0], wires=0)
        return qp.var(qp.Z(0))

    with pytest.raises(CircuitError, match=r"expectation values and probabilities: .* instead of qp.var"):
        runner_of(circuit, NoiseModel.depolarizing(0.01), 1, {})


def test_a_matrix_on_too_many_wires_is_refused():
    def circuit(inputs):
        qp.RX(inputs[0], wires=0)
        qp.BlockEncode(random_unitary(32) / 2, wires=range(6))
        return qp.expval(qp.Z(0))

    with pytest.raises(CircuitError, match="matrix on 6 wires cannot run with noise, which takes up to 5"):
        runner_of(circuit, NoiseModel.depolarizing(0.01), 1, {})


def test_templates_count_as_their_gates_and_preparations_carry_no_noise():
    names = []

    def after(name, wires):
        names.append((name, wires))
        return []

    def circuit(inputs, weights):
        qp.BasisState([1, 0], wires=[0, 1])
        qp.AngleEmbedding(inputs, wires=[0, 1])
        qp.adjoint(qp.BasicEntanglerLayers)(weights, wires=[0, 1])
        qp.Barrier()
        return qp.expval(qp.Z(0))

    trace(circuit, 2, {"weights": (1, 2)}, after=after)
    once = names[: len(names) // 3]  # the function runs once to trace and twice to verify
    assert [name for name, _ in once] == ["RX", "RX", "Adjoint(CNOT)", "Adjoint(RX)", "Adjoint(RX)", "Barrier"]
    assert once[2][1] in ((0, 1), (1, 0))


def test_channels_in_the_circuit_itself_act_where_they_stand():
    def circuit(inputs):
        qp.RY(inputs[0], wires=0)
        qp.AmplitudeDamping(0.25, wires=0)
        return qp.expval(qp.Z(0))

    found = runner_of(circuit, NoiseModel(), 1, {})(torch.tensor([[1.2]], dtype=torch.float64), {})
    assert found.item() == pytest.approx(0.75 * math.cos(1.2) + 0.25, abs=1e-12)
