"""Simulability tags against counts by hand, textbook states and finite differences."""

import numpy as np
import pennylane as qp
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from qml.circuits import EmbeddingCircuit, ReuploadingCircuit
from qml.diagnostics import (
    bond_dimension,
    circuits_of,
    diagnose,
    kernel_target_alignment,
    light_cone,
    non_clifford_count,
    propagated,
    simulability,
)
from qml.diagnostics.bond_dimension import family_member, growth, mps_fidelity
from qml.diagnostics.bound import bind, measured_words
from qml.diagnostics.clifford import is_clifford
from qml.diagnostics.pauli_propagation import unexplained
from qml.errors import CircuitError, SpecError
from qml.models import get
from qml.nn import FidelityKernel, QuantumLayer
from qml.simulators import reference

RNG = np.random.default_rng(5)
X4 = RNG.uniform(-2, 2, size=(12, 4))


def ring_teacher(inputs, weights):
    """The one-layer teacher of the protocol: RX(x), Rot, a ring of CZ, and only Z of wire 0 is read."""
    for wire in range(4):
        qp.RX(inputs[..., wire], wires=wire)
        qp.Rot(weights[wire, 0], weights[wire, 1], weights[wire, 2], wires=wire)
    for wire in range(4):
        qp.CZ(wires=[wire, (wire + 1) % 4])
    return qp.expval(qp.Z(0))


def ring_teacher_in_x(inputs, weights):
    for wire in range(4):
        qp.RX(inputs[..., wire], wires=wire)
        qp.Rot(weights[wire, 0], weights[wire, 1], weights[wire, 2], wires=wire)
    for wire in range(4):
        qp.CZ(wires=[wire, (wire + 1) % 4])
    return qp.expval(qp.X(0))


def test_the_one_layer_teacher_sees_its_first_feature_only():
    cone = light_cone(bind(QuantumLayer(ring_teacher, {"weights": (4, 3)}), X4))
    assert cone.wires == (frozenset({0}),)
    assert cone.dead_inputs == cone.proven_inputs == (1, 2, 3)
    # of wire 0's three angles the last is an RZ before a measured Z
    assert cone.dead_weights == cone.proven_weights == tuple(range(2, 12))
    report = simulability(QuantumLayer(ring_teacher, {"weights": (4, 3)}), X4)
    assert report["light-cone"].applies
    assert "inputs 1, 2, 3 never change" in report["light-cone"].sentence
    assert "the gates prove it" in report["light-cone"].sentence


def test_read_in_x_the_neighbours_in_the_ring_matter_and_the_opposite_wire_does_not():
    cone = light_cone(bind(QuantumLayer(ring_teacher_in_x, {"weights": (4, 3)}), X4))
    assert cone.wires == (frozenset({0, 1, 3}),)
    assert cone.dead_inputs == cone.proven_inputs == (2,)


def test_gates_that_meet_the_zero_state_are_passed_by():
    def circuit(inputs):
        qp.RZ(inputs[..., 0], wires=0)  # a phase of |0>
        qp.CRX(inputs[..., 1], wires=[0, 1])  # its control is off
        qp.RX(inputs[..., 2], wires=1)
        return qp.expval(qp.Z(1))

    cone = light_cone(bind(QuantumLayer(circuit, {}), X4[:, :3]))
    assert cone.dead_inputs == cone.proven_inputs == (0, 1)


def test_an_input_that_enters_through_a_torch_function_is_followed():
    def circuit(inputs):
        qp.RX(torch.tanh(inputs[..., 0] * inputs[..., 1]), wires=0)
        qp.RX(torch.exp(inputs[..., 2]), wires=1)
        return qp.expval(qp.Z(0))

    cone = light_cone(bind(QuantumLayer(circuit, {}), X4[:, :3]))
    assert cone.dead_inputs == cone.proven_inputs == (2,)


GATES = {"RX": 1, "RY": 1, "RZ": 1, "Hadamard": 1, "S": 1, "CNOT": 2, "CZ": 2, "SWAP": 2, "CRX": 2, "IsingZZ": 2}
PARAMETRIC = {"RX", "RY", "RZ", "CRX", "IsingZZ"}


@st.composite
def random_circuits(draw):
    """Rows (gate, wires, input or -1) on three wires, and the word that is measured."""
    rows = []
    for position in range(draw(st.integers(1, 8))):
        name = draw(st.sampled_from(sorted(GATES)))
        wires = draw(st.permutations(range(3)))[: GATES[name]]
        rows.append((name, tuple(wires), position if name in PARAMETRIC else -1))
    letters = draw(st.lists(st.sampled_from("IXYZ"), min_size=3, max_size=3).filter(lambda w: set(w) != {"I"}))
    return rows, {wire: letter for wire, letter in enumerate(letters) if letter != "I"}


def as_layer(rows, word):
    def circuit(inputs):
        for name, wires, which in rows:
            getattr(qp, name)(*([inputs[..., which]] if which >= 0 else []), wires=wires)
        return qp.expval(qp.prod(*(getattr(qp, letter)(wire) for wire, letter in word.items())))

    return QuantumLayer(circuit, {}, n_inputs=8)


def by_reference(rows, word, x, n_wires=3):
    operations = [(name, wires, (x[which],) if which >= 0 else ()) for name, wires, which in rows]
    return reference.expval(reference.run(operations, n_wires), word)


@settings(max_examples=12, deadline=None)
@given(random_circuits())
def test_what_the_cone_leaves_out_changes_nothing(case):
    """The derivatives inside light_cone are not asked: values of the dense reference are."""
    rows, word = case
    circuit = bind(as_layer(rows, word), RNG.uniform(0.2, 2.0, size=(3, 8)))
    if circuit.n_wires < 3:
        return
    cone = light_cone(circuit)
    x = RNG.uniform(0.2, 2.0, size=8)
    for which in cone.dead_inputs:
        moved = x.copy()
        moved[which] += 0.7
        assert by_reference(rows, word, moved) == pytest.approx(by_reference(rows, word, x), abs=1e-10)
    assert set(cone.proven_inputs) <= set(cone.dead_inputs)


@settings(max_examples=12, deadline=None)
@given(random_circuits())
def test_propagation_of_all_words_is_the_exact_expectation_value(case):
    rows, word = case
    circuit = bind(as_layer(rows, word), RNG.uniform(-2, 2, size=(3, 8)))
    if circuit.n_wires < 3:
        return
    expected = [by_reference(rows, word, x) for x in circuit.inputs]
    np.testing.assert_allclose(propagated(circuit)[:, 0], expected, atol=1e-10)


def test_words_of_probabilities_are_those_of_their_projectors():
    def circuit(inputs):
        qp.RX(inputs[..., 0], wires=0)
        return qp.probs(wires=[0])

    words = measured_words(bind(QuantumLayer(circuit, {}), [[0.1]]).traced.program)
    assert words == [{(0, 0): 0.5, (0, 1): 0.5}, {(0, 0): 0.5, (0, 1): -0.5}]


def test_a_cnot_makes_a_word_heavy_and_the_truncation_drops_it():
    def circuit(inputs):
        qp.RY(inputs[..., 0], wires=0)
        qp.CNOT(wires=[0, 1])
        return qp.expval(qp.Z(1))

    bound = bind(QuantumLayer(circuit, {}), X4[:, :1])
    # Z1 -> Z0 Z1 behind the CNOT: of weight two
    np.testing.assert_allclose(propagated(bound, 2)[:, 0], np.cos(X4[:, 0]), atol=1e-12)
    np.testing.assert_allclose(propagated(bound, 1)[:, 0], 0, atol=1e-12)


def test_a_product_kernel_without_its_heaviest_word():
    kernel = FidelityKernel("angle", n_wires=2)
    (bound,) = circuits_of(kernel, X4[:6, :2])
    x, z = bound.inputs, np.roll(bound.inputs, -len(bound.inputs) // 2, axis=0)
    cosines = np.cos(x - z)  # RY(x): one wire's fidelity is (1 + cos(x - z)) / 2
    np.testing.assert_allclose(propagated(bound)[:, 0], ((1 + cosines) / 2).prod(axis=1), atol=1e-12)
    np.testing.assert_allclose(propagated(bound, 1)[:, 0], (1 + cosines.sum(axis=1)) / 4, atol=1e-12)


def test_shadows_see_a_two_body_correlation_and_no_three_body_one():
    amplitudes = np.abs(RNG.normal(size=(12, 16))) + 0.1

    def layer(observable):
        def circuit(inputs):
            qp.AmplitudeEmbedding(inputs, wires=range(4), normalize=True)
            qp.CNOT(wires=[0, 1])
            return qp.expval(observable)

        return QuantumLayer(circuit, {})

    two = simulability(layer(qp.Z(1) @ qp.Z(2)), amplitudes)["shadows"]  # Z1 Z2 -> Z0 Z1 Z2
    assert two.applies
    assert "weight 3 or less miss" in two.sentence
    four = simulability(layer(qp.Z(1) @ qp.Z(2) @ qp.Z(3)), amplitudes)["shadows"]
    assert four.applies is False
    assert four.value == pytest.approx(1, abs=0.6)


def test_non_clifford_gates_by_hand():
    def circuit(inputs, weights):
        qp.Hadamard(wires=0)
        qp.S(wires=1)
        qp.T(wires=1)  # 1
        qp.Rot(weights[0], weights[1], weights[2], wires=0)  # one of its three angles: 1
        qp.RX(inputs[..., 0], wires=1)  # data: 1
        qp.RX(inputs[..., 1], wires=1)  # data, and a multiple of pi/2 in every row
        qp.IsingZZ(weights[1], wires=[0, 1])
        qp.CRX(weights[0], wires=[0, 1])  # 2
        qp.Toffoli(wires=[0, 1, 2])  # 7
        return qp.expval(qp.Z(2))

    layer = QuantumLayer(circuit, {"weights": 3}, init_method=torch.tensor([0.3, np.pi / 2, -np.pi]))
    assert non_clifford_count(bind(layer, [[0.4, np.pi], [0.5, np.pi / 2]])) == 1 + 1 + 1 + 2 + 7


def test_gates_that_are_clifford():
    rotation = reference.rotation("X", np.pi / 2)
    assert is_clifford(rotation)
    assert is_clifford(reference.gate("ISWAP"))
    assert is_clifford(reference.gate("CZ"))
    assert not is_clifford(reference.gate("T"))
    assert not is_clifford(reference.rotation("ZZ", 0.3))


def test_bond_dimensions_of_textbook_states():
    w_state = np.zeros(64)
    w_state[1 << np.arange(6)] = 1 / np.sqrt(6)
    assert bond_dimension(w_state) == 2
    angle = np.arcsin(np.sqrt(0.005))
    nearly_product = np.array([np.cos(angle), 0, 0, np.sin(angle)])
    assert mps_fidelity(nearly_product, 1) == pytest.approx(0.995)
    assert bond_dimension(nearly_product) == 1
    assert bond_dimension(nearly_product, fidelity=0.999) == 2
    maximal = np.eye(8).reshape(-1) / np.sqrt(8)  # three Bell pairs across the middle
    assert bond_dimension(maximal) == 8


def test_a_truncated_state_has_the_fidelity_that_is_told():
    """Two cuts of three wires by hand: the state is rebuilt from the factors, and compared."""
    state = RNG.normal(size=8) + 1j * RNG.normal(size=8)
    state /= np.linalg.norm(state)
    u, s, v = np.linalg.svd(state.reshape(2, 4), full_matrices=False)
    rest = (s[:1, None] * v[:1]).reshape(2, 2)
    u2, s2, v2 = np.linalg.svd(rest, full_matrices=False)
    rebuilt = np.kron(u[:, 0], np.kron(u2[:, 0], v2[0])) * s2[0]
    fidelity = np.abs(np.vdot(rebuilt, state)) ** 2 / np.linalg.norm(rebuilt) ** 2
    assert mps_fidelity(state, 1) == pytest.approx(fidelity)


def test_the_family_keeps_depth_and_size_of_weights():
    layer = QuantumLayer.from_circuit(ReuploadingCircuit(3, 2))
    nn.init.ones_(layer.scalings)
    member = family_member(bind(layer, X4[:, :3]), 5)
    assert member.n_wires == 5
    assert member.weights["weights"].shape == (2, 5, 3)
    assert np.isin(member.weights["weights"], layer.weights.detach().double()).all()
    assert (member.weights["scalings"] == 1).all()
    assert np.isin(member.inputs, X4[:, :3]).all()


def test_growth_is_the_slope():
    assert growth(np.array([6, 8, 10]), np.array([4.0, 4.0, 4.0])) == pytest.approx(0)


def test_missed_variance():
    exact, estimate = np.array([[0.0, 1.0], [2.0, 1.0]]), np.array([[0.0, 1.0], [0.0, 1.0]])
    assert unexplained(exact, estimate) == 2.0  # an error of 4/2 over a variance of 1; the constant is left out


def test_a_separable_model_is_cheap_in_every_way():
    report = simulability(QuantumLayer.from_names(n_wires=4, ansatz="product", n_layers=2), X4)
    assert report.applying == ("light-cone", "clifford-t", "bond-dimension", "pauli-propagation")
    assert "a product state at any size" in report["bond-dimension"].sentence
    assert "A cheap simulation is known: light-cone" in str(report)


def test_a_deep_circuit_has_no_tag():
    layer = QuantumLayer.from_names(n_wires=4, n_layers=6, generator=torch.Generator().manual_seed(1))
    report = simulability(layer, X4)
    assert report.applying == ()
    assert report.unassessed == ()
    assert "No tag applies at this size. That claims nothing about larger circuits." in str(report)
    assert report["bond-dimension"].value > 0.25
    assert 60 < report["clifford-t"].value <= 4 + 6 * 4 * 3


def test_a_circuit_of_one_size_leaves_the_bond_dimension_open():
    report = simulability(QuantumLayer(ring_teacher, {"weights": (4, 3)}), X4)
    assert report["bond-dimension"].applies is None
    assert report.unassessed == ("bond-dimension",)
    assert "comes in no other size" in report["bond-dimension"].sentence


def test_what_costs_too_much_is_left_open():
    report = simulability(QuantumLayer.from_names(n_wires=4), X4, max_cost=1e3)
    assert report["pauli-propagation"].applies is None
    assert "more than 1e+03" in report["pauli-propagation"].sentence


def test_estimators_and_pipelines_are_watched():
    y = X4[:, 0] > 0
    kernel = get("iqp-kernel").estimator(scaling=0.5).fit(X4, y)
    (circuit,) = circuits_of(kernel, X4)
    np.testing.assert_allclose(circuit.inputs, 0.5 * X4)
    dressed = get("dressed").estimator(max_epochs=1, random_state=0).fit(X4, y)
    (circuit,) = circuits_of(dressed, X4)
    linear = dressed.module_[0]
    before = X4 @ linear.weight.detach().double().numpy().T + linear.bias.detach().double().numpy()
    np.testing.assert_allclose(circuit.inputs, np.pi / 2 * np.tanh(before), atol=1e-6)
    assert simulability(kernel, X4).kernel
    pipeline = make_pipeline(StandardScaler(), get("iqp-kernel").estimator(scaling=0.5)).fit(X4, y)
    (circuit,) = circuits_of(pipeline, X4)
    np.testing.assert_allclose(circuit.inputs, 0.5 * (X4 - X4.mean(axis=0)) / X4.std(axis=0))
    assert simulability(pipeline, X4).model == "IQPKernelClassifier"


def test_several_layers_are_judged_together():
    model = nn.Sequential(
        QuantumLayer.from_names(n_wires=4, ansatz="product"), QuantumLayer.from_names(n_wires=4, n_layers=5)
    )
    report = simulability(model, X4)
    assert report.n_circuits == 2
    assert "light-cone" not in report.applying


def test_a_diagnosis_of_a_kernel_holds_it_against_labels():
    y = np.where(X4[:, 0] > 0, "b", "a")
    kernel = get("iqp-kernel").estimator(scaling=0.5).fit(X4, y)
    found = diagnose(kernel, X4, y)
    names = [measure.name for measure in found.measures]
    assert names[2:] == ["model complexity s", "centred alignment"]
    states = bind(QuantumLayer.from_circuit(EmbeddingCircuit("havlicek", 4)), 0.5 * X4).states()
    by_hand = np.abs(states @ states.conj().T) ** 2
    signs = np.where(y == max(("a", "b"), key=list(y).count), 1, -1)
    assert found.measures[3].value == pytest.approx(kernel_target_alignment(by_hand, signs))
    assert len(diagnose(kernel, X4).measures) == 2
    with pytest.raises(SpecError, match="one label a row of X; got 3 labels for at least 12 rows"):
        diagnose(kernel, X4, y[:3])


def test_bad_input_is_told():
    with pytest.raises(CircuitError, match="ran no QuantumLayer while it predicted"):
        simulability(nn.Linear(4, 2), X4)
    with pytest.raises(CircuitError, match="a fitted estimator; got int"):
        simulability(3, X4)
    with pytest.raises(CircuitError, match="give at least 2 rows"):
        simulability(QuantumLayer.from_names(n_wires=4), X4[:1])
    with pytest.raises(CircuitError, match=r"shape \(n_rows, n_inputs\) with at least one row; got \(4,\)"):
        simulability(QuantumLayer.from_names(n_wires=4), X4[0])


def test_a_circuit_that_cannot_be_traced_is_named():
    def circuit(inputs):
        if inputs[0] > 0:
            qp.RX(inputs[0], wires=0)
        return qp.expval(qp.Z(0))

    with pytest.raises(CircuitError, match="cannot be taken apart: it reads the value of an input"):
        simulability(QuantumLayer(circuit, {}), X4)
