"""Fitting and tuning: one loop for every torch model, one search for every estimator, one budget a side."""

from qml.training.budget import allocate
from qml.training.fit import fit
from qml.training.folds import inner_folds
from qml.training.full_batch import fit_full_batch
from qml.training.pgd import projected_gradient_descent
from qml.training.schedule import FitResult, Schedule
from qml.training.threads import one_thread_if_small
from qml.training.tune import Trial, Tuned, tune

__all__ = [
    "FitResult",
    "Schedule",
    "Trial",
    "Tuned",
    "allocate",
    "fit",
    "fit_full_batch",
    "inner_folds",
    "one_thread_if_small",
    "projected_gradient_descent",
    "tune",
]
