"""Regressors that are torch modules: scaled targets, squared error."""

from typing import Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin
from torch import Tensor
from torch.nn import functional

from qml.models.targets import Scale
from qml.models.torch_estimator import TorchEstimator


class TorchRegressor(RegressorMixin, TorchEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """A regressor whose model is a torch module with one output; a subclass gives the module.

    Targets are scaled to mean 0 and variance 1, as the training part has them, and the mean squared error is trained.
    Arguments and further attributes are those of `TorchEstimator`.

    Attributes:
        scale_: Mean and standard deviation of the training targets.
    """

    scale_: Scale

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train a new module on features, shape (n, n_features), and real targets, shape (n,).

        Raises:
            ValueError: If a feature or a target is NaN or infinite.
            TrainingError: If the loss becomes NaN or infinite.
        """
        features, targets = self._checked_fit_data(X, y, y_numeric=True, ensure_min_samples=2)
        self.scale_ = Scale.of(targets)
        scaled = torch.tensor(self.scale_.down(targets), dtype=torch.float32)
        return self._fit_module(features, 1, scaled, _squared_error)

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return a value for each row in the units of the targets, shape (n,)."""
        values = self._outputs(X)[:, 0]
        return self.scale_.up(values)


def _squared_error(outputs: Tensor, targets: Tensor) -> Tensor:
    return functional.mse_loss(outputs[:, 0], targets)
