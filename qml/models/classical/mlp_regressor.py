"""The multi-layer perceptron as a regressor."""

from qml.models.classical.mlp import DEFAULTS, SEARCH_SPACE, MultiLayerPerceptron
from qml.models.model import MODELS, Model
from qml.models.torch_regressor import TorchRegressor


class MLPRegressor(MultiLayerPerceptron, TorchRegressor):
    """The perceptron with one output; arguments are those of `MultiLayerPerceptron`.

    >>> import numpy as np
    >>> X = np.linspace(-1, 1, 40).reshape(-1, 1)
    >>> MLPRegressor(random_state=0).fit(X, 100 * X[:, 0]).predict([[-0.8], [0.8]]).round(-1).tolist()
    [-80.0, 80.0]
    """


MODELS.add(
    Model(
        name="mlp-regressor",
        kind="classical",
        problem="regression",
        summary="multi-layer perceptron with tanh, width, depth, decay and learning rate tuned",
        source="Rumelhart, Hinton, Williams 1986 (doi:10.1038/323533a0)",
        estimator=MLPRegressor,
        search_space=SEARCH_SPACE,
        defaults=DEFAULTS,
    )
)
