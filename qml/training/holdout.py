"""The part of the training data that early stopping watches."""

import torch
from torch import Tensor

# Below this many held-out samples the validation loss is too noisy to stop by, so nothing is held out.
FEWEST_HELD_OUT = 4


def hold_out(y: Tensor, fraction: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Divide sample indices into a training part and a validation part.

    Class targets (one column of integers, or of the numbers 0 and 1 only) keep their shares in both parts, to one
    sample; all others are divided at random.  Where the validation part would have fewer than ``FEWEST_HELD_OUT``
    samples it is empty.

    Args:
        y: Targets, shape (n, ...).
        fraction: Share to hold out, in [0, 1).
        generator: Source of the random choice, on the CPU.

    Returns:
        Indices of the training part and of the validation part, int64, on the CPU.

    >>> y = torch.tensor([0, 1] * 10)
    >>> train, validation = hold_out(y, 0.2, torch.Generator().manual_seed(0))
    >>> len(train), y[validation].tolist()
    (16, [0, 0, 1, 1])
    """
    n_samples = len(y)
    n_held_out = round(fraction * n_samples)
    order = torch.randperm(n_samples, generator=generator)
    if not FEWEST_HELD_OUT <= n_held_out < n_samples:
        return order, order[:0]
    if y.numel() == n_samples and _are_classes(y):
        order = order[torch.argsort(y.detach().cpu().reshape(-1)[order], stable=True)]
    # Evenly spaced places in the order of the classes; who of a class stands there is random.
    is_held_out = torch.zeros(n_samples, dtype=torch.bool)
    is_held_out[(torch.arange(n_held_out) * 2 + 1) * n_samples // (2 * n_held_out)] = True
    return order[~is_held_out], order[is_held_out]


def _are_classes(y: Tensor) -> bool:
    if y.is_floating_point():
        return bool(((y == 0) | (y == 1)).all())
    return not y.is_complex()
