"""The hidden teacher: labels from a random circuit that uploads the features several times."""

import numpy as np
from numpy.typing import NDArray

from qml.tasks.task import TASKS, Part, Sampler, Task

N_WIRES = 4
N_LAYERS = 3
DROPPED = 0.3
N_CALIBRATION = 4000


def teacher_values(x: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute ⟨Z₀⟩ of ``qml.circuits.TeacherCircuit``: W₀, then L times RX(x_i), Rot and a ring of CZ.

    Args:
        x: Angles in radians, shape (n, n_wires).
        weights: Angles in radians, shape (L + 1, n_wires, 3).

    Returns:
        Values in [-1, 1], shape (n,).

    >>> teacher_values(np.array([[0.0], [np.pi]]), np.zeros((2, 1, 3))).round(6)
    array([ 1., -1.])
    """
    import torch

    from qml.circuits import TeacherCircuit
    from qml.nn import QuantumLayer

    circuit = TeacherCircuit(x.shape[1], len(weights) - 1)
    layer = QuantumLayer.from_circuit(circuit, init_method={"weights": torch.tensor(weights)}, dtype=torch.float64)
    with torch.inference_mode():
        values: NDArray[np.float64] = layer(torch.tensor(x)).numpy()[:, 0]
    return values


def sampler(n_layers: int) -> Sampler:
    """Return the sampler of a teacher with that many uploads: one teacher a replicate, its weights uniform.

    A label says on which side of the teacher's median a row lies.  The 30 % of rows that lie nearest to it are dropped;
    median and distance come from ``N_CALIBRATION`` rows that are then thrown away.
    """

    def sample(rng: np.random.Generator, n_train: int, n_test: int) -> Part:
        weights = rng.uniform(0, 2 * np.pi, size=(n_layers + 1, N_WIRES, 3))
        values = teacher_values(_angles(rng, N_CALIBRATION), weights)
        median = float(np.median(values))
        distance = float(np.quantile(np.abs(values - median), DROPPED))
        return *_draw(rng, weights, median, distance, n_train), *_draw(rng, weights, median, distance, n_test)

    return sample


def _draw(
    rng: np.random.Generator, weights: NDArray[np.float64], median: float, distance: float, n: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Draw angles until n lie farther from the median than the distance."""
    rows, labels = np.empty((0, N_WIRES)), np.empty(0, dtype=np.int64)
    while len(rows) < n:
        x = _angles(rng, 2 * n)
        values = teacher_values(x, weights)
        kept = np.abs(values - median) > distance
        rows = np.concatenate([rows, x[kept]])
        labels = np.concatenate([labels, (values[kept] > median).astype(np.int64)])
    return rows[:n], labels[:n]


def _angles(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    return rng.uniform(-np.pi, np.pi, size=(n, N_WIRES))


TEACHER = TASKS.add(
    Task(
        name="teacher",
        summary="four angles, labelled by a hidden circuit that uploads them three times",
        source="VERDICT.md P6; the family of Schuld, Sweke, Meyer 2021 (arXiv:2008.08605)",
        sample=sampler(N_LAYERS),
        n_features=N_WIRES,
        design="fresh",
        n_train=300,
        n_test=1000,
        feature_maps=("raw", "sincos"),
        engineered=True,
    )
)
