"""The classical pool that a comparison must hold, or it ships no verdict."""

REQUIRED_POOL = (
    "dummy",
    "logistic",
    "svm-rbf",
    "knn",
    "random-forest",
    "gradient-boosting",
    "mlp",
    "matched-mlp",
    "random-fourier",
    "fourier-surrogate",
)
