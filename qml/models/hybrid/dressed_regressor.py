"""The dressed quantum circuit as a regressor."""

from qml.models.hybrid.dressed import DEFAULTS, SEARCH_SPACE, Dressed
from qml.models.model import MODELS, Model
from qml.models.torch_regressor import TorchRegressor


class DressedRegressor(Dressed, TorchRegressor):
    """The layers of `Dressed` with one output; arguments are its own.

    Source: Mari et al. 2020 (arXiv:1912.08278).

    >>> import numpy as np
    >>> X = np.linspace(-1, 1, 40).reshape(-1, 1)
    >>> predicted = DressedRegressor(random_state=0).fit(X, 100 * X[:, 0]).predict([[-0.8], [0.8]])
    >>> bool(abs(predicted - [-80, 80]).max() < 20)
    True
    """


MODELS.add(
    Model(
        name="dressed-regressor",
        kind="hybrid",
        problem="regression",
        summary="dressed circuit: linear, (pi/2) tanh, 4-wire circuit, linear to one value",
        source="Mari et al. 2020 (arXiv:1912.08278)",
        estimator=DressedRegressor,
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
