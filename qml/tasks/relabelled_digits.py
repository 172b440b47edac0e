"""Digits with labels that a projected quantum kernel finds easy and Gaussian kernels find hard."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.spatial.distance import pdist, squareform
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from qml.tasks.task import TASKS, Part, Task

N_FEATURES = 4
ENCODING = "heisenberg"
GAMMAS = (0.03, 0.1, 0.3, 1.0, 3.0)
RIDGE = 0.01


def engineered_labels(
    quantum: NDArray[np.float64], classical: list[NDArray[np.float64]], ridge: float = RIDGE
) -> NDArray[np.int64]:
    """Label rows so that a ridge regression on the quantum kernel has it as easy as can be beside the classical ones.

    With G_c = √K_Q √K_c (K_c + λ)⁻² √K_c √K_Q and v the top eigenvector of Σ_c G_c / ‖G_c‖_F, a label is 1 where √K_Q v
    lies above its median.

    Args:
        quantum: K_Q, shape (n, n).
        classical: The kernels K_c to be worse than, each of shape (n, n).
        ridge: λ.

    Returns:
        Labels 0 and 1, shape (n,), half of them 1.

    Source: Huang et al. 2021, eq. (8) and supplement, section 10 (arXiv:2011.01938), summed over kernels.

    >>> engineered_labels(np.diag([3.0, 1.0]), [np.eye(2)]).tolist()
    [1, 0]
    """
    root = _root(quantum)
    total = np.zeros_like(quantum)
    for kernel in classical:
        values, vectors = eigh(kernel)
        values = np.clip(values, 0, None)
        middle = (vectors * (values / (values + ridge) ** 2)) @ vectors.T
        geometry = root @ middle @ root
        total += geometry / np.linalg.norm(geometry)
    top = eigh((total + total.T) / 2)[1][:, -1]
    targets = root @ (top * np.sign(top[np.abs(top).argmax()]))
    labels: NDArray[np.int64] = (targets > np.median(targets)).astype(np.int64)
    return labels


def projected_kernel(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute exp(−Σ_k ‖ρ_k − ρ'_k‖²_F / m) of all pairs of rows, m the median of that sum.

    Args:
        x: Features, shape (n, d).

    Returns:
        Kernel, shape (n, n).
    """
    import torch

    from qml.nn import BlochVectors

    embedding = BlochVectors(ENCODING, x.shape[1])
    with torch.inference_mode():
        vectors = embedding(torch.tensor(x)).numpy()
    distances = pdist(vectors, "sqeuclidean") / 2
    kernel: NDArray[np.float64] = np.exp(-squareform(distances) / np.median(distances))
    return kernel


def sample(rng: np.random.Generator, n_train: int, n_test: int) -> Part:
    """Draw digits, keep their first principal components, and relabel them all at once.

    The labels are transductive: those of the training rows depend on the test rows' features, and the components do.
    A replicate is an independent draw from the 1797 digits, with labels of its own.
    """
    n = n_train + n_test
    pixels, _ = load_digits(return_X_y=True)
    chosen = rng.choice(len(pixels), size=n, replace=False)
    components = PCA(N_FEATURES, svd_solver="full").fit_transform(pixels[chosen])
    X = StandardScaler().fit_transform(components)
    squares = squareform(pdist(X, "sqeuclidean"))
    y = engineered_labels(projected_kernel(X), [np.exp(-gamma / N_FEATURES * squares) for gamma in GAMMAS])
    return X[:n_train], y[:n_train], X[n_train:], y[n_train:]


def _root(kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    values, vectors = eigh(kernel)
    root: NDArray[np.float64] = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    return root


TASKS.add(
    Task(
        name="relabelled-digits",
        summary="digits in 4 components, relabelled (transductively) so that a projected quantum kernel is ahead",
        source="Huang et al. 2021 (doi:10.1038/s41467-021-22539-9, arXiv:2011.01938); sklearn.datasets.load_digits",
        sample=sample,
        n_features=N_FEATURES,
        design="fresh",
        n_train=225,
        n_test=75,
        feature_maps=("raw", "sincos"),
        engineered=True,
    )
)
