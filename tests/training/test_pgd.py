"""Projected gradient descent against models whose worst case is known."""

import math

import pennylane as qp
import pytest
import torch
from torch import nn
from torch.nn import functional

from qml.errors import SpecError
from qml.nn import QuantumLayer
from qml.training.pgd import BLOCK, projected_gradient_descent


def logistic(outputs, targets):
    return functional.softplus(-targets * outputs[:, 0])


def line(weights, bias=0.3):
    module = nn.Linear(len(weights), 1).double().requires_grad_(False)
    module.weight.data[:], module.bias.data[:] = torch.tensor([weights]), bias
    return module


def data(n=50, d=3, seed=0):
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(n, d, generator=generator, dtype=torch.float64)
    return X, torch.randint(0, 2, (n,), generator=generator).double() * 2 - 1


@pytest.mark.parametrize("epsilon", [0.01, 0.3, 2.0])
def test_the_worst_case_of_a_line_is_the_corner_against_its_weights(epsilon):
    module, (X, y) = line([1.0, -2.0, 0.5]), data()
    found = projected_gradient_descent(module, X, y, losses=logistic, epsilon=epsilon)
    expected = X - epsilon * y[:, None] * torch.tensor([1.0, -1.0, 1.0])
    assert torch.allclose(found, expected, atol=1e-12)
    # So the margin falls by epsilon times the sum of the weights' sizes, 3.5.
    fallen = y * (module(X) - module(found))[:, 0]
    assert torch.allclose(fallen, torch.full_like(fallen, 3.5 * epsilon))


def test_a_radius_of_zero_changes_nothing():
    X, y = data()
    assert torch.equal(projected_gradient_descent(line([1.0, 1.0, 1.0]), X, y, losses=logistic, epsilon=0.0), X)


def test_no_row_leaves_its_box_and_no_loss_falls():
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1)).double()
    X, y = data(BLOCK + 20)
    found = projected_gradient_descent(module, X, y, losses=logistic, epsilon=0.2)
    assert (found - X).abs().max() <= 0.2 + 1e-12
    assert (logistic(module(found), y) >= logistic(module(X), y)).all()
    assert not found.requires_grad


def test_a_circuit_is_attacked_through_its_gradients():
    def circuit(inputs):
        qp.RX(inputs[..., 0], wires=0)
        return qp.expval(qp.Z(0))

    module = nn.Sequential(QuantumLayer(circuit, {}, dtype=torch.float64))
    X = torch.tensor([[0.5], [3.0], [-0.5]], dtype=torch.float64)
    found = projected_gradient_descent(module, X, torch.ones(3), losses=lambda out, y: -out.reshape(-1), epsilon=0.3)
    # cos falls away from 0 until pi, which the second row reaches: 3.0 + 0.3 is past it.
    assert found[[0, 2], 0].tolist() == pytest.approx([0.8, -0.8])
    assert found[1, 0].item() == pytest.approx(math.pi, abs=0.04)  # one step


def test_the_second_start_leaves_a_flat_top():
    # At 0 the slope of cos is 0, and the data alone would stay there.
    class Cosine(nn.Module):
        def forward(self, X):
            return torch.cos(X)

    generator = torch.Generator().manual_seed(0)
    found = projected_gradient_descent(
        Cosine(), torch.zeros(1, 1), torch.ones(1), losses=lambda out, y: -out[:, 0], epsilon=0.5, generator=generator
    )
    assert found.abs().item() == pytest.approx(0.5)


@pytest.mark.parametrize("epsilon", [-0.1, float("nan"), float("inf")])
def test_a_bad_radius_is_refused(epsilon):
    with pytest.raises(SpecError, match="epsilon must be at least 0 and finite"):
        projected_gradient_descent(line([1.0]), *data(d=1), losses=logistic, epsilon=epsilon)
