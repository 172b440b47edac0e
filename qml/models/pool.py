"""The classical pool that a comparison must hold, or it ships no verdict: one for each kind of problem."""

from qml.tasks.problem import Problem

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

REQUIRED_POOLS: dict[Problem, tuple[str, ...]] = {
    "classification": REQUIRED_POOL,
    "regression": (
        "dummy-regressor",
        "ridge",
        "svr-rbf",
        "kernel-ridge",
        "knn-regressor",
        "random-forest-regressor",
        "gradient-boosting-regressor",
        "mlp-regressor",
        "fourier-ridge",
    ),
    "generation": (
        "uniform",
        "independent-bits",
        "chow-liu",
        "autoregressive",
        "boltzmann-machine",
        "histogram",
        "hamming-kernel",
    ),
    "optimisation": ("random-cuts", "local-search", "simulated-annealing", "goemans-williamson"),
}
