"""The learner that looks at no feature: it always says the mean of the training targets."""

from sklearn.dummy import DummyRegressor

from qml.models.model import MODELS, Model

MODELS.add(
    Model(
        name="dummy-regressor",
        kind="classical",
        problem="regression",
        summary="always the mean of the training targets",
        source="scikit-learn, sklearn.dummy.DummyRegressor",
        estimator=DummyRegressor,
        fixed={"strategy": "mean"},
        ignores_features=True,
    )
)
