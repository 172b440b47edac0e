"""Permutations of basis states, kept as maps of bits where they are such maps.

CNOT, SWAP and X, and whatever is made of them, move basis states by a map that is affine over GF(2): each bit of the
new index is a sum, modulo two, of bits of the old one and a constant.  Such a map is one number a wire, where a table
has one number a basis state: 160 bytes instead of 8 MB at 20 wires.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import xor

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]


@dataclass(frozen=True)
class Permutation:
    """A permutation p of basis states: new[k] = old[p(k)].

    Attributes:
        offset: p(0).
        columns: p(2**j) XOR p(0) for each bit j; p(k) is the offset XOR the column of every bit that is set in k.
        listed: p of every basis state where it is no such map, shape (2**n_wires,); else None.
    """

    offset: int
    columns: tuple[int, ...]
    listed: NDArray[np.int32] | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for equal permutations."""
        return (self.offset, self.columns, None if self.listed is None else self.listed.tobytes())

    def table(self) -> Int:
        """Return p of every basis state, shape (2**n_wires,)."""
        if self.listed is not None:
            return self.listed.astype(np.int64)
        states = np.zeros(1, dtype=np.int64) + self.offset
        for column in self.columns:
            states = np.concatenate([states, states ^ column])
        return states

    def cycles(self) -> Int:
        """Return the cycles of more than one basis state, one after the other: k, p(k), p(p(k)), and so on.

        The first state of a cycle stands there as ~k, which is negative.

        >>> Permutation(0, (3, 2)).cycles().tolist()
        [-2, 3]
        """
        table = self.table().tolist()
        seen = bytearray(len(table))
        found: list[int] = []
        for start, image in enumerate(table):
            if image == start or seen[start]:
                continue
            found.append(~start)
            while image != start:
                found.append(image)
                seen[image] = True
                image = table[image]
        return np.array(found, np.int64)

    def after(self, other: "Permutation") -> "Permutation":
        """Return this permutation acting after another one: the map of k to other(self(k)).

        >>> flip = Permutation(1, (1, 2))
        >>> flip.after(flip)
        Permutation(offset=0, columns=(1, 2), listed=None)
        """
        if self.listed is not None or other.listed is not None:
            listed = other.table()[self.table()].astype(np.int32)
            return Permutation(int(listed[0]), (), listed)
        columns = tuple(_linear(other.columns, column) for column in self.columns)
        return Permutation(other.offset ^ _linear(other.columns, self.offset), columns)

    def inverse(self) -> "Permutation":
        """Return the permutation that undoes this one."""
        if self.listed is not None:
            listed = np.argsort(self.listed).astype(np.int32)
            return Permutation(int(listed[0]), (), listed)
        pairs = [(column, 1 << j) for j, column in enumerate(self.columns)]
        for j in range(len(pairs)):  # Gauss and Jordan, modulo two
            pivot = next(i for i in range(j, len(pairs)) if pairs[i][0] >> j & 1)
            pairs[j], pairs[pivot] = pairs[pivot], pairs[j]
            for i in range(len(pairs)):
                if i != j and pairs[i][0] >> j & 1:
                    pairs[i] = (pairs[i][0] ^ pairs[j][0], pairs[i][1] ^ pairs[j][1])
        columns = tuple(origin for _, origin in pairs)
        return Permutation(_linear(columns, self.offset), columns)


def permutation_of(source: Sequence[int], wires: Sequence[int], n_wires: int) -> Permutation:
    """Return what a gate on some wires does to the basis states of all.

    Args:
        source: Where each basis state of its own wires comes from; the first wire is the most significant bit.
        wires: Its wires.
        n_wires: Wires in all.

    >>> permutation_of([0, 1, 3, 2], wires=[0, 1], n_wires=2)  # CNOT
    Permutation(offset=0, columns=(1, 3), listed=None)
    """
    bits = [n_wires - 1 - wire for wire in reversed(wires)]  # of each own bit, the least significant first
    own = [source[1 << i] ^ source[0] for i in range(len(bits))]
    if any(source[k] != source[0] ^ _linear(own, k) for k in range(len(source))):
        return _listed(source, bits, n_wires)
    columns = [1 << j for j in range(n_wires)]
    for bit, column in zip(bits, own, strict=True):
        columns[bit] = _spread(column, bits)
    return Permutation(_spread(source[0], bits), tuple(columns))


def controlled_flip(source: Sequence[int], wires: Sequence[int]) -> tuple[int, list[int], list[bool]] | None:
    """Return target, controls and control values of a gate that only flips one wire under controls, else None.

    >>> controlled_flip([0, 1, 2, 3, 4, 5, 7, 6], wires=[0, 1, 2])  # Toffoli
    (2, [0, 1], [True, True])
    """
    moved = [k for k in range(len(source)) if source[k] != k]
    if len(moved) != 2 or (moved[0] ^ moved[1]).bit_count() != 1:
        return None
    bit = (moved[0] ^ moved[1]).bit_length() - 1
    target = len(wires) - 1 - bit
    controls = [i for i in range(len(wires)) if i != target]
    return wires[target], [wires[i] for i in controls], [bool(moved[0] >> len(wires) - 1 - i & 1) for i in controls]


def _linear(columns: Sequence[int], k: int) -> int:
    return reduce(xor, (column for j, column in enumerate(columns) if k >> j & 1), 0)


def _spread(own: int, bits: Sequence[int]) -> int:
    return sum(1 << bit for i, bit in enumerate(bits) if own >> i & 1)


def _listed(source: Sequence[int], bits: Sequence[int], n_wires: int) -> Permutation:
    index = np.arange(1 << n_wires, dtype=np.int64)
    own = np.zeros_like(index)
    for i, bit in enumerate(bits):
        own |= (index >> bit & 1) << i
    moved = np.array([_spread(k, bits) for k in source], dtype=np.int64)
    listed = ((index & ~_spread(len(source) - 1, bits)) | moved[own]).astype(np.int32)
    return Permutation(int(listed[0]), (), listed)
