"""Logistic regression: the best straight line."""

from optuna.distributions import FloatDistribution
from sklearn.linear_model import LogisticRegression

from qml.models.model import MODELS, Model

MODELS.add(
    Model(
        name="logistic",
        kind="classical",
        summary="logistic regression with an L2 penalty",
        source="Cox 1958 (doi:10.1111/j.2517-6161.1958.tb00292.x); sklearn.linear_model.LogisticRegression",
        estimator=LogisticRegression,
        fixed={"max_iter": 10_000},
        search_space={"C": FloatDistribution(1e-3, 1e3, log=True)},
        defaults={"C": 1.0},
    )
)
