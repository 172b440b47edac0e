import copy
import random

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from qml.errors import TrainingError
from qml.training import Schedule, fit

mse = functional.mse_loss


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def line():
    """A module of one layer with weights that do not depend on the global generator."""
    module = nn.Linear(2, 1)
    with torch.no_grad():
        module.weight.copy_(torch.tensor([[0.1, -0.1]]))
        module.bias.zero_()
    return module


@pytest.fixture
def plane():
    X = torch.randn(100, 2, generator=generator())
    return X, X @ torch.tensor([[2.0], [-1.0]]) + 0.5


def weights(module):
    return torch.cat([tensor.detach().reshape(-1) for tensor in module.state_dict().values()])


def test_it_finds_the_plane(line, plane):
    result = fit(line, *plane, loss=mse, schedule=Schedule(learning_rate=0.1), seed=0)
    torch.testing.assert_close(weights(line), torch.tensor([2.0, -1.0, 0.5]), atol=0.02, rtol=0)
    assert result.train_losses[-1] < 0.01 * result.train_losses[0]


def test_the_result_counts_what_was_done(line, plane):
    result = fit(line, *plane, loss=mse, schedule=Schedule(max_epochs=7, learning_rate=1e-3), seed=0)
    assert len(result.train_losses) == len(result.validation_losses) == 7
    assert result.steps == 7 * 3  # 80 samples in batches of at most 32
    assert result.stop_reason == "max-epochs"
    assert result.best_epoch == 7
    assert result.seconds > 0
    assert line.weight.grad is None


def test_one_step_is_adams_first_step(line):
    X, y = torch.ones(4, 2), torch.zeros(4, 1)
    fit(line, X, y + 1, loss=mse, schedule=Schedule(max_epochs=1, learning_rate=0.25), seed=0)
    # Adam's first step has the length of the learning rate, against the sign of the gradient.
    torch.testing.assert_close(weights(line), torch.tensor([0.35, 0.15, 0.25]))


def test_weight_decay_is_decoupled(line):
    X, y = torch.zeros(4, 2), torch.zeros(4, 1)
    fit(line, X, y, loss=mse, schedule=Schedule(max_epochs=1, learning_rate=0.5, weight_decay=0.2), seed=0)
    torch.testing.assert_close(weights(line), torch.tensor([0.09, -0.09, 0.0]))


@pytest.mark.parametrize("fraction", [0.0, 0.2])
def test_the_best_epoch_is_restored_and_patience_stops(line, plane, fraction):
    X, y = plane
    schedule = Schedule(learning_rate=2.0, max_epochs=200, patience=5, validation_fraction=fraction)
    seen = []

    def recording(outputs, targets):
        if not torch.is_grad_enabled():
            seen.append((mse(outputs, targets).item(), weights(line).clone()))
        return mse(outputs, targets)

    result = fit(line, X, y, loss=recording, schedule=schedule, seed=0)
    losses = [loss for loss, _ in seen]
    assert result.stop_reason == "patience"
    assert result.best_epoch == losses.index(min(losses)) + 1
    assert len(result.train_losses) == result.best_epoch + 5
    assert torch.equal(weights(line), seen[result.best_epoch - 1][1])
    assert result.validation_losses == (tuple(losses) if fraction else ())


def test_buffers_are_restored_with_the_weights(plane):
    X, y = plane
    module = nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 1))
    result = fit(module, X, y, loss=mse, schedule=Schedule(learning_rate=3.0, patience=2), seed=0)
    assert result.best_epoch < len(result.train_losses)
    assert int(module[0].num_batches_tracked) == result.best_epoch * 3


def test_the_held_out_part_is_never_trained_on(line, plane):
    X, y = plane
    trained = []
    module = nn.Sequential(line)
    module.register_forward_pre_hook(lambda m, inputs: trained.append(inputs[0].clone()) if m.training else None)
    fit(module, X, y, loss=mse, schedule=Schedule(max_epochs=3), seed=0)
    rows = {tuple(row) for batch in trained for row in batch.tolist()}
    assert len(rows) == 80


def test_batches_are_equal_and_cover_each_epoch(line):
    X = torch.arange(66.0).reshape(33, 2)
    sizes = []
    line.register_forward_pre_hook(lambda _, inputs: sizes.append(len(inputs[0])))
    fit(line, X, X[:, :1], loss=mse, schedule=Schedule(max_epochs=1, validation_fraction=0, learning_rate=1e-5), seed=0)
    assert sizes == [17, 16, 33]  # never a batch of one; then the evaluation


@pytest.mark.parametrize("n", [2, 3, 5])
def test_a_handful_of_samples_is_enough(line, n):
    X = torch.randn(n, 2, generator=generator())
    result = fit(
        line, X, torch.arange(n) % 2, loss=lambda out, y: mse(out[:, 0], y.float()), schedule=Schedule(), seed=0
    )
    assert result.validation_losses == ()
    assert len(result.train_losses) >= 1


def test_frozen_parameters_stay(line, plane):
    line.weight.requires_grad_(False)
    before = line.weight.clone()
    fit(line, *plane, loss=mse, schedule=Schedule(max_epochs=3), seed=0)
    assert torch.equal(line.weight, before)
    assert float(line.bias.detach()) != 0


@pytest.mark.parametrize("training", [True, False])
def test_the_modules_mode_is_given_back(line, plane, training):
    line.train(training)
    fit(line, *plane, loss=mse, schedule=Schedule(max_epochs=1), seed=0)
    assert line.training is training


def test_float64_stays_float64(plane):
    X, y = (tensor.double() for tensor in plane)
    module = nn.Linear(2, 1, dtype=torch.float64)
    fit(module, X, y, loss=mse, schedule=Schedule(max_epochs=2), seed=0)
    assert module.weight.dtype == torch.float64


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_the_same_seed_gives_bit_equal_weights(plane, dropout):
    start = nn.Sequential(nn.Linear(2, 8), nn.Dropout(dropout), nn.Linear(8, 1))
    modules = [copy.deepcopy(start) for _ in range(3)]
    for position, (module, seed) in enumerate(zip(modules, (1, 1, 2), strict=True)):
        torch.rand(position)  # the global generator stands elsewhere each time
        fit(module, *plane, loss=mse, schedule=Schedule(max_epochs=5), seed=seed)
    assert torch.equal(weights(modules[0]), weights(modules[1]))
    assert not torch.equal(weights(modules[0]), weights(modules[2]))


@pytest.mark.parametrize("fails", [False, True])
def test_global_state_is_left_alone(plane, fails):
    def state():
        name, keys, *rest = np.random.get_state()  # noqa: NPY002  # the global state is what this test is about
        settings = (torch.get_num_threads(), torch.get_default_dtype(), torch.is_grad_enabled())
        return torch.get_rng_state().tolist(), name, keys.tolist(), rest, random.getstate(), settings

    module = nn.Sequential(nn.Linear(2, 4), nn.Dropout(0.5), nn.Linear(4, 1))
    before = state()
    if fails:
        with pytest.raises(TrainingError):
            fit(module, *plane, loss=lambda out, y: mse(out, y) / 0, schedule=Schedule(), seed=0)
    else:
        fit(module, *plane, loss=mse, schedule=Schedule(max_epochs=3), seed=0)
    assert state() == before


def root_mean_square(outputs, targets):
    """A loss whose gradient is NaN where it is zero."""
    return mse(outputs, targets).sqrt()


def test_a_gradient_that_is_not_finite_is_named(line):
    with torch.no_grad():
        line.weight.zero_()
    with pytest.raises(TrainingError) as caught:
        fit(line, torch.ones(64, 2), torch.zeros(64, 1), loss=root_mean_square, schedule=Schedule(), seed=0)
    assert str(caught.value) == (
        "the loss became NaN in epoch 1, step 2: the gradient of 'weight', 'bias' was not finite in the step before; "
        "lower learning_rate (now 0.02) or scale the features."
    )


def test_a_gradient_that_is_not_finite_in_the_last_step_is_seen_in_validation(line):
    with torch.no_grad():
        line.weight.zero_()
    with pytest.raises(TrainingError, match=r"NaN in epoch 1, validation after step 1: the gradient of"):
        fit(line, torch.ones(20, 2), torch.zeros(20, 1), loss=root_mean_square, schedule=Schedule(max_epochs=1), seed=0)


def test_only_the_parameter_with_the_broken_gradient_is_named(plane):
    class Root(nn.Module):
        def __init__(self):
            super().__init__()
            self.sound = nn.Parameter(torch.ones(()))
            self.broken = nn.Parameter(torch.zeros(()))

        def forward(self, X):
            return X[:, :1] * self.sound + self.broken.abs().sqrt()

    with pytest.raises(TrainingError, match=r"epoch 1, step 2: the gradient of 'broken' was not finite"):
        fit(Root(), *plane, loss=mse, schedule=Schedule(), seed=0)


def test_an_overflow_in_the_forward_pass_is_told_from_a_broken_gradient(line, plane):
    X, y = plane
    with pytest.raises(TrainingError) as caught:
        fit(line, X, y, loss=mse, schedule=Schedule(learning_rate=1e25), seed=0)
    message = str(caught.value)
    assert message.startswith("the loss became infinite in epoch 1, step 2: every parameter is finite")
    assert "the largest magnitude is 1e+25, in 'weight'" in message
    assert message.endswith("lower learning_rate (now 1e+25) or scale the features.")


def test_data_that_are_not_finite_are_refused(line, plane):
    X, y = plane
    X[3, 1] = float("inf")
    message = r"X holds a NaN or infinite value in row 3, column 1; remove or fill it before the fit\."
    with pytest.raises(TrainingError, match=message):
        fit(line, X, y, loss=mse, schedule=Schedule(), seed=0)
    with pytest.raises(TrainingError, match=r"y holds a NaN or infinite value in row 0; "):
        fit(line, y, torch.full((100,), float("nan")), loss=mse, schedule=Schedule(), seed=0)


@pytest.mark.parametrize(
    ("n_X", "n_y", "message"),
    [(3, 4, r"X and y must have the same length; got 3 and 4\."), (1, 1, r"a fit needs at least 2 samples; got 1\.")],
)
def test_lengths_are_checked(line, n_X, n_y, message):  # X is the field's name
    with pytest.raises(TrainingError, match=message):
        fit(line, torch.ones(n_X, 2), torch.ones(n_y, 1), loss=mse, schedule=Schedule(), seed=0)


def test_a_module_without_trainable_parameters_is_refused(line, plane):
    line.requires_grad_(False)
    with pytest.raises(TrainingError, match=r"no parameter with requires_grad=True; there is nothing to train\."):
        fit(line, *plane, loss=mse, schedule=Schedule(), seed=0)


def test_initial_weights_that_are_not_finite_are_refused(line, plane):
    with torch.no_grad():
        line.bias.fill_(float("nan"))
    with pytest.raises(TrainingError, match=r"the initial values of 'bias' are not finite; reset them before"):
        fit(line, *plane, loss=mse, schedule=Schedule(), seed=0)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_it_trains_on_a_gpu_and_gives_its_random_state_back(plane):
    X, y = (tensor.cuda() for tensor in plane)
    start = nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.1), nn.Linear(8, 1)).cuda()
    modules = [copy.deepcopy(start) for _ in range(2)]
    before = torch.cuda.get_rng_state()
    results = [fit(m, X, y, loss=mse, schedule=Schedule(learning_rate=0.05), seed=0) for m in modules]
    assert torch.equal(torch.cuda.get_rng_state(), before)
    assert torch.equal(weights(modules[0]), weights(modules[1]))
    assert results[0].train_losses[-1] < 0.5 * results[0].train_losses[0]
