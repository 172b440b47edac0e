"""Random forest of regression trees."""

from optuna.distributions import IntDistribution
from sklearn.ensemble import RandomForestRegressor

from qml.models.model import MODELS, Model

MODELS.add(
    Model(
        name="random-forest-regressor",
        kind="classical",
        problem="regression",
        summary="random forest of 50 regression trees",
        source="Breiman 2001 (doi:10.1023/A:1010933404324); sklearn.ensemble.RandomForestRegressor",
        estimator=RandomForestRegressor,
        fixed={"n_estimators": 50},
        search_space={
            "max_depth": IntDistribution(2, 16, log=True),
            "min_samples_leaf": IntDistribution(1, 8, log=True),
        },
        defaults={"max_depth": 16, "min_samples_leaf": 1},
    )
)
