"""One thread for small models."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

# Below this many parameters a second thread has nothing to gain.  It has much to lose: with both cores busy, two
# threads that wait for each other make a step of a small network many times slower.
_SMALL = 100_000


@contextmanager
def one_thread_if_small(module: nn.Module) -> Iterator[None]:
    """Let torch use one thread for a small module, and give the caller's number of threads back afterwards.

    >>> before = torch.get_num_threads()
    >>> with one_thread_if_small(nn.Linear(2, 2)):
    ...     torch.get_num_threads()
    1
    >>> torch.get_num_threads() == before
    True
    """
    before = torch.get_num_threads()
    if before == 1 or sum(p.numel() for p in module.parameters()) > _SMALL:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
