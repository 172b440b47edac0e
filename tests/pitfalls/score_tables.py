"""Tables of scores for the judge: a clear win, to which something is then done."""

from typing import Any

import numpy as np

from qml.studies.outcome import judge_rows

Rows = list[dict[str, Any]]
POOL = ("knn", "logistic")

TASK = {
    "name": "moons",
    "design": "fresh",
    "test_fraction": None,
    "n_test": 1000,
    "metric": "balanced-accuracy",
    "chance": 0.5,
    "margin": 0.02,
}
PROTOCOL = {"alpha": 0.05, "trials": 10, "inner_folds": 5, "replicates": 20, "required_pool": POOL}


def rows_of(model: str, side: str, mean: float, n: int = 20, **changes: Any) -> Rows:
    """Return one cell a replicate, with scores that scatter a little around a mean."""
    scatter = np.random.default_rng([*model.encode(), n]).normal(0, 0.01, n)
    scatter -= scatter.mean()
    row = {"task": "moons", "model": model, "side": side, "twin": None, "twin_of": None, "status": "done"}
    return [
        {
            **row,
            "replicate": replicate,
            "score": mean + noise,
            "validation_score": mean,
            "n_trials": 10 if side != "classical" else 5,
            "n_failed_trials": 0,
            **changes,
        }
        for replicate, noise in enumerate(scatter)
    ]


def twin_of(model: str, kind: str, mean: float, **changes: Any) -> Rows:
    """Return the cells of a twin."""
    return rows_of(f"{model}-{kind}", "twin", mean, twin=kind, twin_of=model, **changes)


def judged(*groups: Rows, task: dict[str, Any] | None = None, **protocol: Any) -> dict[str, Any]:
    """Return the verdict on one task."""
    rows = [row for group in groups for row in group]
    (verdict,) = judge_rows(rows, [{**TASK, **(task or {})}], {**PROTOCOL, **protocol})["tasks"]
    return dict(verdict)


def a_clear_win() -> list[Rows]:
    """Return scores that are an advantage as they stand, so that only what is done to them can spoil it."""
    groups = [
        rows_of("reuploading", "quantum", 0.95),
        *(rows_of(model, "classical", 0.8) for model in POOL),
    ]
    assert judged(*groups)["label"] == "ADVANTAGE"
    return groups
