import math

import numpy as np
import pennylane as qp
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_circuits import N_INPUTS, N_WEIGHTS, circuits

from qml.errors import CircuitError
from qml.simulators import Sampler, ShiftRunner, StatevectorRunner, reference, trace
from qml.simulators.sampling import draw_counts
from qml.simulators.settings import settings_of
from qml.simulators.shifts import TWO_TERMS

# Statistical tests draw from fixed seeds: they pass or fail the same way every time.
steady = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def sampled(traced, shots, seed=0):
    return ShiftRunner(traced, Sampler(traced.program, shots, generator(seed)))


# Counts.


def test_counts_have_the_moments_of_the_multinomial_distribution():
    p = torch.tensor([0.5, 0.0, 0.2, 0.05, 0.0, 0.0, 0.25, 0.0], dtype=torch.float64)
    rows, shots = 20_000, 30
    counts = draw_counts(p.repeat(rows, 1), shots, generator())
    assert (counts.sum(dim=1) == shots).all()
    assert (counts == counts.round()).all()
    assert (counts >= 0).all()
    assert (counts[:, p == 0] == 0).all()
    wanted = shots * (torch.diag(p) - torch.outer(p, p))
    mean_error = (counts.mean(dim=0) - shots * p).abs() / (wanted.diagonal() / rows).sqrt().clamp_min(1e-12)
    assert mean_error.max() < 4
    found = torch.cov(counts.T)
    torch.testing.assert_close(found, wanted, rtol=0, atol=5 * 8 * math.sqrt(2 / rows))


def test_one_shot_is_one_outcome():
    counts = draw_counts(torch.full((500, 16), 1 / 16, dtype=torch.float64), 1, generator())
    assert (counts.sum(dim=1) == 1).all()
    assert (counts.sum(dim=0) > 0).all()


def test_rows_need_not_sum_to_one():
    counts = draw_counts(torch.tensor([[3.0, 1.0], [0.0, 2.0]], dtype=torch.float64), 4000, generator())
    assert abs(counts[0, 0].item() - 3000) < 5 * math.sqrt(4000 * 0.75 * 0.25)
    assert counts[1].tolist() == [0, 4000]


# Settings.


def letters(*observables):
    def circuit(inputs):
        qp.RX(inputs[0], wires=0)
        qp.Identity(1)
        qp.Identity(2)
        return [qp.expval(o()) for o in observables]

    found = settings_of(trace(circuit, 1, {}).program.measurement, 3)
    return [setting.letters for setting in found.settings], found.offset.tolist()


@pytest.mark.parametrize(
    ("observables", "wanted", "offset"),
    [
        ([lambda: qp.Z(0), lambda: qp.Z(1) @ qp.Z(2), lambda: 2 * qp.I(0) + qp.Z(2)], ["ZZZ"], [0, 0, 2]),
        ([lambda: qp.X(0), lambda: qp.Y(1) @ qp.Z(2)], ["XYZ"], [0, 0]),
        ([lambda: qp.X(0) @ qp.Z(1), lambda: qp.Y(1)], ["XZZ", "ZYZ"], [0, 0]),
        ([lambda: qp.Z(0) + qp.X(0) + 0.5 * qp.Y(0)], ["ZZZ", "XZZ", "YZZ"], [0]),
        ([lambda: 3 * qp.I(0)], [], [3]),
        ([lambda: qp.Z(0), lambda: qp.Z(0) @ qp.X(2)], ["ZZZ", "ZZX"], [0, 0]),
    ],
)
def test_words_that_agree_on_every_wire_share_a_setting(observables, wanted, offset):
    assert letters(*observables) == (wanted, offset)


# Values.


@steady
@given(circuits(), st.integers(0, 2**16))
def test_sampled_words_are_within_five_standard_errors_of_the_oracle(circuit, seed):
    rng = np.random.default_rng(seed)
    x, w = rng.uniform(-2, 2, (3, N_INPUTS)), rng.uniform(-2, 2, N_WEIGHTS)
    shots = 20_000
    traced = trace(circuit, N_INPUTS, {"weights": (N_WEIGHTS,)})
    found = sampled(traced, shots, seed)(torch.tensor(x), {"weights": torch.tensor(w)}).numpy()
    for row, sample in zip(found, x, strict=True):
        state = reference.run(circuit.operations(sample, w), circuit.n_wires)
        for value, word in zip(row, circuit.words, strict=True):
            wanted = reference.expval(state, dict(word))
            error = math.sqrt(max(0.0, 1 - wanted**2) / shots)
            assert abs(value - wanted) <= 5 * error + 1e-9
            assert value * shots == pytest.approx(round(value * shots), abs=1e-6)


def test_probabilities_are_frequencies():
    def circuit(inputs):
        for wire in range(3):
            qp.RY(inputs[wire], wires=wire)
        return qp.probs(wires=[2, 0])

    x = torch.tensor([[0.3, 1.0, 2.0], [math.pi, 0.0, 0.0]], dtype=torch.float64)
    traced = trace(circuit, 3, {})
    found, exact = sampled(traced, 5000)(x, {}), StatevectorRunner(traced)(x, {})
    torch.testing.assert_close(found.sum(dim=1), torch.ones(2, dtype=torch.float64))
    torch.testing.assert_close(found * 5000, (found * 5000).round(), rtol=0, atol=1e-9)
    assert ((found - exact).abs() <= 5 * (exact * (1 - exact) / 5000).sqrt() + 1e-9).all()
    assert found[1].tolist() == [0, 1, 0, 0]


def bell(inputs):
    qp.RY(inputs[0], wires=0)
    qp.CNOT([0, 1])
    return [qp.expval(qp.Z(0) + qp.Z(1)), qp.expval(qp.Z(0) + qp.X(0)), qp.expval(2 * qp.I(1))]


def test_the_variance_of_a_sum_is_that_of_its_settings():
    traced, shots, repeats = trace(bell, 1, {}), 50, 20_000
    x = torch.full((repeats, 1), math.pi / 2, dtype=torch.float64)
    variance = sampled(traced, shots)(x, {}).var(dim=0) * shots
    spread = 5 * 4 * math.sqrt(2 / repeats)
    # Z0 and Z1 come from the same shots and always agree: Var(2 Z0) = 4.  Z0 and X0 come from shots of their own: 1+1.
    torch.testing.assert_close(variance, torch.tensor([4.0, 2.0, 0.0], dtype=torch.float64), rtol=0, atol=spread)


def test_the_same_seed_gives_the_same_bits_and_another_one_others():
    traced = trace(bell, 1, {})
    x = torch.rand(5, 1, generator=generator())
    first, second, third = (sampled(traced, 100, seed)(x, {}) for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert not torch.equal(first, third)
    assert first.dtype == torch.float32


def test_states_cut_into_chunks_are_all_sampled(monkeypatch):
    monkeypatch.setattr("qml.simulators.sampling._NUMBERS_A_CHUNK", 9)
    x = torch.zeros(7, 1, dtype=torch.float64)
    assert sampled(trace(bell, 1, {}), 100)(x, {})[:, 0].tolist() == [2.0] * 7
    assert sampled(trace(bell, 1, {}), 100)(x[:0], {}).shape == (0, 3)


def test_a_state_cannot_be_sampled():
    def circuit(inputs):
        qp.RX(inputs[0], wires=0)
        return qp.state()

    with pytest.raises(CircuitError, match=r"a state cannot be sampled: the circuit returns qp.state\(\) and shots=7"):
        Sampler(trace(circuit, 1, {}).program, 7, generator())


# Gradients.


def trained(inputs, weights):
    qp.RY(inputs[0], wires=0)
    qp.RX(inputs[1] * weights[0], wires=1)
    qp.CRX(weights[1], wires=[0, 1])
    qp.Rot(weights[2], weights[0], weights[3], wires=1)
    qp.IsingZZ(inputs[0] * inputs[1], wires=[0, 1])
    qp.PhaseShift(weights[3], wires=0)
    return [qp.expval(qp.Z(0) + 0.5 * qp.X(1)), qp.expval(qp.Y(0) @ qp.X(1))]


def encoded(inputs, weights):
    qp.AmplitudeEmbedding(inputs, wires=0, normalize=True)
    qp.RX(weights[0] * inputs[0], wires=1)
    qp.CRY(weights[1], wires=[0, 1])
    return qp.probs(wires=[0, 1])


def standard_errors_off(circuit, n_weights, repeats=4000, shots=20):
    """Return how many standard errors the mean sampled gradient of each variable is away from the exact one."""
    traced = trace(circuit, 2, {"weights": (n_weights,)})
    one_x = torch.tensor([0.4, 1.1], dtype=torch.float64)
    one_w = torch.tensor([0.7, 1.9, -0.6, 2.2], dtype=torch.float64)[:n_weights]
    exact_x, exact_w = one_x.clone().requires_grad_(), one_w.clone().requires_grad_()
    out = StatevectorRunner(traced)(exact_x[None], {"weights": exact_w})[0]
    direction = torch.tensor([1.0, -0.7, 0.3, 2.0], dtype=torch.float64)[: len(out)]
    (out * direction).sum().backward()
    runner = sampled(traced, shots, seed=11)
    x = one_x.repeat(repeats, 1).requires_grad_()
    (runner(x, {"weights": one_w}) * direction).sum().backward()
    off = [(x.grad.mean(dim=0) - exact_x.grad) / (x.grad.std(dim=0) / math.sqrt(repeats))]
    rows = []
    for _ in range(repeats // 10):  # the gradient of the weights is summed over 100 samples, each with its own shots
        w = one_w.clone().requires_grad_()
        (runner(one_x.repeat(100, 1), {"weights": w}) * direction).sum(dim=1).mean().backward()
        rows.append(w.grad)
    found = torch.stack(rows)
    off.append((found.mean(dim=0) - exact_w.grad) / (found.std(dim=0) / math.sqrt(len(rows))))
    return torch.cat(off).abs()


@pytest.mark.parametrize(("circuit", "n_weights"), [(trained, 4), (encoded, 2)])
def test_sampled_gradients_are_unbiased_for_weights_and_inputs(circuit, n_weights):
    assert standard_errors_off(circuit, n_weights).max() < 4


def test_the_test_of_bias_finds_a_wrong_rule(monkeypatch):
    monkeypatch.setattr("qml.simulators.shifts.FOUR_TERMS", TWO_TERMS)
    assert standard_errors_off(trained, 4).max() > 6


def test_shots_of_the_backward_pass_are_its_own():
    traced = trace(bell, 1, {})
    runner = sampled(traced, 10)
    x = torch.full((1, 1), 1.0, dtype=torch.float64, requires_grad=True)
    out = runner(x, {})[:, 0].sum()
    first = torch.autograd.grad(out, x, retain_graph=True)[0]
    others = [torch.autograd.grad(out, x, retain_graph=True)[0] for _ in range(5)]
    assert any(not torch.equal(first, other) for other in others)
