"""Havlíček's ad hoc data: labels from a hidden observable of a quantum feature map."""

from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from qml.tasks.task import TASKS, Part, Sampler, Task

N_WIRES = 2
GAP = 0.3


def feature_states(x: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Compute (exp(i Σ φ_S Z_S) H⊗…⊗H)² |0…0⟩ with φ_i = x_i and φ_ij = (π − x_i)(π − x_j).

    Args:
        x: Angles in radians, shape (n, n_wires).

    Returns:
        States, shape (n, 2**n_wires); wire 0 is the most significant bit.

    Source: Havlíček et al. 2019, eq. (4) and the supplement (arXiv:1804.11326).

    >>> np.abs(feature_states(np.array([[np.pi, np.pi]]))).round(6)
    array([[1., 0., 0., 0.]])
    """
    n_wires = x.shape[1]
    signs = _basis_signs(n_wires)
    phases = x @ signs.T
    for i, j in combinations(range(n_wires), 2):
        phases += np.outer((np.pi - x[:, i]) * (np.pi - x[:, j]), signs[:, i] * signs[:, j])
    diagonal = np.exp(1j * phases)
    bits = (1 - signs) / 2
    hadamards = (-1.0) ** (bits @ bits.T) / np.sqrt(2**n_wires)
    # H|0…0⟩ is the uniform state; the second round applies both layers to it.
    states: NDArray[np.complex128] = (diagonal / np.sqrt(2**n_wires)) @ hadamards * diagonal
    return states


def hidden_expectation(states: NDArray[np.complex128], unitary: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Compute ⟨ψ| V† (Z⊗…⊗Z) V |ψ⟩ of each state.

    Args:
        states: Shape (n, 2**n_wires).
        unitary: V, shape (2**n_wires, 2**n_wires).

    Returns:
        Values in [-1, 1], shape (n,).

    >>> hidden_expectation(np.eye(4, dtype=complex), np.eye(4, dtype=complex))
    array([ 1., -1., -1.,  1.])
    """
    parity = _basis_signs(int(np.log2(states.shape[1]))).prod(axis=1)
    values: NDArray[np.float64] = np.abs(states @ unitary.T) ** 2 @ parity
    return values


def haar_unitary(rng: np.random.Generator, dimension: int) -> NDArray[np.complex128]:
    """Draw a unitary from the Haar measure, shape (dimension, dimension).

    Source: Mezzadri 2007, section 5 (arXiv:math-ph/0609050).

    >>> V = haar_unitary(np.random.default_rng(0), 4)
    >>> bool(np.allclose(V @ V.conj().T, np.eye(4)))
    True
    """
    ginibre = rng.normal(size=(dimension, dimension, 2)).view(np.complex128)[..., 0]
    q, r = np.linalg.qr(ginibre)
    diagonal: NDArray[np.complex128] = np.diag(r)
    unitary: NDArray[np.complex128] = q * (diagonal / np.abs(diagonal))
    return unitary


def sampler(n_wires: int) -> Sampler:
    """Return the sampler on that many wires: one hidden unitary a replicate, both parts balanced and labelled by it."""

    def sample(rng: np.random.Generator, n_train: int, n_test: int) -> Part:
        unitary = haar_unitary(rng, 2**n_wires)
        return *_draw(rng, unitary, n_train), *_draw(rng, unitary, n_test)

    return sample


def _draw(
    rng: np.random.Generator, unitary: NDArray[np.complex128], n: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Draw angles until each class has its half outside the gap.

    Over 3000 unitaries on two wires the rarer class never held less than 6 % of the square, so this is short.
    """
    n_wires = int(np.log2(len(unitary)))
    wanted = (n - n // 2, n // 2)
    kept: tuple[list[NDArray[np.float64]], ...] = ([], [])
    while any(sum(map(len, rows)) < count for rows, count in zip(kept, wanted, strict=True)):
        x = 2 * np.pi * (1 - rng.random((4 * n, n_wires)))  # (0, 2π]
        values = hidden_expectation(feature_states(x), unitary)
        kept[0].append(x[values < -GAP])
        kept[1].append(x[values > GAP])
    X = np.concatenate([np.concatenate(rows)[:count] for rows, count in zip(kept, wanted, strict=True)])
    order = rng.permutation(n)
    return X[order], np.repeat([0, 1], wanted)[order]


def _basis_signs(n_wires: int) -> NDArray[np.float64]:
    """Return the eigenvalue of Z on each wire in each basis state, shape (2**n_wires, n_wires)."""
    return np.array(list(product([1.0, -1.0], repeat=n_wires)))


AD_HOC = TASKS.add(
    Task(
        name="ad-hoc",
        summary="two angles, labelled by a hidden observable of the feature map that quantum kernels use",
        source="Havlíček et al. 2019 (doi:10.1038/s41586-019-0980-2, arXiv:1804.11326)",
        sample=sampler(N_WIRES),
        n_features=N_WIRES,
        design="fresh",
        n_train=40,
        n_test=1000,
        feature_maps=("raw", "standard", "sincos"),
        engineered=True,
    )
)
