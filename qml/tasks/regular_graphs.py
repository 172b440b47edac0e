"""MaxCut on random 3-regular graphs: some to tune on, others to be scored on."""

from functools import lru_cache

import numpy as np

from qml.tasks.cut_rows import n_columns, row_of
from qml.tasks.max_cut import random_regular
from qml.tasks.task import TASKS, Part, Task

N_NODES = 8
N_EVALUATIONS = 60
_DRAWS = 200


def sample(rng: np.random.Generator, n_train: int, n_test: int, n_evaluations: int) -> Part:
    """Draw graphs; there are no labels, so that y is X: what is asked is what answers are scored against."""
    rows = np.array([row_of(random_regular(rng, N_NODES), n_evaluations) for _ in range(n_train + n_test)])
    return rows[:n_train], rows[:n_train], rows[n_train:], rows[n_train:]


@lru_cache(maxsize=1)
def _random_quality() -> float:
    """Return the expected quality of a random assignment, averaged over graphs drawn with a fixed seed."""
    graphs = [random_regular(rng, N_NODES) for rng in np.random.default_rng(0).spawn(_DRAWS)]
    return float(np.mean([len(graph.edges) / 2 / graph.best for graph in graphs]))


TASKS.add(
    Task(
        name="max-cut",
        problem="optimisation",
        summary=f"largest cuts of random 3-regular graphs with {N_NODES} nodes, other graphs in every replicate",
        source="Farhi, Goldstone, Gutmann 2014 (arXiv:1411.4028)",
        sample=sample,
        params={"n_evaluations": N_EVALUATIONS},
        chance=lambda n_evaluations: _random_quality(),
        n_features=n_columns(N_NODES),
        design="fresh",
        n_train=6,
        n_test=10,
        metric="cut-quality",
        feature_maps=("raw",),
    )
)
