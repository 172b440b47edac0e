"""The cluster-Ising task against expectation values of dense ground states, and exactly known energies."""

import numpy as np
import pennylane as qp
import pytest
from scipy.linalg import expm
from sklearn.linear_model import LogisticRegression

from qml import tasks
from qml.circuits.cluster import read_stabilizers
from qml.tasks.cluster_ising import cluster_record, hamiltonians, local_record, stabilizers, word


def free_fermion_energy(coupling, n):
    """Ground energy of the even sector after a Jordan–Wigner transformation, as in Smacchia et al. 2011."""
    momenta = 2 * np.pi * (np.arange(n) + 0.5) / n
    return -np.sqrt(1 + coupling**2 - 2 * coupling * np.cos(3 * momenta)).sum()


@pytest.mark.parametrize("coupling", [0.0, 0.3, 1.0, 1.7])
def test_ground_energies_are_those_of_free_fermions(coupling):
    energy = np.linalg.eigvalsh(hamiltonians(np.array([coupling]))[0])[0]
    assert energy == pytest.approx(free_fermion_energy(coupling, 6))


def test_both_records_estimate_the_words_of_the_state():
    rng = np.random.default_rng(0)
    state = np.linalg.eigh(hamiltonians(np.array([0.8]))[0])[1][:, 0].astype(complex)
    state = expm(0.3j * word("XYIZII")) @ state  # no symmetry left that could hide an exchange of wires
    words = [(state.conj() @ word(letters) @ state).real for letters in stabilizers(6)]
    pairs = [
        (state.conj() @ word("".join("Y" if k in (j, (j + 1) % 6) else "I" for k in range(6))) @ state).real
        for j in range(6)
    ]
    copies = 30_000
    local = local_record(rng, state[None], 3 * copies)[0]
    cluster = cluster_record(rng, state[None], copies)[0]
    assert np.abs(local - [*words, *pairs]).max() < 5 / np.sqrt(copies)
    products = [
        (state.conj() @ word(a) @ word(b) @ state).real
        for a, b in zip(stabilizers(6), stabilizers(6)[1:] + stabilizers(6)[:1], strict=True)
    ]
    assert np.abs(cluster - [*words, *products]).max() < 5 / np.sqrt(copies)


def test_the_circuit_reads_the_stabilizers():
    state = np.random.default_rng(1).normal(size=(64, 2)) @ [1, 1j]
    state /= np.linalg.norm(state)

    @qp.qnode(qp.device("default.qubit"))
    def circuit():
        qp.StatePrep(state, wires=range(6))
        return read_stabilizers(range(6))

    assert np.allclose(circuit(), [(state.conj() @ word(letters) @ state).real for letters in stabilizers(6)])


def test_local_measurements_of_as_many_copies_tell_the_phases_as_well():
    differences = []
    for seed in range(4):
        task = tasks.get("cluster-ising")
        split = task.split(seed)
        X, y = split.test.open()
        scores = [
            LogisticRegression(C=0.1).fit(split.X_train[:, block], split.y_train).score(X[:, block], y)
            for block in (task.columns["cluster"], task.columns["local"])
        ]
        assert min(scores) > 0.8
        differences.append(scores[0] - scores[1])
    assert abs(np.mean(differences)) < 0.03
