"""Ridge regression: the best straight line."""

from optuna.distributions import FloatDistribution
from sklearn.linear_model import Ridge

from qml.models.model import MODELS, Model

MODELS.add(
    Model(
        name="ridge",
        kind="classical",
        problem="regression",
        summary="linear regression with an L2 penalty",
        source="Hoerl, Kennard 1970 (doi:10.1080/00401706.1970.10488634); sklearn.linear_model.Ridge",
        estimator=Ridge,
        search_space={"alpha": FloatDistribution(1e-3, 1e3, log=True)},
        defaults={"alpha": 1.0},
    )
)
