import math

import numpy as np
import pennylane as qp
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_circuits import N_INPUTS, N_WEIGHTS, circuits

from qml.errors import CircuitError
from qml.simulators import Engine, ShiftRunner, StatevectorRunner, trace
from qml.simulators.shifts import FOUR_TERMS, TWO_TERMS, open_program

quiet = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


class Exact:
    """Runs the opened program without sampling, and counts what it is asked for."""

    def __init__(self, program):
        self.engine = Engine(open_program(program), np.float64)
        self.rows = []

    def __call__(self, angles, initial):
        self.rows.append(len(angles))
        planes = None if initial is None else torch.view_as_real(initial).movedim(-1, 1)
        return self.engine.forward(angles, angles.new_zeros(0), planes, keep=False)[0]


def both(circuit, n_inputs, **shapes):
    traced = trace(circuit, n_inputs, shapes)
    return StatevectorRunner(traced), ShiftRunner(traced, Exact(traced.program))


def draw(seed, *shapes):
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(shape, generator=generator, dtype=torch.float64).mul(3).requires_grad_() for shape in shapes]


def assert_same_values_and_gradients(runners, x, weights):
    results = []
    for runner in runners:
        out = runner(x, weights)
        direction = torch.linspace(-1, 2, out.numel(), dtype=torch.float64).reshape(out.shape)
        gradients = torch.autograd.grad((out * direction).sum(), (x, *weights.values()), allow_unused=True)
        results.append((out, *(torch.zeros(()) if g is None else g for g in gradients)))
    for mine, wanted in zip(*results, strict=True):
        torch.testing.assert_close(mine, wanted.expand_as(mine).to(mine.dtype), rtol=0, atol=1e-11)


@pytest.mark.parametrize("frequency", [0.5, 1.0])
@pytest.mark.parametrize("phase", [0.0, 0.3, 2.0])
def test_the_rules_are_the_derivatives_of_the_waves_they_are_for(frequency, phase):
    def wave(angle):
        return math.cos(frequency * angle + phase)

    for rule, frequencies in ((TWO_TERMS, {1.0}), (FOUR_TERMS, {0.5, 1.0})):
        found = sum(coefficient * wave(0.7 + shift) for coefficient, shift in rule)
        wanted = -frequency * math.sin(frequency * 0.7 + phase)
        assert math.isclose(found, wanted, abs_tol=1e-12) == (frequency in frequencies)


@quiet
@given(circuits(), st.sampled_from([0, 1, 5]), st.integers(0, 2**16))
def test_values_and_gradients_equal_the_adjoint_ones_on_random_circuits(circuit, n_samples, seed):
    x, w = draw(seed, (n_samples, N_INPUTS), (N_WEIGHTS,))
    assert_same_values_and_gradients(both(circuit, N_INPUTS, weights=(N_WEIGHTS,)), x, {"weights": w})


def controlled(inputs, weights):
    for wire in range(3):
        qp.Hadamard(wire)
    qp.ctrl(qp.RX, control=[0, 1], control_values=[0, 1])(inputs[0], wires=2)
    qp.CRot(*weights[:3], wires=[2, 0])
    qp.ctrl(qp.PhaseShift, control=[1, 2])(inputs[1] * weights[3], wires=0)
    qp.MultiRZ(weights[0] * weights[1], wires=[0, 1, 2])
    qp.GlobalPhase(inputs[0])
    qp.ctrl(qp.GlobalPhase, control=1)(inputs[1])
    qp.CRY(weights[1], wires=[0, 2])
    return [qp.expval(qp.X(0)), qp.expval(qp.Y(1) @ qp.Z(2) + 2 * qp.X(2))]


def test_controlled_rotations_and_phases():
    x, w = draw(3, (4, 2), (4,))
    assert_same_values_and_gradients(both(controlled, 2, weights=(4,)), x, {"weights": w})


def test_two_terms_would_be_wrong_for_a_controlled_rotation(monkeypatch):
    monkeypatch.setattr("qml.simulators.shifts.FOUR_TERMS", TWO_TERMS)
    x, w = draw(3, (4, 2), (4,))
    with pytest.raises(AssertionError, match="Mismatched elements"):
        assert_same_values_and_gradients(both(controlled, 2, weights=(4,)), x, {"weights": w})


def encoded(inputs, weights):
    qp.AmplitudeEmbedding(inputs, wires=[2, 0], normalize=True)
    qp.RY(inputs[0] * weights[0], wires=1)
    qp.CRX(weights[1], wires=[1, 2])
    return qp.probs(wires=[2, 0])


def test_gradients_through_amplitude_encoding():
    x, w = draw(5, (3, 4), (2,))
    assert_same_values_and_gradients(both(encoded, 4, weights=(2,)), x, {"weights": w})


def test_gradients_through_an_amplitude_that_is_all_of_the_state():
    _, w = draw(5, (1,), (2,))
    x = torch.tensor([[1.0, 0, 0, 0], [0, 0, 1, 0]], dtype=torch.float64, requires_grad=True)
    assert_same_values_and_gradients(both(encoded, 4, weights=(2,)), x, {"weights": w})


def test_first_and_second_derivatives_pass_torchs_check():
    def circuit(inputs, weights):
        qp.RX(inputs[0] * weights[0], wires=0)
        qp.CRY(weights[1] * weights[1], wires=[0, 1])
        qp.RZ(torch.tanh(inputs[0]), wires=1)
        return [qp.expval(qp.X(1)), qp.expval(qp.Y(0) @ qp.Y(1))]

    _, runner = both(circuit, 1, weights=(2,))
    x, w = draw(9, (2, 1), (2,))
    assert torch.autograd.gradcheck(lambda x, w: runner(x, {"weights": w}), (x, w))
    assert torch.autograd.gradgradcheck(lambda x, w: runner(x, {"weights": w}), (x, w))


def some(inputs, weights):
    qp.RX(inputs[0], wires=0)  # 2 circuits for the inputs
    qp.RY(0.3, wires=0)  # none
    qp.RY(weights[0], wires=1)  # 2 for the weights
    qp.CRZ(weights[1] * inputs[0], wires=[0, 1])  # 4 for either
    return qp.expval(qp.X(1))


@pytest.mark.parametrize(("for_x", "for_w", "circuits_a_sample"), [(True, True, 8), (True, False, 6), (False, True, 6)])
def test_all_shifted_circuits_run_in_one_batch_and_frozen_ones_not_at_all(for_x, for_w, circuits_a_sample):
    _, runner = both(some, 1, weights=(2,))
    x, w = draw(1, (5, 1), (2,))
    runner(x.requires_grad_(for_x), {"weights": w.requires_grad_(for_w)}).sum().backward()
    assert runner.execute.rows == [5, 5 * circuits_a_sample]


def test_a_large_batch_is_cut_and_gives_the_same(monkeypatch):
    monkeypatch.setattr("qml.simulators.parameter_shift._NUMBERS_A_BATCH", 100)
    x, w = draw(5, (7, 4), (2,))
    runners = both(encoded, 4, weights=(2,))
    assert_same_values_and_gradients(runners, x, {"weights": w})
    assert len(runners[1].execute.rows) > 4


def test_a_complex_output_has_no_gradient_by_parameter_shift():
    def circuit(inputs):
        qp.RX(inputs[0], wires=0)
        return qp.state()

    traced = trace(circuit, 1, {})
    runner = ShiftRunner(traced, lambda angles, initial: torch.exp(1j * angles).repeat(1, 2))
    (x,) = draw(0, (2, 1))
    with pytest.raises(CircuitError, match=r"a state has no gradient by parameter shift; return expectation values"):
        runner(x, {}).abs().sum().backward()


def test_opening_keeps_the_circuit_and_takes_one_feature_an_angle():
    program = trace(controlled, 2, {"weights": (4,)}).program
    opened = open_program(program)
    assert opened.n_inputs == opened.angles.n_lane == len(program.angles.constant)
    assert opened.n_weights == 0
