"""QAOA against published ratios, and the local search against what brute force knows."""

from itertools import product

import networkx
import numpy as np
import pytest

from qml.errors import SpecError
from qml.models.classical.local_search import best_of_restarts, greedy_and_flips
from qml.nn.qaoa import optimise_qaoa
from qml.studies.optimisation import max_cut_scores
from qml.tasks.extremes import quality
from qml.tasks.max_cut import MaxCut, random_regular


def ring(n):
    return MaxCut(n, tuple((i, (i + 1) % n) for i in range(n)))


def optimised(problem, n_layers):
    return optimise_qaoa(problem.n_nodes, problem.edges, problem.cuts, n_layers=n_layers, rng=np.random.default_rng(0))


@pytest.mark.parametrize(("n", "p"), [(4, 1), (6, 1), (6, 2), (8, 2), (8, 3)])
def test_on_a_ring_qaoa_reaches_the_published_ratio(n, p):
    expected, probabilities = optimised(ring(n), p)
    ratio = (2 * p + 1) / (2 * p + 2)  # Farhi, Goldstone, Gutmann 2014, section 4, for rings longer than 2p + 1
    assert expected / n == pytest.approx(ratio, abs=1e-5)
    assert probabilities @ ring(n).cuts == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(4))
def test_on_three_regular_graphs_one_layer_keeps_the_published_guarantee(seed):
    problem = random_regular(np.random.default_rng(seed), 8)
    expected, _ = optimised(problem, 1)
    assert expected / problem.best >= 0.6924
    assert optimised(problem, 2)[0] > expected


def test_cuts_are_counted_by_hand():
    problem = MaxCut(3, ((0, 1), (1, 2), (0, 2)))
    wanted = [(a != b) + (b != c) + (a != c) for a, b, c in product((0, 1), repeat=3)]
    assert problem.cuts.tolist() == wanted
    assert problem.best == 2
    assert quality(problem.cuts, [0, 1, 2]).tolist() == [0, 0.5, 1]


def test_the_search_ends_where_no_flip_helps_and_counts_what_it_weighed():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        problem = random_regular(rng, 10)
        cut, n_weighed = greedy_and_flips(problem, rng)
        assert problem.best >= cut >= len(problem.edges) / 2  # a local optimum cuts half of the edges at least
        assert n_weighed >= 20
        assert n_weighed % 10 == 0
    assert best_of_restarts(ring(6), 1, np.random.default_rng(0))[1] >= 4  # one run, whatever the budget


def test_a_random_graph_is_regular():
    problem = random_regular(np.random.default_rng(1), 12)
    assert set(dict(networkx.Graph(problem.edges).degree).values()) == {3}


def test_what_is_no_graph_is_refused():
    with pytest.raises(SpecError, match="n_nodes must be from 2 to 16; got 30"):
        MaxCut(30, ((0, 1),))
    for edges in ((), ((0, 0),), ((0, 5),), ((0, 1), (1, 0))):
        with pytest.raises(SpecError, match="edges must be different pairs of different nodes from 0 to 2"):
            MaxCut(3, edges)


def test_plain_search_beats_two_layers_of_qaoa_in_expectation():
    scores = max_cut_scores(n_replicates=10, n_nodes=8, n_layers=2, n_evaluations=60)
    found = scores.verdict()
    assert found.label == "DISADVANTAGE"
    assert scores == max_cut_scores(n_replicates=10, n_nodes=8, n_layers=2, n_evaluations=60)
    assert all(best >= mean for best, mean in zip(scores.quantum_best, scores.quantum_expected, strict=True))
