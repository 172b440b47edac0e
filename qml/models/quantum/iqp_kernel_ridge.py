"""Kernel ridge regression on the fidelity of IQP-encoded states."""

from qml.models.kernel_estimator import QuantumKernelRegressor
from qml.models.model import MODELS, Model
from qml.models.quantum.iqp_kernel import DEFAULTS, SEARCH_SPACE, IQPKernel


class IQPKernelRegressor(IQPKernel, QuantumKernelRegressor):
    """Kernel ridge regression on the kernel of `IQPKernel`; arguments are its own.

    Source: Havlíček et al. 2019 (arXiv:1804.11326); bandwidth: Shaydulin, Wild 2022 (arXiv:2111.05451).

    >>> import numpy as np
    >>> X = np.linspace(0, 2, 30).reshape(-1, 1)
    >>> IQPKernelRegressor(C=100.0).fit(X, 100 * X[:, 0]).predict([[0.5], [1.5]]).round(-1).tolist()
    [50.0, 150.0]
    """


MODELS.add(
    Model(
        name="iqp-kernel-ridge",
        kind="quantum",
        problem="regression",
        summary="kernel ridge regression on the fidelity kernel of Havlíček's IQP encoding, tuned bandwidth",
        source="Havlíček et al. 2019 (arXiv:1804.11326)",
        estimator=IQPKernelRegressor,
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
