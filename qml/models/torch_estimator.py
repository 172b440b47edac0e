"""The scikit-learn side of every torch model: features, seeds, the loop, the trained module."""

import copy
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import Tensor, nn

from qml.models.validation import check_features
from qml.nn import with_backend
from qml.simulators import NoiseModel
from qml.training import FitResult, Schedule, fit, one_thread_if_small
from qml.training.fit import Loss


class TorchEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """An estimator whose model is a torch module; a subclass gives the module, another what is predicted.

    `TorchClassifier` and `TorchRegressor` derive from it: they turn labels into targets and a loss, and outputs into
    predictions.  Features of any real type are taken and become float32.  The same ``random_state`` gives bit-equal
    weights.

    Args:
        max_epochs: Passes over the training part at most.
        batch_size: Samples a step at most.
        learning_rate: Step size of Adam.
        validation_fraction: Share of the training data held out for early stopping; 0 holds out nothing.
        patience: Epochs without a better validation loss before the fit stops.
        random_state: A whole number of any size, a ``numpy.random.RandomState``, or None for a new seed each fit.

    Attributes:
        module_: The trained module, in evaluation mode.
        n_parameters_: Trainable numbers in it.
        history_: Losses by epoch, the best epoch and the reason to stop (``qml.training.FitResult``).
        n_features_in_: Features seen by ``fit``.
    """

    # A float32 matrix product rounds a row differently in another batch.  Deep modules therefore predict in float64.
    _prediction_dtype: torch.dtype = torch.float32

    module_: nn.Module
    n_parameters_: int
    history_: FitResult
    n_features_in_: int

    def __init__(
        self,
        *,
        max_epochs: int = 100,
        batch_size: int = 32,
        learning_rate: float = 0.02,
        validation_fraction: float = 0.2,
        patience: int = 30,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.random_state = random_state

    def _checked_fit_data(self, X: ArrayLike, y: ArrayLike, **checks: Any) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """Return features as float32, shape (n, n_features), and labels, shape (n,); remember the columns.

        Raises:
            SpecError: If a feature is NaN or infinite.
        """
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused
            features, labels = validate_data(self, X, y, dtype=np.float32, order="C", ensure_all_finite=False, **checks)
        check_features(features, getattr(self, "feature_names_in_", None))
        return features, labels

    def _fit_module(self, features: NDArray[np.float32], n_outputs: int, targets: Tensor, loss: Loss) -> Self:
        """Build a module for features, shape (n, n_features), and train it on targets with n rows."""
        init_seed, fit_seed = _seeds(self.random_state)
        self.module_ = self._build_module(features.shape[1], n_outputs, torch.Generator().manual_seed(init_seed))
        self.n_parameters_ = sum(p.numel() for p in self.module_.parameters() if p.requires_grad)
        self.history_ = self._train(self.module_, torch.tensor(features), targets, loss, fit_seed)
        self.module_.eval()
        return self

    def _outputs(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the outputs of the trained module, shape (n, n_outputs)."""
        check_is_fitted(self)
        with np.errstate(over="ignore"):
            features = validate_data(self, X, dtype=np.float32, order="C", ensure_all_finite=False, reset=False)
        check_features(features, getattr(self, "feature_names_in_", None))
        return _forward(self.module_, torch.tensor(features), self._prediction_dtype)

    def with_backend(self, *, shots: int | None = None, noise: NoiseModel | None = None, random_state: int = 0) -> Self:
        """Return a copy of the fitted model whose circuits predict under shots and noise; nothing is trained.

        Args:
            shots: Samples a measurement setting; None for exact values.
            noise: Channels after the gates and errors of the readout; None for none.
            random_state: Seed of the samples; each call of the copy draws the same ones.

        Raises:
            CircuitError: If there is no quantum layer in the module, or one that cannot run so.
        """
        check_is_fitted(self)
        clone = copy.copy(self)
        generator = None if shots is None else torch.Generator().manual_seed(random_state)
        clone.module_ = with_backend(self.module_, shots=shots, noise=noise, shot_generator=generator)
        clone._prediction_dtype = torch.float64  # which predicts with a copy, and so with a fresh generator
        return clone

    def _build_module(self, n_features: int, n_outputs: int, generator: torch.Generator) -> nn.Module:
        """Make an untrained module from (n, n_features) to (n, n_outputs); its weights come from ``generator``."""
        raise NotImplementedError(f"{type(self).__name__} must give its module in _build_module.")

    def _train(self, module: nn.Module, X: Tensor, y: Tensor, loss: Loss, seed: int) -> FitResult:
        """Train the module in place on features (n, n_features) and targets; a subclass may train another way."""
        return fit(module, X, y, loss=loss, schedule=self._schedule(), seed=seed)

    def _schedule(self) -> Schedule:
        """Return the settings of the fit; a subclass with more of them adds them here."""
        return Schedule(
            max_epochs=self.max_epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            validation_fraction=self.validation_fraction,
            patience=self.patience,
        )


def _forward(module: nn.Module, features: Tensor, dtype: torch.dtype) -> NDArray[np.float64]:
    """Return the outputs of a trained module, computed in ``dtype``, shape (n, n_outputs)."""
    if dtype != torch.float32:
        module = copy.deepcopy(module).to(dtype)
    with torch.inference_mode(), one_thread_if_small(module):
        outputs: NDArray[np.float64] = module(features.to(dtype)).numpy().astype(np.float64)
    return outputs


def _seeds(random_state: int | np.random.RandomState | None) -> tuple[int, int]:
    """Return a seed for the initial weights and one for the fit; None takes new entropy, not NumPy's global state."""
    if isinstance(random_state, np.random.RandomState):
        random_state = int(random_state.randint(2**32, dtype=np.uint64))
    init_seed, fit_seed = np.random.SeedSequence(random_state).generate_state(2, np.uint64)
    return int(init_seed), int(fit_seed)
