"""The purity tasks against dense states: the swap test as matrices, and Haar-random states as vectors."""

from functools import reduce

import numpy as np
import pennylane as qp
import pytest
from scipy.stats import binomtest, kstest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score

from qml import models, tasks
from qml.circuits.swap_test import swap_test
from qml.errors import SpecError
from qml.tasks.purity import haar_probabilities, single_copy_record, swap_test_record


def haar_state(rng, dimension):
    state = rng.normal(size=dimension) + 1j * rng.normal(size=dimension)
    return state / np.linalg.norm(state)


def dense_pass_probability(rho, sigma):
    """Run the swap test as density matrices: H, controlled swap, H on an ancilla, then ask for |0⟩."""
    d = len(rho)
    swap = np.eye(d * d).reshape(d, d, d, d).transpose(1, 0, 2, 3).reshape(d * d, d * d)
    hadamard = np.kron(np.array([[1, 1], [1, -1]]) / np.sqrt(2), np.eye(d * d))
    controlled = np.block([[np.eye(d * d), np.zeros((d * d, d * d))], [np.zeros((d * d, d * d)), swap]])
    unitary = hadamard @ controlled @ hadamard
    state = reduce(np.kron, [np.diag([1, 0]), rho, sigma])
    after = unitary @ state @ unitary.conj().T
    return np.trace(after[: d * d, : d * d]).real


@pytest.mark.parametrize("n_wires", [1, 2])
def test_the_swap_test_passes_with_the_probability_the_task_uses(n_wires):
    rng = np.random.default_rng(0)
    d = 2**n_wires
    pure, mixed = haar_state(rng, d), np.eye(d) / d
    rho = np.outer(pure, pure.conj())
    assert dense_pass_probability(rho, rho) == pytest.approx(1)
    assert dense_pass_probability(mixed, mixed) == pytest.approx((1 + 1 / d) / 2)
    purities = np.full(4000, 1 / d)
    passed = swap_test_record(rng, purities, n_copies=2).sum()
    assert binomtest(int(passed), 4000, (1 + 1 / d) / 2).pvalue > 1e-4


def test_the_circuit_is_the_dense_swap_test():
    rng = np.random.default_rng(1)
    one, other = haar_state(rng, 4), haar_state(rng, 4)

    @qp.qnode(qp.device("default.qubit"))
    def circuit():
        qp.StatePrep(one, wires=[1, 2])
        qp.StatePrep(other, wires=[3, 4])
        return swap_test(0, [1, 2], [3, 4])

    wanted = 2 * dense_pass_probability(np.outer(one, one.conj()), np.outer(other, other.conj())) - 1
    assert float(circuit()) == pytest.approx(wanted)
    assert wanted == pytest.approx(abs(np.vdot(one, other)) ** 2)


def test_probabilities_are_those_of_haar_random_states():
    rng = np.random.default_rng(2)
    drawn = haar_probabilities(rng, 4000, n_wires=2)
    states = np.array([np.abs(haar_state(rng, 4)) ** 2 for _ in range(4000)])
    assert np.allclose(drawn.sum(axis=1), 1)
    for column in range(4):
        assert kstest(drawn[:, column], states[:, column]).pvalue > 1e-4
    assert kstest((drawn**2).sum(axis=1), (states**2).sum(axis=1)).pvalue > 1e-4


def test_the_single_copy_record_counts_what_it_says():
    record = single_copy_record(np.random.default_rng(3), np.full((500, 4), 0.25), n_copies=6)
    for counts, (collisions, distinct, largest) in zip(record[:, :4], record[:, 4:], strict=True):
        outcomes = np.repeat(np.arange(4), counts.astype(int))
        pairs = sum(outcomes[i] == outcomes[j] for i in range(6) for j in range(i))
        assert (len(outcomes), pairs, len(set(outcomes)), np.bincount(outcomes).max()) == (
            6,
            collisions,
            distinct,
            largest,
        )


@pytest.mark.parametrize(("name", "n_wires"), [("purity", 4), ("purity-6", 6)])
def test_the_swap_test_reaches_its_exact_accuracy_and_single_copies_theirs(name, n_wires):
    task = tasks.get(name)
    d, scores = 2**n_wires, {"swap-test": [], "logistic": []}
    for seed in range(10):
        split = task.split(seed)
        X, y = split.test.open()
        for model in scores:
            pipeline = models.build(models.get(model), task, {}, 0).fit(split.X_train, split.y_train)
            scores[model].append(balanced_accuracy_score(y, pipeline.predict(X)))
    # By hand: say "pure" when all four pairs pass.  VERDICT.md P3: .956 and .961.
    swap = 1 - ((1 + 1 / d) / 2) ** 4 / 2
    # By hand: say "pure" when two of eight copies agree; of the pure state none do with probability Π (d − i)/(d + i).
    i = np.arange(8)
    alone = (np.prod(1 - i / d) + 1 - np.prod((d - i) / (d + i))) / 2
    assert np.mean(scores["swap-test"]) == pytest.approx(swap, abs=0.01)
    assert np.mean(scores["logistic"]) == pytest.approx({4: 0.650, 6: 0.604}[n_wires], abs=0.02)  # VERDICT.md P3
    assert np.mean(scores["logistic"]) > alone - 0.03


def test_more_copies_help_both_sides():
    task = tasks.get("purity")
    scores = []
    for n_copies in (2, 8, 32):
        changed = task.with_params(n_copies=n_copies)
        split = changed.split(0)
        X, y = split.test.open()
        assert set(split.X_train[:, :16].sum(axis=1)) == {n_copies}
        for columns in (changed.columns["collisions"], changed.columns["two-copy"]):
            fitted = LogisticRegression().fit(split.X_train[:, columns], split.y_train)
            scores.append(balanced_accuracy_score(y, fitted.predict(X[:, columns])))
    assert scores[0] < scores[2] < scores[4]
    assert scores[1] < scores[3] < scores[5]


def test_the_two_copy_record_is_for_quantum_models_only():
    task = tasks.get("purity")
    assert (
        models.build(models.get("swap-test"), task, {}, 0)["features"].fit_transform(task.split(0).X_train).shape[1]
        == 1
    )
    with pytest.raises(SpecError, match="the record of a quantum measurement, which only quantum models may read"):
        models.build(models.get("svm-rbf"), task, {"features": "two-copy"}, 0)
    with pytest.raises(SpecError, match=r"task 'purity' has no parameter 'n_copy'\. Did you mean 'n_copies'\?"):
        task.with_params(n_copy=4)
