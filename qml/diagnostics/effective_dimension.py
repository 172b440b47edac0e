"""Effective dimension: how many of a model's weights its data can tell apart."""

import math

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from qml.diagnostics.bound import BoundCircuit
from qml.diagnostics.random_weights import draw_weights
from qml.errors import CircuitError
from qml.simulators import StatevectorRunner

_NEARLY_CERTAIN = 1e-12


def fisher_information(circuit: BoundCircuit, *, n_draws: int = 50, seed: int = 0) -> NDArray[np.float64]:
    """Return the Fisher information matrix at random weights, averaged over the bound rows.

    A circuit of one expectation value stands for two classes of probability (1 ± ⟨O⟩) / 2; one that measures
    probabilities stands for as many classes.

    Args:
        circuit: Bound to data, with weights.
        n_draws: Draws of all weights, uniform on [0, 2 pi).
        seed: Of the draws.

    Returns:
        Shape (n_draws, n_weights, n_weights).

    Raises:
        CircuitError: If the circuit measures anything else, or has no weights.

    Source: Abbas et al. 2021 (arXiv:2011.00027).
    """
    kind, n_outputs = circuit.traced.program.measurement.kind, circuit.traced.program.measurement.n_outputs
    if not circuit.traced.program.n_weights or not (kind == "probs" or (kind == "expval" and n_outputs == 1)):
        raise CircuitError("the Fisher information needs weights, and one expectation value or probabilities.")
    runner, rows = StatevectorRunner(circuit.traced), torch.from_numpy(circuit.inputs)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(n_draws):
        weights = {name: torch.from_numpy(value).requires_grad_() for name, value in draw_weights(circuit, rng).items()}
        outputs = runner(rows, weights).reshape(len(rows), -1)
        classes = outputs if kind == "probs" else torch.cat([(1 + outputs) / 2, (1 - outputs) / 2], dim=1)
        total = np.zeros(())
        for probability in classes.reshape(-1):
            if float(probability.detach()) < _NEARLY_CERTAIN:
                continue
            parts = torch.autograd.grad(
                probability, list(weights.values()), retain_graph=True, allow_unused=True, materialize_grads=True
            )
            slope = torch.cat([part.reshape(-1) for part in parts]).numpy()
            total = total + np.outer(slope, slope) / float(probability.detach())
        found.append(total / len(rows))
    return np.array(found)


def effective_dimension(fishers: ArrayLike, n_samples: int, gamma: float = 1.0) -> float:
    """Return the effective dimension 2 ln(mean sqrt(det(1 + κ F̂))) / ln κ with κ = γ n / (2π ln n).

    F̂ is the Fisher matrix scaled to a mean trace of the number of weights.

    Args:
        fishers: Fisher matrices over the weight space, shape (n_draws, d, d).
        n_samples: n, such that κ is above 1.
        gamma: γ in (0, 1].

    Returns:
        Between 0 and about d.

    Raises:
        CircuitError: If κ is not above 1, or the matrices are all zero.

    Source: Abbas et al. 2021, definition 3.1 (arXiv:2011.00027).

    >>> round(effective_dimension(np.ones((1, 1, 1)), 1000), 3)  # ln(1 + κ) / ln κ with κ = 23.04
    1.014
    """
    matrices = np.asarray(fishers, dtype=np.float64)
    kappa = gamma * n_samples / (2 * math.pi * math.log(n_samples)) if n_samples > 1 else 0.0
    if kappa <= 1:
        raise CircuitError(
            f"the effective dimension needs gamma n / (2 pi ln n) above 1; n_samples={n_samples} and gamma={gamma:g} "
            f"give {kappa:.2f}."
        )
    n_weights = matrices.shape[-1]
    mean_trace = float(np.trace(matrices, axis1=1, axis2=2).mean())
    if mean_trace <= 0:
        raise CircuitError("the effective dimension is undefined: no weight changes what is measured.")
    scaled = matrices * (n_weights / mean_trace)
    _, log_det = np.linalg.slogdet(np.eye(n_weights) + kappa * scaled)
    halves = log_det / 2
    log_mean = float(halves.max() + np.log(np.exp(halves - halves.max()).mean()))
    return 2 * log_mean / math.log(kappa)
