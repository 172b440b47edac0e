"""The learner that looks at no feature: it always says the most frequent class."""

from sklearn.dummy import DummyClassifier

from qml.models.model import MODELS, Model

MODELS.add(
    Model(
        name="dummy",
        kind="classical",
        summary="always the most frequent class of the training part",
        source="scikit-learn, sklearn.dummy.DummyClassifier",
        estimator=DummyClassifier,
        fixed={"strategy": "most_frequent"},
        ignores_features=True,
    )
)
