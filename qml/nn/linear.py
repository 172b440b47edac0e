"""A linear layer whose initial weights come from a generator."""

import math

import torch
from torch import nn


def linear(n_inputs: int, n_outputs: int, generator: torch.Generator | None = None) -> nn.Linear:
    """Make a linear layer with torch's usual initial weights, drawn from ``generator`` alone if there is one.

    >>> layer = linear(4, 2, torch.Generator().manual_seed(0))
    >>> layer.weight.shape, bool((layer.weight.abs() <= 0.5).all())
    (torch.Size([2, 4]), True)
    """
    layer: nn.Linear = nn.utils.skip_init(nn.Linear, n_inputs, n_outputs)  # type: ignore[no-untyped-call]  # torch leaves it so
    bound = 1 / math.sqrt(max(n_inputs, 1))
    for parameter in layer.parameters():
        nn.init.uniform_(parameter, -bound, bound, generator=generator)
    return layer
