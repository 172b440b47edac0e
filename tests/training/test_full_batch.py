import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

from qml.errors import TrainingError
from qml.training import fit_full_batch


def test_it_finds_the_logistic_regression_that_scikit_learn_finds():
    rng = np.random.default_rng(0)
    X, noise = rng.normal(size=(80, 3)), rng.normal(size=80)
    y = (X @ [1.0, -2.0, 0.5] + noise > 0).astype(float)
    line = nn.Linear(3, 1).double()
    inputs, targets = torch.tensor(X), torch.tensor(y)

    def objective():
        return nn.functional.binary_cross_entropy_with_logits(line(inputs)[:, 0], targets)

    result = fit_full_batch(line, objective, max_iterations=200)
    wanted = LogisticRegression(C=np.inf, tol=1e-8, max_iter=1000).fit(X, y)
    assert np.allclose(line.weight.detach().numpy(), wanted.coef_, atol=1e-3)
    assert np.allclose(line.bias.detach().numpy(), wanted.intercept_, atol=1e-3)
    assert result.stop_reason == "converged"
    assert result.train_losses[-1] == min(result.train_losses) == pytest.approx(objective().item())


def test_the_number_of_iterations_is_a_limit():
    line = nn.Linear(1, 1).double()
    X = torch.linspace(-1, 1, 20, dtype=torch.float64).reshape(-1, 1)
    result = fit_full_batch(line, lambda: ((line(X) - torch.sin(X)) ** 2).mean(), max_iterations=1)
    assert (len(result.train_losses), result.stop_reason) == (1, "max-epochs")


def test_bad_arguments_and_a_broken_objective_are_explained():
    line = nn.Linear(1, 1).double()
    with pytest.raises(TrainingError, match="max_iterations must be at least 1; got 0"):
        fit_full_batch(line, lambda: line.weight.sum(), max_iterations=0)
    with pytest.raises(TrainingError, match="the objective is nan after 0 iterations; scale the features"):
        fit_full_batch(line, lambda: line.weight.sum() * float("nan"), max_iterations=5)
    with pytest.raises(TrainingError, match="nothing to train"):
        fit_full_batch(line.requires_grad_(False), lambda: line.weight.sum(), max_iterations=5)
