"""Permutations as maps of bits, against tables made state by state."""

import itertools

import numpy as np
import pennylane as qp
import pytest

from qml.simulators.gate_kernels import permute
from qml.simulators.permutations import Permutation, controlled_flip, permutation_of
from qml.simulators.simd import LANES

GATES = [qp.CNOT([0, 1]), qp.SWAP([2, 0]), qp.Toffoli([3, 0, 2]), qp.CSWAP([1, 3, 0]), qp.X(3)]
GATES += [qp.MultiControlledX([0, 2, 1], control_values=[False, True])]


def source(gate):
    return np.argmax(qp.matrix(gate, wire_order=gate.wires), axis=1).tolist()


def compiled(gate):
    return permutation_of(source(gate), gate.wires.tolist(), n_wires=4)


@pytest.mark.parametrize("gate", GATES, ids=str)
def test_a_gate_moves_the_states_that_its_matrix_moves(gate):
    np.testing.assert_array_equal(compiled(gate).table(), np.argmax(qp.matrix(gate, wire_order=range(4)), axis=1))


def test_only_maps_of_bits_go_without_a_table():
    assert [compiled(gate).listed is None for gate in GATES] == [True, True, False, False, True, False]


@pytest.mark.parametrize("pair", list(itertools.product(GATES, GATES)), ids=str)
def test_one_after_another_and_back(pair):
    first, second = pair
    both = compiled(second).after(compiled(first))
    product = qp.matrix(second, wire_order=range(4)) @ qp.matrix(first, wire_order=range(4))
    np.testing.assert_array_equal(both.table(), np.argmax(product, axis=1))
    np.testing.assert_array_equal(both.inverse().after(both).table(), np.arange(16))
    np.testing.assert_array_equal(both.table()[both.inverse().table()], np.arange(16))


def test_a_long_chain_on_twenty_wires_stays_small():
    rng = np.random.default_rng(3)
    chain = Permutation(0, tuple(1 << j for j in range(20)))
    wires = [rng.choice(20, size=2, replace=False).tolist() for _ in range(300)]
    state = rng.integers(2, size=20)
    moved = state.copy()
    for control, target in wires:
        chain = permutation_of(source(qp.CNOT([0, 1])), [control, target], 20).after(chain)
        moved[target] ^= moved[control]
    assert chain.listed is None
    index, found = (int("".join(map(str, bits)), 2) for bits in (state, moved))
    assert chain.table()[found] == index  # new[found] = old[index]
    assert chain.inverse().table()[index] == found


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_amplitudes_move_in_place_as_the_table_says(dtype, seed):
    rng = np.random.default_rng(seed)
    listed = np.arange(32, dtype=np.int32)
    some = rng.choice(32, size=seed + 2, replace=False)  # few states, and then most of them
    listed[some] = rng.permutation(listed[some])
    permutation = Permutation(int(listed[0]), (), listed)
    re, im, kept = (rng.normal(size=(rows, LANES)).astype(dtype) for rows in (32, 32, 1))
    wanted = re[listed], im[listed]
    permute(re, im, np.append(permutation.cycles(), ~32), kept, kept.copy())
    np.testing.assert_array_equal(re, wanted[0])
    np.testing.assert_array_equal(im, wanted[1])


def test_what_moves_nothing_has_no_cycles():
    assert not len(Permutation(0, (1, 2, 4)).cycles())


def test_flips_under_controls_are_found():
    assert controlled_flip(source(GATES[2]), [3, 0, 2]) == (2, [3, 0], [True, True])
    assert controlled_flip(source(GATES[5]), [0, 2, 1]) == (1, [0, 2], [False, True])
    assert controlled_flip(source(GATES[3]), [1, 3, 0]) is None
