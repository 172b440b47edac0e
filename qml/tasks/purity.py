"""The two-copy purity test: a pure state or noise, from copies that are measured one at a time or in pairs."""

import numpy as np
from numpy.typing import NDArray

from qml.tasks.task import TASKS, Part, Sampler, Task

N_COPIES = 8


def single_copy_record(
    rng: np.random.Generator, probabilities: NDArray[np.float64], n_copies: int
) -> NDArray[np.float64]:
    """Measure each copy by itself in the computational basis, and count.

    Args:
        rng: Source of the outcomes.
        probabilities: Of the outcomes of each state, shape (n, 2**n_wires).
        n_copies: Copies of each state.

    Returns:
        How often each outcome came, how many pairs of copies agree, how many outcomes came at all, and how often the
        most frequent one came; shape (n, 2**n_wires + 3).

    >>> single_copy_record(np.random.default_rng(0), np.array([[1.0, 0.0]]), n_copies=4)
    array([[4., 0., 6., 1., 4.]])
    """
    counts = rng.multinomial(n_copies, probabilities).astype(np.float64)
    collisions = (counts * (counts - 1) / 2).sum(axis=1)
    distinct = (counts > 0).sum(axis=1)
    return np.column_stack([counts, collisions, distinct, counts.max(axis=1)])


def swap_test_record(rng: np.random.Generator, purities: NDArray[np.float64], n_copies: int) -> NDArray[np.float64]:
    """Swap-test the copies in pairs; a pair passes with probability (1 + tr ρ²) / 2.

    Args:
        rng: Source of the outcomes.
        purities: tr ρ² of each state, shape (n,).
        n_copies: Copies of each state, at least 2; an odd one is left over.

    Returns:
        The share of the pairs that pass, shape (n, 1).

    >>> swap_test_record(np.random.default_rng(0), np.array([1.0]), n_copies=8)
    array([[1.]])
    """
    n_pairs = n_copies // 2
    passed = rng.binomial(n_pairs, (1 + purities) / 2) / n_pairs
    return passed.reshape(-1, 1)


def haar_probabilities(rng: np.random.Generator, n: int, n_wires: int) -> NDArray[np.float64]:
    """Draw the outcome probabilities of n Haar-random pure states, shape (n, 2**n_wires).

    They are uniform on the simplex, since the amplitudes are normalised complex Gaussians.
    """
    probabilities: NDArray[np.float64] = rng.dirichlet(np.ones(2**n_wires), size=n)
    return probabilities


def sampler(n_wires: int) -> Sampler:
    """Return the sampler of states on that many wires: half of them Haar-random and pure, half the maximally mixed one.

    Both records are of the same state and of equally many copies.  A learner gets one of them, never both, for a copy
    can be measured once.
    """

    def sample(rng: np.random.Generator, n_train: int, n_test: int, n_copies: int) -> Part:
        return *_draw(rng, n_train, n_wires, n_copies), *_draw(rng, n_test, n_wires, n_copies)

    return sample


def _draw(
    rng: np.random.Generator, n: int, n_wires: int, n_copies: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    pure = rng.permutation(np.arange(n) % 2)
    flat = np.full((n, 2**n_wires), 2.0**-n_wires)
    probabilities = np.where(pure[:, None] == 1, haar_probabilities(rng, n, n_wires), flat)
    purities = np.where(pure == 1, 1.0, 2.0**-n_wires)
    record = single_copy_record(rng, probabilities, n_copies)
    return np.hstack([record, swap_test_record(rng, purities, n_copies)]), pure.astype(np.int64)


def purity_task(name: str, n_wires: int) -> Task:
    """Make the task for states on that many wires.

    The block ``"single-copy"`` is open to everybody, and so is its part ``"collisions"``, which leaves out which
    outcomes came: of a Haar-random state that says nothing, and drowns the rest where outcomes are many.

    The block ``"two-copy"`` needs two copies in one device at the same time, which is the resource in question: so a
    quantum model may read it, and a classical one may not.
    """
    n_outcomes = 2**n_wires
    n_columns = n_outcomes + 3
    return Task(
        name=name,
        summary=f"pure or maximally mixed state on {n_wires} wires, from measurements of a few copies",
        source="Huang et al. 2022 (doi:10.1126/science.abn7293, arXiv:2112.00778)",
        sample=sampler(n_wires),
        params={"n_copies": N_COPIES},
        n_features=n_columns + 1,
        design="fresh",
        n_train=200,
        n_test=1000,
        feature_maps=("collisions", "single-copy"),
        columns={
            "collisions": tuple(range(n_outcomes, n_columns)),
            "single-copy": tuple(range(n_columns)),
            "two-copy": (n_columns,),
        },
        quantum_maps=("two-copy",),
        engineered=True,
    )


TASKS.add(purity_task("purity", n_wires=4))
