"""A chain of spins with random couplings and fields, at temperature one: a classical Markov chain along the wires."""

import numpy as np
from numpy.typing import NDArray

from qml.tasks.bit_strings import all_strings
from qml.tasks.generation import generation_task
from qml.tasks.task import TASKS

N_BITS = 8


def boltzmann(couplings: NDArray[np.float64], fields: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return exp(Σ J_i s_i s_(i+1) + Σ h_i s_i), normalised, of every string of spins, shape (2**n,).

    >>> boltzmann(np.array([10.0]), np.zeros(2)).round(3).tolist()
    [0.5, 0.0, 0.0, 0.5]
    """
    spins = 1 - 2 * all_strings(len(fields))
    weights = np.exp((spins[:, :-1] * spins[:, 1:]) @ couplings + spins @ fields)
    probabilities: NDArray[np.float64] = weights / weights.sum()
    return probabilities


def draw(rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw a chain: couplings of strength 0.5 to 1.5 and either sign, fields of standard deviation 0.3."""
    couplings = rng.uniform(0.5, 1.5, size=N_BITS - 1) * rng.choice([-1.0, 1.0], size=N_BITS - 1)
    return boltzmann(couplings, rng.normal(0, 0.3, size=N_BITS))


TASKS.add(
    generation_task(
        name="ising-chain",
        n_bits=N_BITS,
        draw=draw,
        n_train=100,
        summary="an Ising chain of eight spins with random couplings and fields, another in every replicate",
        source="Ising 1925 (doi:10.1007/BF02980577)",
    )
)
