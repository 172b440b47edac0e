"""Kernel geometry against hand computations and dense matrix functions."""

import numpy as np
import pennylane as qp
import pytest
from scipy.linalg import inv, norm, sqrtm

from qml.diagnostics import (
    concentration,
    geometric_difference,
    kernel_target_alignment,
    model_complexity,
    nearest_classical,
    training_error_bound,
    tuned_kernels,
)
from qml.errors import SpecError

RNG = np.random.default_rng(3)


def random_kernel(n=8, rank=8):
    factor = RNG.normal(size=(n, rank))
    kernel = factor @ factor.T
    return kernel * n / kernel.trace()


def test_a_kernel_is_at_distance_one_from_itself():
    kernel = random_kernel()
    assert geometric_difference(kernel, 7 * kernel) == pytest.approx(1)  # the traces are normalised


def test_diagonal_kernels_by_hand():
    quantum, classical = np.diag([1.0, 0.6, 1.4]), np.diag([0.5, 1.0, 1.5])
    assert geometric_difference(quantum, classical) == pytest.approx(np.sqrt(2.0))  # the largest ratio is 1 / 0.5
    assert geometric_difference(quantum, classical, regularization=0.5) == pytest.approx(
        np.sqrt(max(1.0 * 0.5 / 1.0**2, 0.6 * 1.0 / 1.5**2, 1.4 * 1.5 / 2.0**2))
    )
    assert training_error_bound(quantum, classical, 0.5) == pytest.approx(0.5 * np.sqrt(1.0 / 1.0**2))
    assert model_complexity(classical, [1, -1, 1]) == pytest.approx(1 / 0.5 + 1 / 1.0 + 1 / 1.5)
    assert model_complexity(classical, [1, -1, 1], regularization=0.5) == pytest.approx(
        0.5 / 1.0**2 + 1.0 / 1.5**2 + 1.5 / 2.0**2
    )


@pytest.mark.parametrize("strength", [0.0, 0.05])
def test_the_formula_as_the_paper_writes_it(strength):
    quantum, classical = random_kernel(), random_kernel()
    root_q, root_c = sqrtm(quantum), sqrtm(classical)
    squared = np.linalg.matrix_power(inv(classical + strength * np.eye(8)), 2)
    expected = np.sqrt(norm(root_q @ root_c @ squared @ root_c @ root_q, 2))
    assert geometric_difference(quantum, classical, regularization=strength) == pytest.approx(expected)


def test_the_worst_labels_are_g_squared_times_as_hard():
    """Huang et al.: for y = sqrt(K_Q) v, v the top eigenvector, s_C = g² s_Q."""
    quantum, classical = random_kernel(), random_kernel()
    root = np.real(sqrtm(quantum))
    _, vectors = np.linalg.eigh(root @ inv(classical) @ root)
    y = root @ vectors[:, -1]
    ratio = model_complexity(classical, y) / model_complexity(quantum, y)
    assert ratio == pytest.approx(geometric_difference(quantum, classical) ** 2)


def test_a_classical_kernel_that_is_blind_is_infinitely_far():
    blind = np.ones((8, 8))
    assert geometric_difference(np.eye(8), blind) == np.inf
    assert geometric_difference(blind, blind) == pytest.approx(1)
    assert np.isfinite(geometric_difference(np.eye(8), blind, regularization=0.1))
    assert model_complexity(blind, RNG.normal(size=8)) == np.inf


def test_the_nearest_kernel_is_found_by_its_name():
    x = RNG.uniform(-1, 1, size=(30, 2))
    kernels = tuned_kernels(x)
    found = nearest_classical(kernels["rbf × 1"], kernels)
    assert found.g < 1.1
    assert found.training_error <= 0.05
    far = nearest_classical(np.eye(30), kernels)
    assert far.g > 2 or far.training_error > 0.05


def test_tuned_kernels_are_what_their_names_say():
    x = RNG.normal(size=(5, 3))
    kernels = tuned_kernels(x)
    distances = np.array([[np.sum((a - b) ** 2) for b in x] for a in x])
    median = np.median(distances[np.triu_indices(5, 1)])
    np.testing.assert_allclose(kernels["rbf × 2"], np.exp(-distances / (8 * median)))
    centred = x - x.mean(axis=0)
    linear = kernels["linear"] / kernels["linear"][0, 0]
    np.testing.assert_allclose(linear, centred @ centred.T / (centred[0] @ centred[0]))
    assert "linear" not in tuned_kernels(np.ones((4, 2)))


def test_alignment_is_that_of_centred_matrices():
    kernel, y = random_kernel(), np.array([1, -1, 1, 1, -1, 1, -1, -1])
    centring = np.eye(8) - 1 / 8
    centred = centring @ kernel @ centring
    # balanced labels are centred already; PennyLane's alignment does no centring
    expected = qp.kernels.target_alignment(np.arange(8), y, lambda i, j: centred[i, j])
    assert kernel_target_alignment(kernel, y) == pytest.approx(float(expected))
    # unlike the uncentred one, it does not change when a constant is added
    assert kernel_target_alignment(kernel + 3, y) == pytest.approx(kernel_target_alignment(kernel, y))


def test_concentration_by_hand():
    kernel = np.array([[1.0, 0.2, 0.3], [0.2, 1.0, 0.4], [0.3, 0.4, 1.0]])
    found = concentration(kernel, shots=100)
    assert found.mean == pytest.approx(0.3)
    assert found.sd == pytest.approx(np.sqrt(0.02 / 3))  # 0.0816
    assert found.resolution == pytest.approx(0.1)
    assert found.concentrated
    assert not concentration(kernel, shots=1000).concentrated


def test_bad_kernels_are_told():
    with pytest.raises(SpecError, match=r"must have shape \(N, N\); got \(2, 3\)"):
        geometric_difference(np.ones((2, 3)), np.eye(2))
    with pytest.raises(SpecError, match="quantum kernel must be positive semi-definite"):
        geometric_difference([[1, 2], [2, 1]], np.eye(2))
    with pytest.raises(SpecError, match="must be symmetric"):
        kernel_target_alignment([[1, 2], [0, 1]], [1, -1])
    with pytest.raises(SpecError, match=r"one label a row, shape \(2,\); got \(3,\)"):
        model_complexity(np.eye(2), [1, 1, 1])
    with pytest.raises(SpecError, match="the kernel or the labels are constant"):
        kernel_target_alignment(np.eye(2), [1, 1])
    with pytest.raises(SpecError, match="shots must be at least 1; got 0"):
        concentration(np.eye(2), shots=0)
    with pytest.raises(SpecError, match="at least one classical kernel"):
        nearest_classical(np.eye(2), {})
    with pytest.raises(SpecError, match="NaN"):
        concentration([[np.nan, 1], [1, 1]])
    with pytest.raises(SpecError, match="must be at least 0; got -1"):
        geometric_difference(np.eye(2), np.eye(2), regularization=-1)
