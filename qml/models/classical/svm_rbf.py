"""Support vector machine with the Gaussian kernel."""

from optuna.distributions import FloatDistribution
from sklearn.svm import SVC

from qml.models.model import MODELS, Model

SVM_RBF = MODELS.add(
    Model(
        name="svm-rbf",
        kind="classical",
        summary="support vector machine with the Gaussian kernel",
        source="Cortes, Vapnik 1995 (doi:10.1007/BF00994018); sklearn.svm.SVC",
        estimator=SVC,
        fixed={"kernel": "rbf"},
        search_space={
            "C": FloatDistribution(1e-2, 1e3, log=True),
            "gamma": FloatDistribution(1e-2, 1e2, log=True),
        },
        defaults={"C": 1.0, "gamma": 0.5},
    )
)
