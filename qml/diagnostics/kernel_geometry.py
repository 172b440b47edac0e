"""Kernel geometry: can a classical kernel do what a quantum kernel does?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import eigh
from sklearn.metrics.pairwise import euclidean_distances

from qml.errors import SpecError

Float = NDArray[np.float64]

_RELATIVE_ZERO = 1e-10


@dataclass(frozen=True, kw_only=True)
class GeometricDifference:
    """How far a classical kernel is from a quantum one.

    Args:
        g: g_CQ; a classical kernel predicts whatever the quantum one does as well, up to a factor of g² in the number
            of samples.  Infinite where the classical kernel is blind to what the quantum one sees.  About 1: no
            advantage is possible on any labels; about sqrt(N): some labels are easy for quantum and hard for this
            classical kernel, and only for those.
        regularization: λ in g_CQ.
        training_error: What λ costs: the classical model's training error on the labels that are worst for it.
        classical: Name of the classical kernel.
    """

    g: float
    regularization: float
    training_error: float
    classical: str


def geometric_difference(quantum: ArrayLike, classical: ArrayLike, *, regularization: float = 0.0) -> float:
    """Return g_CQ = sqrt(‖√K_Q √K_C (K_C + λ)⁻² √K_C √K_Q‖), which is sqrt(‖√K_Q K_C⁻¹ √K_Q‖) for λ = 0.

    Both kernels are first scaled to a trace of N.

    Args:
        quantum: Kernel of the N training rows, symmetric and positive semi-definite, shape (N, N).
        classical: The same of the classical kernel.
        regularization: λ, at least 0.

    Returns:
        At least 0, in practice from 1; infinity if λ is 0 and K_C is singular where K_Q is not.

    Raises:
        SpecError: If a kernel is not square, symmetric, positive semi-definite and of a positive trace.

    Source: Huang et al. 2021 (arXiv:2011.01938).

    >>> geometric_difference(np.eye(2), np.diag([1.5, 0.5]))
    1.4142135623730951
    """
    if regularization < 0:
        raise SpecError(f"the regularization must be at least 0; got {regularization}.")
    root = _root(_normalized(quantum, "quantum"))
    values, vectors = _spectrum(_normalized(classical, "classical"))
    turned = vectors.T @ root
    null = values <= _RELATIVE_ZERO * values[-1]
    if regularization == 0:
        if np.abs(turned[null]).max(initial=0.0) > 1e-6:
            return float("inf")
        factors = np.where(null, 0.0, 1.0 / np.where(null, 1.0, values))
    else:
        factors = values / (values + regularization) ** 2
    return float(np.sqrt(max(0.0, _largest(turned.T @ (factors[:, None] * turned)))))


def training_error_bound(quantum: ArrayLike, classical: ArrayLike, regularization: float) -> float:
    """Return g_tra = λ sqrt(‖√K_Q (K_C + λ)⁻² √K_Q‖): the training error that the regularised g_CQ allows.

    Args:
        quantum: As for `geometric_difference`.
        classical: As for `geometric_difference`.
        regularization: λ, above 0.

    Source: Huang et al. 2021, supplement (arXiv:2011.01938).

    >>> training_error_bound(np.eye(2), np.eye(2), 1.0)
    0.5
    """
    root = _root(_normalized(quantum, "quantum"))
    values, vectors = _spectrum(_normalized(classical, "classical"))
    turned = vectors.T @ root
    weighted = turned.T @ (turned / (values + regularization)[:, None] ** 2)
    return float(regularization * np.sqrt(max(0.0, _largest(weighted))))


def nearest_classical(
    quantum: ArrayLike,
    classical: Mapping[str, ArrayLike],
    *,
    regularizations: tuple[float, ...] = (1e-4, 1e-3, 1e-2, 1e-1),
    max_training_error: float = 0.05,
) -> GeometricDifference:
    """Return the smallest regularised g_CQ over classical kernels whose training error stays small.

    Args:
        quantum: Kernel of the training rows, shape (N, N).
        classical: Kernels of the same rows by name, for example of `tuned_kernels`.
        regularizations: λ tried, all above 0.
        max_training_error: Of `training_error_bound`.  If no kernel stays below it, the one with the smallest is
            returned.

    Returns:
        The nearest kernel and its g.

    Source: Huang et al. 2021 (arXiv:2011.01938), where g is minimised over kernels and λ likewise.

    >>> nearest_classical(np.eye(2), {"itself": np.eye(2)}).classical
    'itself'
    """
    found = [
        GeometricDifference(
            g=geometric_difference(quantum, kernel, regularization=strength),
            regularization=strength,
            training_error=training_error_bound(quantum, kernel, strength),
            classical=name,
        )
        for name, kernel in classical.items()
        for strength in regularizations
    ]
    if not found:
        raise SpecError("give at least one classical kernel.")
    fits = [each for each in found if each.training_error <= max_training_error]
    return min(fits, key=lambda each: each.g) if fits else min(found, key=lambda each: each.training_error)


def tuned_kernels(X: ArrayLike) -> dict[str, Float]:
    """Return classical kernels of features, shape (n, n_features): linear, quadratic, and Gaussian ones.

    The Gaussian widths are the median distance times {0.25, 0.5, 1, 2, 4}; the features are centred for the others.

    >>> list(tuned_kernels([[0.0], [1.0], [3.0]]))
    ['linear', 'quadratic', 'rbf × 0.25', 'rbf × 0.5', 'rbf × 1', 'rbf × 2', 'rbf × 4']
    """
    rows = np.asarray(X, dtype=np.float64)
    centred = rows - rows.mean(axis=0)
    gram = centred @ centred.T
    squared = euclidean_distances(rows, squared=True)
    median = float(np.median(squared[np.triu_indices(len(rows), 1)])) or 1.0
    unit = gram * (len(rows) / max(1e-300, gram.trace()))
    kernels = {"linear": unit, "quadratic": (1 + unit) ** 2} if gram.any() else {}
    for factor in (0.25, 0.5, 1, 2, 4):
        kernels[f"rbf × {factor:g}"] = np.exp(-squared / (2 * median * factor**2))
    return kernels


def model_complexity(kernel: ArrayLike, y: ArrayLike, *, regularization: float = 0.0) -> float:
    """Return s_K = yᵀ K⁻¹ y, or with λ its form yᵀ (K + λ)⁻¹ K (K + λ)⁻¹ y: the squared norm of the model that fits y.

    The kernel is first scaled to a trace of N.  The prediction error is bounded by a constant times sqrt(s_K / N), so
    a kernel with a smaller s_K needs fewer samples for these labels.

    Args:
        kernel: Of the N training rows, shape (N, N).
        y: Labels, real; two classes as -1 and 1; shape (N,).
        regularization: λ, at least 0.

    Returns:
        At least 0; infinity if λ is 0 and K is singular where y is not.

    Source: Huang et al. 2021 (arXiv:2011.01938).

    >>> model_complexity(np.diag([1.5, 0.5]), [1, 1])
    2.6666666666666665
    """
    values, vectors = _spectrum(_normalized(kernel, "the"))
    labels = _labels(y, len(values))
    parts = (vectors.T @ labels) ** 2
    null = values <= _RELATIVE_ZERO * values[-1]
    if regularization > 0:
        return float((parts * values / (values + regularization) ** 2).sum())
    if parts[null].max(initial=0.0) > 1e-9 * parts.sum():
        return float("inf")
    return float((parts[~null] / values[~null]).sum())


def kernel_target_alignment(kernel: ArrayLike, y: ArrayLike) -> float:
    """Return the centred alignment of a kernel with labels: ⟨K_c, (yyᵀ)_c⟩ / (‖K_c‖ ‖(yyᵀ)_c‖).

    Args:
        kernel: Shape (N, N).
        y: Labels, real; two classes as -1 and 1; shape (N,), not all the same.

    Returns:
        In [-1, 1]; for a positive semi-definite kernel in [0, 1], and 1 where it is yyᵀ itself.

    Source: Cortes, Mohri, Rostamizadeh 2012 (arXiv:1203.0550).

    >>> kernel_target_alignment([[1, -1], [-1, 1]], [1, -1])
    1.0
    """
    matrix = _square(kernel, "the")
    labels = _labels(y, len(matrix))
    ideal = _centred(np.outer(labels, labels))
    centred = _centred(matrix)
    norms = np.linalg.norm(centred) * np.linalg.norm(ideal)
    if norms < 1e-12:
        raise SpecError("the alignment is undefined: the kernel or the labels are constant.")
    return float((centred * ideal).sum() / norms)


@dataclass(frozen=True, kw_only=True)
class Concentration:
    """Whether a kernel's entries can be told apart with finitely many shots.

    Args:
        mean: Of the off-diagonal entries.
        sd: Their standard deviation.
        shots: Number of shots an entry.
        resolution: 1/sqrt(shots), the order of the error of an entry that was measured with so many.
        concentrated: Whether the standard deviation is below the resolution.
    """

    mean: float
    sd: float
    shots: int
    resolution: float
    concentrated: bool


def concentration(kernel: ArrayLike, *, shots: int = 1000) -> Concentration:
    """Compare the spread of a kernel's off-diagonal entries with what shots can resolve.

    Args:
        kernel: Shape (N, N), N at least 2.
        shots: Shots an entry, at least 1.

    Source: Thanasilp et al. 2024 (arXiv:2208.11060), where the variance vanishes exponentially with the wires.

    >>> concentration(np.eye(3) + 1e-4, shots=100).concentrated
    True
    """
    matrix = _square(kernel, "the")
    if len(matrix) < 2:
        raise SpecError("concentration compares entries off the diagonal: give a kernel of at least 2 rows.")
    if shots < 1:
        raise SpecError(f"shots must be at least 1; got {shots}.")
    entries = matrix[np.triu_indices(len(matrix), 1)]
    sd, resolution = float(entries.std()), float(1 / np.sqrt(shots))
    return Concentration(
        mean=float(entries.mean()), sd=sd, shots=shots, resolution=resolution, concentrated=sd < resolution
    )


def _square(kernel: ArrayLike, which: str) -> Float:
    matrix = np.asarray(kernel, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise SpecError(f"{which} kernel must have shape (N, N); got {matrix.shape}.")
    if not np.isfinite(matrix).all():
        raise SpecError(f"{which} kernel has NaN or infinite entries.")
    if not np.allclose(matrix, matrix.T, atol=1e-6 * max(1e-300, float(np.abs(matrix).max()))):
        raise SpecError(f"{which} kernel must be symmetric.")
    return matrix


def _normalized(kernel: ArrayLike, which: str) -> Float:
    matrix = _square(kernel, which)
    trace = float(matrix.trace())
    if trace <= 0:
        raise SpecError(f"{which} kernel must have a positive trace; got {trace:g}.")
    result: Float = (matrix + matrix.T) * (len(matrix) / (2 * trace))
    if eigh(result, eigvals_only=True)[0] < -1e-6 * len(result):
        raise SpecError(f"{which} kernel must be positive semi-definite.")
    return result


def _spectrum(matrix: Float) -> tuple[Float, Float]:
    """Return eigenvalues, ascending and none below zero, and eigenvectors as columns."""
    values, vectors = eigh(matrix)
    return np.clip(values, 0.0, None), vectors


def _root(matrix: Float) -> Float:
    values, vectors = _spectrum(matrix)
    root: Float = (vectors * np.sqrt(values)) @ vectors.T
    return root


def _largest(matrix: Float) -> float:
    return float(eigh((matrix + matrix.T) / 2, eigvals_only=True)[-1])


def _centred(matrix: Float) -> Float:
    centred: Float = matrix - matrix.mean(axis=0) - matrix.mean(axis=1)[:, None] + matrix.mean()
    return centred


def _labels(y: ArrayLike, n_rows: int) -> Float:
    labels = np.asarray(y, dtype=np.float64)
    if labels.shape != (n_rows,):
        raise SpecError(f"y must have one label a row, shape ({n_rows},); got {labels.shape}.")
    return labels
