"""Density matrices as real vectors of Pauli coefficients: bases, transfer matrices, products of words.

A density matrix of n wires is the vector r_Q = tr(Q rho) over the 4**n Pauli words Q.  A word's index has one base-4
digit a wire, wire 0 the most significant: I 0, Z 1, X 2, Y 3; so a digit's high bit says X, its low bit says Z, and
the index of a product of words is the exclusive or of their indices.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Complex = NDArray[np.complex128]

LETTERS = "IZXY"
_MATRICES = np.array([[[1, 0], [0, 1]], [[1, 0], [0, -1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]]], dtype=np.complex128)
_ZERO = 1e-13


@lru_cache(maxsize=8)
def words(n_wires: int) -> Complex:
    """Return the matrices of all Pauli words, shape (4**n_wires, 2**n_wires, 2**n_wires)."""
    result = np.ones((1, 1, 1), dtype=np.complex128)
    for _ in range(n_wires):
        size = 2 * result.shape[1]
        result = np.einsum("aij,bkl->abikjl", result, _MATRICES).reshape(-1, size, size)
    return result


def transfer_matrix(kraus: Complex) -> Float:
    """Return the Pauli transfer matrix of a channel: T_ab = sum_m tr(P_a K_m P_b K_m^dagger) / 2**k.

    Args:
        kraus: Kraus operators on k wires, the first wire most significant, shape (m, 2**k, 2**k).

    Returns:
        Shape (4**k, 4**k).

    >>> import numpy as np
    >>> transfer_matrix(np.array([[[0, 1], [1, 0]]], dtype=complex)).diagonal().tolist()
    [1.0, -1.0, 1.0, -1.0]
    """
    size = kraus.shape[-1]
    basis = words(size.bit_length() - 1)
    total = np.zeros((len(basis), len(basis)))
    for matrix in kraus:
        moved = matrix @ basis @ matrix.conj().T
        total += (basis.conj().reshape(len(basis), -1) @ moved.reshape(len(basis), -1).T).real
    result: Float = total / size
    return result


def as_monomial(transfer: Float) -> tuple[Int, Float] | None:
    """Write a transfer matrix as new[a] = scale[a] old[source[a]], or return None where it is not of that form.

    Clifford gates, Pauli channels, depolarising and phase damping are.
    """
    filled = np.abs(transfer) > _ZERO
    if not (filled & ~np.eye(len(transfer), dtype=bool)).any():
        return np.arange(len(transfer)), transfer.diagonal().copy()
    if (filled.sum(axis=0) != 1).any() or (filled.sum(axis=1) != 1).any():
        return None
    source = filled.argmax(axis=1)
    return source, transfer[np.arange(len(transfer)), source]


def offsets(wires: Sequence[int], n_wires: int) -> Int:
    """Return the index offset of each word of some wires, the first wire most significant, shape (4**k,)."""
    result = np.zeros(1, dtype=np.int64)
    for wire in wires:
        result = (result[:, None] + np.arange(4) * 4 ** (n_wires - 1 - wire)).reshape(-1)
    return result


def bases(wires: Sequence[int], n_wires: int) -> Int:
    """Return the indices of the words that are the identity on some wires, shape (4**(n_wires - k),)."""
    return offsets([wire for wire in range(n_wires) if wire not in wires], n_wires)


def widen(source: Int, scale: Float, wires: Sequence[int], n_wires: int) -> tuple[Int, Float]:
    """Extend new[a] = scale[a] old[source[a]] from some wires to all."""
    inner, outer = offsets(wires, n_wires), bases(wires, n_wires)
    wide_source, wide_scale = np.empty(4**n_wires, dtype=np.int64), np.empty(4**n_wires)
    wide_source[inner[:, None] + outer] = inner[source][:, None] + outer
    wide_scale[inner[:, None] + outer] = scale[:, None]
    return wide_source, wide_scale


def word_index(letters: dict[int, str], n_wires: int) -> int:
    """Return the index of a word, such as ``{0: "Z", 2: "X"}``."""
    return sum(LETTERS.index(letter) * 4 ** (n_wires - 1 - wire) for wire, letter in letters.items())


def rotation_pairs(word: int, n_wires: int) -> Int:
    """Return the pairs of words (first, second) that exp(-i angle/2 P) rotates into one another.

    new[first] = cos old[first] - sin old[second]; new[second] = sin old[first] + cos old[second].

    Returns:
        Shape (2, 4**n_wires / 4); empty for the identity.
    """
    low = int("01" * n_wires, 2)
    index = np.arange(4**n_wires)
    product = index ^ word
    z, x = word & low, word >> 1 & low
    n_y = np.bitwise_count(index & index >> 1 & low).astype(np.int64)
    # P Q = i**phase Q' for the Hermitian words of these indices; -i P Q = Q' where the phase is 1.
    phase = int(z & x).bit_count() + n_y - n_y[product] + 2 * np.bitwise_count(z & index >> 1 & low).astype(np.int64)
    first = index[phase % 4 == 1]
    return np.stack([first, first ^ word])
