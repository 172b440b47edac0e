"""Havlíček's ad hoc data on three wires."""

from dataclasses import replace

from qml.tasks.ad_hoc import AD_HOC, sampler
from qml.tasks.task import TASKS

N_WIRES = 3

TASKS.add(
    replace(
        AD_HOC,
        name="ad-hoc-3",
        summary="three angles, labelled by a hidden observable of the feature map that quantum kernels use",
        sample=sampler(N_WIRES),
        n_features=N_WIRES,
        n_train=100,
    )
)
