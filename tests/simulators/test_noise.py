"""Noise models as data: what they say, and what they refuse."""

import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pennylane as qp
import pytest

from qml.errors import CircuitError
from qml.simulators import Channel, NoiseModel, reference
from qml.simulators.pauli import rotation_pairs, transfer_matrix, words


@pytest.mark.parametrize("strength", [0.0, 0.1, 1.0])
@pytest.mark.parametrize(
    ("channel", "operation"),
    [
        (Channel.depolarizing, qp.DepolarizingChannel),
        (Channel.bit_flip, qp.BitFlip),
        (Channel.phase_flip, qp.PhaseFlip),
        (Channel.amplitude_damping, qp.AmplitudeDamping),
        (Channel.phase_damping, qp.PhaseDamping),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_channels_are_those_of_pennylane(channel, operation, strength):
    theirs = transfer_matrix(np.array(operation(strength, wires=0).kraus_matrices(), dtype=complex))
    # PennyLane adds 1e-14 below its square roots, which is 1e-7 of a damping of one.
    np.testing.assert_allclose(channel(strength).transfer, theirs, rtol=0, atol=2e-7)


def test_joint_depolarizing_equals_the_oracle():
    theirs = transfer_matrix(np.array(reference.kraus("two-wire depolarizing", (0.3,))))
    np.testing.assert_allclose(Channel.depolarizing(0.3, n_wires=2).transfer, theirs, rtol=0, atol=1e-12)


def test_pauli_words_act_on_their_wires_in_order():
    channel = Channel.pauli({"XI": 0.25, "ZY": 0.5})
    theirs = [np.kron(reference.X, reference.I2) * 0.5, np.kron(reference.Z, reference.Y) * np.sqrt(0.5), np.eye(4) / 2]
    np.testing.assert_allclose(channel.transfer, transfer_matrix(np.array(theirs)), rtol=0, atol=1e-12)


@pytest.mark.parametrize("word", range(1, 16))
def test_pairs_are_what_a_word_rotates(word):
    first, second = rotation_pairs(word, 2)
    unitary = np.cos(0.2) * np.eye(4) - 1j * np.sin(0.2) * words(2)[word]
    wanted = np.eye(16)
    wanted[first, first] = wanted[second, second] = np.cos(0.4)
    wanted[first, second], wanted[second, first] = -np.sin(0.4), np.sin(0.4)
    np.testing.assert_allclose(transfer_matrix(unitary[None]), wanted, rtol=0, atol=1e-12)


def test_the_most_exact_rule_holds_alone():
    general, named, local = Channel.bit_flip(0.1), Channel.bit_flip(0.2), Channel.bit_flip(0.3)
    noise = NoiseModel(
        one_wire=general,
        two_wire=[general],
        many_wire=[general],
        gates={"CNOT": named, ("CNOT", (1, 0)): [local], "S": [named], "Identity": [named], "RZ": []},
    )
    assert noise.channels_after("RX", (2,)) == [(general, (2,))]
    assert noise.channels_after("RZ", (2,)) == []
    assert noise.channels_after("CNOT", (0, 1)) == [(named, (0,)), (named, (1,))]
    assert noise.channels_after("CNOT", (1, 0)) == [(local, (1,)), (local, (0,))]
    assert noise.channels_after("CZ", (1, 0)) == [(general, (1,)), (general, (0,))]
    assert noise.channels_after("Toffoli", (1, 0, 2)) == [(general, (1,)), (general, (0,)), (general, (2,))]
    assert noise.channels_after("Adjoint(S)", (1,)) == [(named, (1,))]
    assert noise.channels_after("Identity", (1,)) == [(named, (1,))]
    assert replace(noise, gates=()).channels_after("Identity", (1,)) == []


def test_aliases_are_the_gate_itself():
    noise = NoiseModel(gates={"X": Channel.bit_flip(0.2)})
    assert noise.names == ["PauliX"]
    assert noise.channels_after("PauliX", (0,)) == [(Channel.bit_flip(0.2), (0,))]


def test_models_are_frozen_hashable_printable_and_travel():
    noise = NoiseModel.depolarizing(0.001, 0.01, readout={1: (0.1, 0.2)})
    same = NoiseModel.depolarizing(0.001, 0.01, readout={1: (0.1, 0.2)})
    assert noise == same
    assert hash(noise) == hash(same)
    assert pickle.loads(pickle.dumps(noise)) == noise
    assert "one_wire=(Channel.depolarizing(0.001),)" in repr(noise)
    assert eval(repr(noise), {"NoiseModel": NoiseModel, "Channel": Channel}) == noise
    with pytest.raises(FrozenInstanceError):
        noise.one_wire = ()


def test_readout_takes_one_number_a_pair_or_a_mapping():
    assert NoiseModel(readout=0.1).readout_of(5) == (0.1, 0.1)
    assert NoiseModel(readout=(0.1, 0.2)).readout_of(5) == (0.1, 0.2)
    assert NoiseModel(readout={1: 0.3}).readout_of(1) == (0.3, 0.3)
    assert NoiseModel(readout={1: 0.3}).readout_of(0) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Channel.depolarizing(1.2), r"a depolarizing channel is a probability in \[0, 1\]; got 1.2"),
        (lambda: Channel.amplitude_damping(-0.1), r"amplitude damping channel is a probability in \[0, 1\]; got -0.1"),
        (lambda: Channel.phase_damping(float("nan")), r"probability in \[0, 1\]; got nan"),
        (lambda: Channel.bit_flip("0.1"), r"probability in \[0, 1\]; got '0.1'"),
        (lambda: Channel.pauli({"X": 0.7, "Z": 0.6}), r"must not exceed 1 in all; got 1.3"),
        (lambda: Channel.pauli({"XQ": 0.7}), r"in the letters I, X, Y, Z; got 'XQ'"),
        (lambda: Channel.pauli({}), r"needs at least one word"),
        (lambda: Channel.depolarizing(0.1, n_wires=3), r"is on 1 or 2 wires; got n_wires=3"),
        (lambda: Channel.kraus([np.eye(2), np.eye(2)]), r"do not keep the trace: .* differs from the identity by 1"),
        (lambda: Channel.kraus([np.eye(8)]), r"must have shape \(m, 2, 2\) or \(m, 4, 4\); got \(1, 8, 8\)"),
        (lambda: NoiseModel(readout=1.5), r"a readout error is a probability in \[0, 1\]; got 1.5"),
        (lambda: NoiseModel(readout=(0.1, 0.2, 0.3)), r"one probability, or \(of 1 for 0, of 0 for 1\)"),
        (lambda: NoiseModel(one_wire=[0.1]), r"one_wire takes channels, such as Channel.depolarizing\(0.01\); got 0.1"),
        (lambda: NoiseModel(one_wire=Channel.depolarizing(0.1, 2)), r"a two-wire channel belongs to two_wire"),
        (lambda: NoiseModel(gates={"CNOTT": []}), r"PennyLane has no gate 'CNOTT'. Did you mean 'CNOT'\?"),
        (lambda: NoiseModel(gates={("RXX", (0,)): []}), r"PennyLane has no gate 'RXX'. Did you mean '\w+X"),
        (lambda: NoiseModel(gates={3: []}), r"keyed by a gate's name, or by \(name, wire positions\); got 3"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(make, message):
    with pytest.raises(CircuitError, match=message):
        make()


def test_a_two_wire_channel_after_a_one_wire_gate_is_refused():
    noise = NoiseModel(gates={"RX": Channel.depolarizing(0.1, 2)})
    with pytest.raises(CircuitError, match=r"acts on 2 wires and cannot follow RX, which acts on 1"):
        noise.channels_after("RX", (0,))
