"""Adversarial features for a fitted classifier: where its gradients lead within a box around each row."""

import copy
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor
from torch.nn import functional

from qml.models.torch_classifier import TorchClassifier
from qml.training.pgd import projected_gradient_descent


def can_be_attacked(estimator: Any) -> bool:
    """Whether a fitted estimator is a torch module with gradients for its inputs.

    A kernel machine, a forest or a vote of neighbours is none: it is *not assessed*, and nothing is concluded from it.

    >>> from sklearn.svm import SVC
    >>> can_be_attacked(SVC())
    False
    """
    return isinstance(estimator, TorchClassifier) and hasattr(estimator, "module_")


def attacked(
    estimator: TorchClassifier, X: ArrayLike, y: ArrayLike, *, epsilon: float, random_state: int = 0
) -> NDArray[np.float64]:
    """Return features within epsilon of the given ones, in each feature, that raise the classifier's cross-entropy.

    The attacker knows the module, its weights and the labels.  Rows of a label that the classifier never saw are wrong
    already, and stay as they are.

    Args:
        estimator: Fitted, see `can_be_attacked`; it is left as it is.
        X: Features as the estimator takes them (after any scaling), shape (n, n_features).
        y: Their labels, shape (n,).
        epsilon: Radius of the box, in units of these features, at least 0.
        random_state: Seed of the second start.

    Source: Madry et al. 2018 (arXiv:1706.06083).

    >>> from qml.models.quantum.reuploading import ReuploadingClassifier
    >>> X, y = np.linspace(-1, 1, 40).reshape(-1, 1), np.linspace(-1, 1, 40) > 0
    >>> fitted = ReuploadingClassifier(random_state=0).fit(X, y)
    >>> near = attacked(fitted, [[-0.2], [0.2]], [False, True], epsilon=0.3)
    >>> fitted.predict(near).tolist(), bool(abs(near[:, 0] - [-0.2, 0.2]).max() <= 0.3)
    ([True, False], True)
    """
    features, labels = np.array(X, dtype=np.float64), np.asarray(y)
    known = np.isin(labels, estimator.classes_)
    if not known.any():
        return features
    codes = torch.from_numpy(np.searchsorted(estimator.classes_, labels[known]))
    module = copy.deepcopy(estimator.module_).to(torch.float64).eval().requires_grad_(False)
    features[known] = projected_gradient_descent(
        module,
        torch.from_numpy(features[known]),
        codes,
        losses=_cross_entropies,
        epsilon=epsilon,
        generator=torch.Generator().manual_seed(random_state),
    ).numpy()
    return features


def _cross_entropies(outputs: Tensor, codes: Tensor) -> Tensor:
    if outputs.shape[1] == 1:
        return functional.binary_cross_entropy_with_logits(outputs[:, 0], codes.to(outputs.dtype), reduction="none")
    return functional.cross_entropy(outputs, codes, reduction="none")
