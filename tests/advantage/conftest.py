import numpy as np
import pytest

from qml.advantage import Protocol, TaskSettings

POOL = ("logistic", "svm")
WIGGLE = np.array([0.01, -0.01, 0.02, -0.02, 0.0, 0.01, -0.01, 0.005, -0.005, 0.0])  # sums to 0


class Bench:
    """Builds studies: plain cells, one a model and replicate."""

    pool = POOL
    wiggle = WIGGLE
    protocol = Protocol(alpha=0.05, trials=10, inner_folds=2, replicates=10, required_pool=POOL)

    @staticmethod
    def task(name="moons", **changes):
        base = {"design": "fresh", "test_fraction": None, "n_test": 1000, "metric": "balanced-accuracy"}
        return TaskSettings(**{"name": name, **base, "chance": 0.5, "margin": 0.02, **changes})

    @staticmethod
    def model(name, side, scores, task="moons", **changes):
        """One cell a score; ``validation`` (default: the scores) decides who wins."""
        validation = changes.pop("validation", scores)
        base = {"twin": None, "twin_of": None, "status": "done", "n_trials": 5, "n_failed_trials": 0}
        return [
            {"task": task, "replicate": r, "model": name, "side": side, "score": score, "validation_score": seen}
            | base
            | changes
            for r, (score, seen) in enumerate(zip(scores, validation, strict=True))
        ]

    def study(self, quantum=0.9, classical=0.8, task="moons", n=10):
        """Two quantum and two classical models around those means; "iqp" and "svm" always win on validation."""
        wiggle = np.resize(WIGGLE, n)
        return [
            *self.model("dressed", "quantum", quantum - 0.02 + wiggle, task, validation=np.full(n, 0.1)),
            *self.model("iqp", "quantum", quantum + wiggle, task),
            *self.model("logistic", "classical", np.full(n, classical - 0.02), task, validation=np.full(n, 0.1)),
            *self.model("svm", "classical", np.full(n, classical), task),
        ]

    def twin(self, kind, score, twin_of=("dressed", "iqp"), **changes):
        return [
            cell
            for model in twin_of
            for cell in self.model(f"{model}-{kind}", "twin", np.full(10, score), twin=kind, twin_of=model, **changes)
        ]


@pytest.fixture
def bench():
    return Bench()
