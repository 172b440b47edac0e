"""The data re-uploading regressor."""

from qml.models.model import MODELS, Model
from qml.models.quantum.reuploading import DEFAULTS, SEARCH_SPACE, Reuploading
from qml.models.torch_regressor import TorchRegressor


class ReuploadingRegressor(Reuploading, TorchRegressor):
    """The circuit of `Reuploading` with one output; arguments are its own.

    Source: Pérez-Salinas et al. 2020 (arXiv:1907.02085); as a Fourier series: Schuld, Sweke, Meyer 2021
    (arXiv:2008.08605).

    >>> import numpy as np
    >>> X = np.linspace(-1, 1, 40).reshape(-1, 1)
    >>> predicted = ReuploadingRegressor(random_state=0).fit(X, 100 * X[:, 0]).predict([[-0.8], [0.8]])
    >>> bool(abs(predicted - [-80, 80]).max() < 20)
    True
    """


MODELS.add(
    Model(
        name="reuploading-regressor",
        kind="quantum",
        problem="regression",
        summary="data re-uploading circuit, one wire a feature, trained input scalings, linear head to one value",
        source="Pérez-Salinas et al. 2020 (arXiv:1907.02085)",
        estimator=ReuploadingRegressor,
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
