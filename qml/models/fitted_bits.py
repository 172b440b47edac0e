"""Generators of bit strings whose distribution a torch module gives: fitted on all strings at once, exactly."""

import copy
import math
from typing import Literal, Self

import numpy as np
import torch
from torch import Tensor, nn

from qml.errors import SpecError, suggest
from qml.models.bit_strings import BitStringModel, Float
from qml.tasks.bit_strings import all_strings
from qml.training import FitResult, fit_full_batch, one_thread_if_small

Loss = Literal["likelihood", "mmd"]
LOSSES = ("likelihood", "mmd")
BANDWIDTHS = (
    0.5,
    1.0,
    2.0,
)  # of the kernels in the MMD, in square roots of bits; several at once, as in Liu, Wang 2018
MMD_SCALE = 1000.0  # L-BFGS-B stops at changes of 2e-9 where a loss is below one, and an MMD² is of the order 1e-3
_TINY = 1e-30


class FittedBits(BitStringModel):
    """A distribution with weights, fitted by L-BFGS-B to the training strings; a subclass gives the module.

    The landscape has local minima.  ``start`` names the initial weights, so that a restart is a trial of the search.

    Args:
        loss: ``"likelihood"``, the mean negative log-likelihood, or ``"mmd"``, the exact squared maximum mean
            discrepancy between the distribution and what was seen.
        smoothing: Share of the uniform distribution that is mixed in, in [0, 1); held-out strings then keep some
            probability.
        penalty: L2 penalty on all weights, at least 0.
        start: Which initial weights, at least 0.
        max_iterations: Iterations of L-BFGS-B at most.
        random_state: Seed of the initial weights, together with ``start``; None for new ones each fit.

    Attributes:
        module_: The fitted module: from a tensor of shape (1, 0) to the probability of every string, (1, 2**n_bits).
        n_parameters_: Trainable numbers in it.
        history_: The loss after each iteration.
    """

    module_: nn.Module
    n_parameters_: int
    history_: FitResult

    def __init__(
        self,
        *,
        loss: Loss = "likelihood",
        smoothing: float = 0.01,
        penalty: float = 0.0,
        start: int = 0,
        max_iterations: int = 200,
        random_state: int | None = None,
    ) -> None:
        self.loss = loss
        self.smoothing = smoothing
        self.penalty = penalty
        self.start = start
        self.max_iterations = max_iterations
        self.random_state = random_state

    def _build_module(self, n_bits: int, generator: torch.Generator) -> nn.Module:
        """Make an untrained module from (1, 0) to (1, 2**n_bits), of float64; its weights come from ``generator``."""
        raise NotImplementedError(f"{type(self).__name__} must give its module in _build_module.")

    def _distribution(self, counts: Float, bits: Float) -> Float:
        if self.loss not in LOSSES:
            raise SpecError(f"there is no loss {self.loss!r}. {suggest(str(self.loss), LOSSES)}")
        entropy = None if self.random_state is None else (self.random_state, self.start)
        seed = int(np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0])
        self.module_ = self._build_module(bits.shape[1], torch.Generator().manual_seed(seed))
        weights = [parameter for parameter in self.module_.parameters() if parameter.requires_grad]
        self.n_parameters_ = sum(weight.numel() for weight in weights)
        seen = torch.from_numpy(counts / counts.sum())

        def objective() -> Tensor:
            found = self._mixed(self.module_(_nothing())[0])
            fit = _likelihood(found, seen) if self.loss == "likelihood" else _mmd(found, seen)
            return fit + self.penalty * sum((weight**2).sum() for weight in weights)

        self.history_ = fit_full_batch(self.module_, objective, max_iterations=self.max_iterations)
        self.module_.eval()
        return self._table()

    def _table(self) -> Float:
        module = copy.deepcopy(self.module_)  # so that a layer with shots draws the same samples at every call
        with torch.inference_mode(), one_thread_if_small(module):
            table: Float = self._mixed(module(_nothing())[0].double()).numpy()
        return table

    def _mixed(self, probabilities: Tensor) -> Tensor:
        return (1 - self.smoothing) * probabilities + self.smoothing / len(probabilities)

    def _with_module(self, module: nn.Module) -> Self:
        clone = copy.copy(self)
        clone.module_ = module
        clone.probabilities_ = clone._table()
        return clone


class Boltzmann(nn.Module):
    """The probability of a string as softmax over all strings of what a network says of each.

    Args:
        network: From strings of ±1, shape (2**n_bits, n_bits), to logits, shape (2**n_bits, 1).
        n_bits: Bits of a string.
    """

    strings: Tensor

    def __init__(self, network: nn.Module, n_bits: int) -> None:
        super().__init__()
        self.network = network.double()
        self.register_buffer("strings", torch.from_numpy(2 * all_strings(n_bits) - 1), persistent=False)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the probability of every string, shape (1, 2**n_bits)."""
        return torch.softmax(self.network(self.strings)[:, 0], dim=0).unsqueeze(0)


def _nothing() -> Tensor:
    return torch.zeros(1, 0, dtype=torch.float64)


def _likelihood(found: Tensor, seen: Tensor) -> Tensor:
    rows = seen > 0
    return -(seen[rows] * found[rows].clamp_min(_TINY).log()).sum()


def _mmd(found: Tensor, seen: Tensor) -> Tensor:
    """Return the exact MMD² of two distributions over strings, summed over the bandwidths and scaled."""
    n_bits = len(found).bit_length() - 1
    difference = (found - seen).reshape((2,) * n_bits)
    total = torch.zeros((), dtype=found.dtype)
    for bandwidth in BANDWIDTHS:
        cube = difference
        for axis in range(n_bits):
            cube = cube + math.exp(-1 / (2 * bandwidth**2)) * cube.flip(axis)
        total = total + (difference * cube).sum()
    return MMD_SCALE * total / len(BANDWIDTHS)
