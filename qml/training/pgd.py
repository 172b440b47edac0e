"""Projected gradient descent: the inputs within a box around the data on which a trained module does worst."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from qml.errors import SpecError

N_STEPS = 20
REACH = 2.5  # step size times steps, in radii: from any start to any corner, with a quarter to spare
BLOCK = 512  # rows at once

Losses = Callable[[Tensor, Tensor], Tensor]


def projected_gradient_descent(
    module: nn.Module,
    X: Tensor,
    y: Tensor,
    *,
    losses: Losses,
    epsilon: float,
    n_steps: int = N_STEPS,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Return inputs no further than epsilon from the given ones, in every feature, with the largest loss that was met.

    x ← Π(x + α sign ∇_x loss), Π being the projection onto the box, from two starts: the data, and a point drawn in the
    box.  Of each row the worst point is kept, the data included, so that the loss of a row never falls.

    Args:
        module: Maps (n, n_features) to (n, n_outputs), row by row, with gradients for its inputs; in evaluation mode.
        X: Inputs, shape (n, n_features).
        y: Targets as ``losses`` takes them, shape (n, ...).
        losses: ``losses(outputs, targets)`` gives the loss of each row, shape (n,).
        epsilon: Radius of the box in units of the inputs, at least 0.
        n_steps: Steps from each start, at least 1; each is 2.5 epsilon / n_steps long.
        generator: Draws the second start.

    Raises:
        SpecError: If the radius is negative or not finite, or there is no step.

    Source: Madry et al. 2018 (arXiv:1706.06083).

    >>> line = nn.Linear(2, 1)
    >>> line.weight.data, line.bias.data = torch.tensor([[1.0, -2.0]]), torch.tensor([0.5])
    >>> def loss(outputs, targets):  # larger where the output is smaller
    ...     return -outputs[:, 0] * targets
    >>> projected_gradient_descent(line, torch.zeros(1, 2), torch.ones(1), losses=loss, epsilon=0.25).tolist()
    [[-0.25, 0.25]]
    """
    if not 0 <= epsilon < float("inf") or n_steps < 1:
        raise SpecError(f"epsilon must be at least 0 and finite, n_steps at least 1; got {epsilon!r} and {n_steps!r}.")
    noise = torch.rand(X.shape, generator=generator, dtype=X.dtype)  # drawn for all rows, whatever the blocks
    rows = [slice(start, start + BLOCK) for start in range(0, len(X), BLOCK)]
    found = [_worst(module, X[part], y[part], noise[part], losses, float(epsilon), n_steps) for part in rows]
    return torch.cat(found) if found else X


def _worst(
    module: nn.Module, X: Tensor, y: Tensor, noise: Tensor, losses: Losses, epsilon: float, n_steps: int
) -> Tensor:
    found, largest = X, _value(module, X, y, losses)
    if not epsilon:
        return found
    for start in (X, X + epsilon * (2 * noise - 1)):
        point = start
        for _ in range(n_steps):
            point = point.detach().requires_grad_()
            value = losses(module(point), y)
            (slope,) = torch.autograd.grad(value.sum(), point)
            step = point.detach() + REACH * epsilon / n_steps * slope.sign()
            point = torch.minimum(torch.maximum(step, X - epsilon), X + epsilon)
            value = _value(module, point, y, losses)
            worse = value > largest
            largest = torch.where(worse, value, largest)
            found = torch.where(worse[:, None], point, found)
    return found


def _value(module: nn.Module, X: Tensor, y: Tensor, losses: Losses) -> Tensor:
    with torch.no_grad():
        values: Tensor = losses(module(X), y)
    return values
