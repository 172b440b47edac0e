"""Classifiers that are torch modules: labels, losses, probabilities."""

from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from torch import Tensor
from torch.nn import functional

from qml.models.torch_estimator import TorchEstimator
from qml.nn.linear import linear as linear  # a plug-in's module takes it from here


class TorchClassifier(ClassifierMixin, TorchEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """A classifier whose model is a torch module; a subclass gives the module.

    Two classes train one logit with binary cross-entropy, more train one logit each with cross-entropy.  Arguments and
    further attributes are those of `TorchEstimator`.

    Attributes:
        classes_: Labels, sorted, shape (n_classes,).
    """

    classes_: NDArray[Any]

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train a new module on features, shape (n, n_features), and labels of any type, shape (n,).

        Raises:
            ValueError: If a feature is NaN or infinite, or ``y`` has fewer than two classes.
            TrainingError: If the loss becomes NaN or infinite.
        """
        features, labels = self._checked_fit_data(X, y)
        check_classification_targets(labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"{type(self).__name__} needs at least 2 classes in y; got one class: {self.classes_[0]}.")
        targets = torch.from_numpy(codes)
        if len(self.classes_) == 2:
            return self._fit_module(features, 1, targets.to(torch.float32), _binary_cross_entropy)
        return self._fit_module(features, len(self.classes_), targets, functional.cross_entropy)

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return logits: of the second class, shape (n,), or of every class, shape (n, n_classes)."""
        logits = self._outputs(X)
        return logits[:, 0] if len(self.classes_) == 2 else logits

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the probability of every class, shape (n, n_classes); each row sums to 1."""
        logits = torch.from_numpy(self.decision_function(X))
        if logits.ndim == 1:
            logits = torch.stack([torch.zeros_like(logits), logits], dim=1)
        probabilities: NDArray[np.float64] = torch.softmax(logits, dim=1).numpy()
        return probabilities

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable label of each row, shape (n,)."""
        logits = self.decision_function(X)
        codes = (logits > 0).astype(np.intp) if logits.ndim == 1 else logits.argmax(axis=1)
        labels: NDArray[Any] = self.classes_[codes]
        return labels


def _binary_cross_entropy(outputs: Tensor, targets: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(outputs[:, 0], targets)
