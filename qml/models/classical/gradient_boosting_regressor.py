"""Gradient-boosted regression trees."""

from optuna.distributions import FloatDistribution, IntDistribution
from sklearn.ensemble import GradientBoostingRegressor

from qml.models.model import MODELS, Model

MODELS.add(
    Model(
        name="gradient-boosting-regressor",
        kind="classical",
        problem="regression",
        summary="gradient-boosted regression trees",
        source="Friedman 2001 (doi:10.1214/aos/1013203451); sklearn.ensemble.GradientBoostingRegressor",
        estimator=GradientBoostingRegressor,
        search_space={
            "learning_rate": FloatDistribution(1e-2, 1.0, log=True),
            "n_estimators": IntDistribution(10, 200, log=True),
            "max_depth": IntDistribution(1, 4),
        },
        defaults={"learning_rate": 0.1, "n_estimators": 100, "max_depth": 3},
    )
)
