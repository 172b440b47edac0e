"""A trap: the phases of the cluster-Ising chain, told apart by string order, which local measurements give as well."""

from functools import cache, reduce

import numpy as np
from numpy.typing import NDArray

from qml.tasks.task import TASKS, Part, Task

N_WIRES = 6
N_COPIES = 12
N_COUPLINGS = 400

_PAULI = {
    "I": np.eye(2),
    "X": np.array([[0.0, 1.0], [1.0, 0.0]]),
    "Y": np.array([[0.0, -1j], [1j, 0.0]]),
    "Z": np.diag([1.0, -1.0]),
}


def word(letters: str) -> NDArray[np.complex128]:
    """Return the dense matrix of a Pauli word, wire 0 first.

    >>> word("ZI").real.diagonal().tolist()
    [1.0, 1.0, -1.0, -1.0]
    """
    return reduce(np.kron, [_PAULI[letter] for letter in letters]).astype(np.complex128)


def hamiltonians(couplings: NDArray[np.float64], n_wires: int = N_WIRES) -> NDArray[np.float64]:
    """Return H = −Σ_j X_{j−1} Z_j X_{j+1} + λ Σ_j Y_j Y_{j+1} on a ring.

    Args:
        couplings: λ, shape (n,).
        n_wires: Wires of the ring.

    Returns:
        Dense matrices, shape (n, 2**n_wires, 2**n_wires); they are real, since every word has an even number of Y.

    Source: Smacchia et al. 2011, eq. (1) (arXiv:1105.0853): cluster phase for λ < 1, antiferromagnet for λ > 1.
    """
    cluster, ising = _terms(n_wires)
    dense: NDArray[np.float64] = cluster[None] + couplings[:, None, None] * ising[None]
    return dense


def stabilizers(n_wires: int) -> tuple[str, ...]:
    """Return the words X_{j−1} Z_j X_{j+1} of a ring, which commute with each other.

    >>> stabilizers(4)
    ('ZXIX', 'XZXI', 'IXZX', 'XIXZ')
    """
    return tuple(_on_ring({j - 1: "X", j: "Z", j + 1: "X"}, n_wires) for j in range(n_wires))


def sample(rng: np.random.Generator, n_train: int, n_test: int, n_copies: int) -> Part:
    """Draw couplings between 0 and 2, and measure copies of each ground state in two ways; a label says λ < 1."""
    return *_draw(rng, n_train, n_copies), *_draw(rng, n_test, n_copies)


def local_record(rng: np.random.Generator, states: NDArray[np.complex128], n_copies: int) -> NDArray[np.float64]:
    """Measure a third of the copies with Pauli bases X Z X Z …, a third with Z X Z X … and a third with Y Y Y Y ….

    Each basis gives every second stabilizer of the cluster state, or the Ising words.

    Returns:
        Means over the copies of ⟨X_{j−1} Z_j X_{j+1}⟩ and ⟨Y_j Y_{j+1}⟩, shape (n, 2 n_wires).
    """
    n_wires = int(np.log2(states.shape[1]))
    third = n_copies // 3
    even, odd, ising = "XZ" * (n_wires // 2), "ZX" * (n_wires // 2), "Y" * n_wires
    outcomes = {basis: _outcomes(rng, states, _basis_change(basis), third) for basis in (even, odd, ising)}
    columns = []
    for j in range(n_wires):
        basis = even if even[j] == "Z" else odd
        columns.append(outcomes[basis][:, :, [j - 1, j, (j + 1) % n_wires]].prod(axis=2).mean(axis=1))
    pairs = [outcomes[ising][:, :, [j, (j + 1) % n_wires]].prod(axis=2).mean(axis=1) for j in range(n_wires)]
    return np.column_stack([*columns, *pairs])


def cluster_record(rng: np.random.Generator, states: NDArray[np.complex128], n_copies: int) -> NDArray[np.float64]:
    """Undo the cluster state's circuit on every copy, CZ on the ring and H, and read all of its stabilizers at once.

    Returns:
        Means over the copies of each ⟨X_{j−1} Z_j X_{j+1}⟩ and of products of neighbouring ones, shape (n, 2 n_wires).
    """
    n_wires = int(np.log2(states.shape[1]))
    outcomes = _outcomes(rng, states, _cluster_change(n_wires), n_copies)
    neighbours = outcomes * np.roll(outcomes, -1, axis=2)
    return np.hstack([outcomes.mean(axis=1), neighbours.mean(axis=1)])


def _draw(rng: np.random.Generator, n: int, n_copies: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    couplings, ground_states = _ground_states()
    chosen = rng.integers(len(couplings), size=n)
    states = ground_states[chosen]
    X = np.hstack([local_record(rng, states, n_copies), cluster_record(rng, states, n_copies)])
    return X, (couplings[chosen] < 1).astype(np.int64)


def _outcomes(
    rng: np.random.Generator, states: NDArray[np.complex128], change: NDArray[np.complex128], n_copies: int
) -> NDArray[np.float64]:
    """Sample ±1 of every wire after a change of basis, shape (n, n_copies, n_wires)."""
    n_wires = int(np.log2(states.shape[1]))
    cumulative = np.cumsum(np.abs(states @ change.T) ** 2, axis=1)
    codes = (rng.random((len(states), n_copies, 1)) * cumulative[:, None, -1:] > cumulative[:, None, :]).sum(axis=2)
    bits = (codes[:, :, None] >> np.arange(n_wires)[::-1]) & 1
    signs: NDArray[np.float64] = 1.0 - 2.0 * bits
    return signs


@cache
def _ground_states() -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
    """Return couplings between 0 and 2, none of them 1, and their ground states, which have no degeneracy."""
    couplings = (np.arange(N_COUPLINGS) + 0.5) * 2 / N_COUPLINGS
    states = np.linalg.eigh(hamiltonians(couplings))[1][:, :, 0]
    return couplings, states.astype(np.complex128)


@cache
def _terms(n_wires: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    cluster = -sum(word(letters) for letters in stabilizers(n_wires))
    ising = sum(word(_on_ring({j: "Y", j + 1: "Y"}, n_wires)) for j in range(n_wires))
    return np.asarray(cluster).real, np.asarray(ising).real


def _on_ring(letters: dict[int, str], n_wires: int) -> str:
    placed = {j % n_wires: letter for j, letter in letters.items()}
    return "".join(placed.get(j, "I") for j in range(n_wires))


@cache
def _basis_change(basis: str) -> NDArray[np.complex128]:
    """Return the product matrix that turns a Pauli basis into the computational one."""
    to_z = {letter: np.linalg.eigh(matrix)[1][:, ::-1].conj().T for letter, matrix in _PAULI.items()}
    return reduce(np.kron, [to_z[letter] for letter in basis]).astype(np.complex128)


@cache
def _cluster_change(n_wires: int) -> NDArray[np.complex128]:
    """Return the matrix that takes X_{j−1} Z_j X_{j+1} to Z_j: H everywhere, CZ on the ring, H everywhere."""
    bits = (np.arange(2**n_wires)[:, None] >> np.arange(n_wires)[::-1]) & 1
    signs = (-1.0) ** (bits * np.roll(bits, -1, axis=1)).sum(axis=1)
    hadamards = (-1.0) ** (bits @ bits.T) / np.sqrt(2**n_wires)
    change: NDArray[np.complex128] = (hadamards * signs) @ hadamards.astype(np.complex128)
    return change


TASKS.add(
    Task(
        name="cluster-ising",
        summary="cluster phase or antiferromagnet of a ring of 6 spins, from measurements of 12 copies",
        source="Smacchia et al. 2011 (doi:10.1103/PhysRevA.84.022304, arXiv:1105.0853); VERDICT.md T2",
        sample=sample,
        params={"n_copies": N_COPIES},
        n_features=4 * N_WIRES,
        design="fresh",
        n_train=200,
        n_test=1000,
        feature_maps=("local",),
        columns={"local": tuple(range(2 * N_WIRES)), "cluster": tuple(range(2 * N_WIRES, 4 * N_WIRES))},
        quantum_maps=("cluster",),
        engineered=True,
    )
)
