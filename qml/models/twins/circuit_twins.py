"""Twins that are fitted without gradient steps: kernel machines on what a circuit encodes."""

import inspect
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import Tensor, nn

from qml.models.kernel_machine import KernelClassifier, KernelMachine, KernelRegressor
from qml.models.twins.signature import Detached
from qml.models.validation import check_features
from qml.nn import QuantumLayer, Spectrum, quantum_layers, spectrum

Float = NDArray[np.float64]


class CircuitTwin(Detached, KernelMachine):
    """A kernel machine on the angles of a model's circuit; a subclass gives the kernel.

    Attributes:
        module_: The model's untrained module: what stands before the circuit in it is applied to the features.
        spectra_: The spectrum of each circuit in it.
    """

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit features, shape (n, n_features), and labels, shape (n,)."""
        features, labels = validate_data(self, X, y, dtype=np.float64, ensure_all_finite=False)
        check_features(features, getattr(self, "feature_names_in_", None))
        self.module_ = self._module(features.shape[1])
        layers = list(quantum_layers(self.module_))
        _inputs_of(self.module_, layers, features[:1])  # a layer learns its number of inputs at the first call
        self.spectra_ = [spectrum(layer, nominal=True) for layer in layers]
        self.encoded_ = self._encoded(features)
        return self._solve(self._kernel(self.encoded_), labels)

    def _kernel(self, encoded: list[Float]) -> Float:
        """Return the kernel of encoded rows with the training rows, shape (n, n_train)."""
        raise NotImplementedError

    def _kernel_with_training(self, X: ArrayLike) -> Float:
        check_is_fitted(self)
        features = validate_data(self, X, dtype=np.float64, reset=False, ensure_all_finite=False)
        check_features(features, getattr(self, "feature_names_in_", None))
        return self._kernel(self._encoded(features))

    def _module(self, n_features: int) -> nn.Module:
        model = self._model()
        if hasattr(model, "_build_kernel"):
            module: nn.Module = model._build_kernel(n_features)
        else:
            module = model._build_module(n_features, 1, torch.Generator().manual_seed(0))
        return module.double()

    def _encoded(self, features: Float) -> list[Float]:
        """Return what each circuit is given, shape (n, n_inputs)."""
        return _inputs_of(self.module_, list(quantum_layers(self.module_)), features)


class SpectrumKernel(CircuitTwin):
    """The kernel of every frequency that the circuit reaches."""

    scale: float

    def _kernel(self, encoded: list[Float]) -> Float:
        parts = zip(self.spectra_, encoded, self.encoded_, strict=True)
        kernel: Float = np.mean([reach.kernel(rows, theirs, self.scale) for reach, rows, theirs in parts], axis=0)
        return kernel


class GaussianKernel(CircuitTwin):
    """A Gaussian kernel on the angles that the circuit encodes, or on their cos and sin."""

    gamma: float
    representation: str

    def _kernel(self, encoded: list[Float]) -> Float:
        distance = np.zeros((len(encoded[0]), len(self.encoded_[0])))
        for reach, rows, theirs in zip(self.spectra_, encoded, self.encoded_, strict=True):
            ours, others = (self._features(reach, part) for part in (rows, theirs))
            for column in range(ours.shape[1]):  # one by one, so that a row does not depend on the others with it
                distance += np.subtract.outer(ours[:, column], others[:, column]) ** 2
        return np.asarray(np.exp(-self.gamma * distance), dtype=np.float64)

    def _features(self, reach: Spectrum, rows: Float) -> Float:
        angles: Float = reach.angles(torch.from_numpy(rows)).numpy() * np.array([_unit(m) for m in reach.multiples])
        if self.representation == "angles":
            return angles
        return np.hstack([np.cos(angles), np.sin(angles)])


class SpectrumTwin(SpectrumKernel, KernelClassifier):
    """a support vector machine on every frequency that the circuit reaches."""


class SpectrumRegressionTwin(SpectrumKernel, KernelRegressor):
    """kernel ridge regression on every frequency that the circuit reaches."""


class MatchedKernelTwin(GaussianKernel, KernelClassifier):
    """a Gaussian kernel on the angles that the circuit encodes, or on their cos and sin."""


class MatchedKernelRegressionTwin(GaussianKernel, KernelRegressor):
    """Gaussian kernel ridge regression on the angles that the circuit encodes, or on their cos and sin."""


def front_is_fixed(module: nn.Module, layer: QuantumLayer, n_features: int) -> bool:
    """Tell whether nothing that is trained stands between a module's inputs and a quantum layer's."""
    seen: list[Tensor] = []
    handle = layer.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    try:
        module(torch.zeros(1, n_features, dtype=next(module.parameters()).dtype))
    finally:
        handle.remove()
    return bool(seen) and not seen[0].requires_grad


def _inputs_of(module: nn.Module, layers: list[QuantumLayer], features: Float) -> list[Float]:
    """Return what each quantum layer is given when a module, or a kernel of two sets of rows, is run on features."""
    seen: dict[int, Float] = {}

    def keep(index: int) -> Any:
        def hook(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            seen.setdefault(index, inputs[0].detach().numpy().astype(np.float64))

        return hook

    handles = [layer.register_forward_pre_hook(keep(i)) for i, layer in enumerate(layers)]
    rows = torch.from_numpy(np.ascontiguousarray(features))
    n_arguments = len(inspect.signature(module.forward).parameters)
    try:
        with torch.no_grad():
            module(rows) if n_arguments == 1 else module(rows, rows[:1])
    finally:
        for handle in handles:
            handle.remove()
    return [seen[i] for i in range(len(layers))]


def _unit(multiples: Float) -> float:
    """Return the smallest positive multiple at which a phase is encoded."""
    return float(min((m for m in multiples if m > 0), default=1.0))
