"""Studies that were never run: tables in the shape of `Records` and of verdict.json, with planted scores."""

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from qml.reports import Circuit, ReportData

QUANTUM = {"reuploading": 0.03, "dressed": 0.01, "iqp-kernel": 0.0}
TWINS = {f"{name}-separable": -0.02 for name in QUANTUM}
CLASSICAL = {
    "dummy": -0.4,
    "logistic": -0.06,
    "svm-rbf": 0.0,
    "knn": -0.01,
    "random-forest": -0.02,
    "gradient-boosting": -0.03,
    "mlp": 0.0,
    "matched-mlp": -0.02,
    "random-fourier": -0.01,
    "fourier-surrogate": -0.02,
}
WITH_HISTORY = ("reuploading", "dressed", "reuploading-separable", "dressed-separable", "mlp", "matched-mlp")
SIDES = {
    **dict.fromkeys(QUANTUM, "quantum"),
    **dict.fromkeys(TWINS, "twin"),
    **dict.fromkeys(CLASSICAL, "classical"),
}
TASKS: dict[str, dict[str, Any]] = {
    "two-moons": {"level": 0.9, "shift": 0.0, "label": "NO ADVANTAGE"},
    "breast-cancer": {
        "level": 0.95,
        "shift": -0.03,
        "label": "INCONCLUSIVE",
        "design": "resampled",
        "test_fraction": 0.25,
    },
    "ad-hoc": {
        "level": 0.68,
        "shift": 0.26,
        "label": "ADVANTAGE",
        "evidence": "L1",
        "engineered": True,
        "robust": True,
    },
    "permuted-moons": {"level": 0.5, "shift": 0.0, "label": "INCONCLUSIVE", "null": True, "spread": 0.0},
}
REASONS = {
    "ADVANTAGE": "P(difference > margin) passes 0.95 after Holm.",
    "NO ADVANTAGE": "P(|difference| ≤ margin) is above 0.95.",
    "DISADVANTAGE": "P(difference < −margin) is above 0.95.",
    "INCONCLUSIVE": "no probability reaches 0.95; the smallest detectable difference is 0.041.",
}

CELL_COLUMNS = [
    *("key", "task", "replicate", "model", "kind", "side", "twin", "twin_of", "status", "score", "validation_score"),
    *("n_parameters", "n_trials", "n_failed_trials", "params", "tune_seconds", "fit_seconds", "started_at"),
    *("finished_at", "error"),
]
HISTORY_COLUMNS = ["key", "task", "replicate", "model", "epoch", "train_loss", "validation_loss"]

MakeData = Callable[..., ReportData]


@pytest.fixture(scope="session")
def make_data() -> MakeData:
    return study


def study(
    *,
    tasks: tuple[str, ...] = tuple(TASKS),
    replicates: int = 10,
    histories: bool = True,
    failed: tuple[tuple[str, int, str, str], ...] = (),
    families: bool = True,
    name: str = "quickstart",
    description: str = "Four tasks, three quantum models, ten baselines.",
    extra_models: int = 0,
) -> ReportData:
    """Make a study; ``failed`` lists (task, replicate, model, error)."""
    sides = SIDES | {f"extra-{index:02d}": "classical" for index in range(extra_models)}
    cells = pd.DataFrame(
        [
            _cell(task, r, model, side, failed)
            for task in tasks
            for r in range(replicates)
            for model, side in sides.items()
        ],
        columns=CELL_COLUMNS,
    )
    done = cells[cells["status"] == "done"]
    return ReportData(
        verdict={
            "protocol": {"alpha": 0.05, "trials": 28, "inner_folds": 2, "replicates": replicates},
            "tasks": [_verdict(task, cells, families) for task in tasks],
        },
        cells=cells,
        trials=_trials(cells),
        histories=_histories(done) if histories and tasks else pd.DataFrame(columns=HISTORY_COLUMNS),
        test_accesses=done[["key", "task", "replicate", "model"]].assign(opened_at="2026-11-21T03:00:00Z"),
        spec={
            "name": name,
            "description": description,
            "tasks": list(tasks),
            "replicates": replicates,
            "budget": {"trials": 28, "inner_folds": 2},
        },
        provenance={
            "qml": "0.1.0",
            "python": "3.11.9",
            "platform": "Linux-x86_64",
            "cpu_count": 2,
            "created_at": "2026-11-21T02:58:00Z",
            "libraries": {"numpy": "2.3.1", "torch": "2.13.0", "pennylane": "0.45.1", "scikit-learn": "1.9.0"},
        },
        circuits=tuple(Circuit(model=model, n_features=(2, 4), text=DRAWING) for model in ("reuploading", "dressed")),
        missing_circuits={"iqp-kernel": "its estimator offers no drawing."},
    )


DRAWING = "\n".join(
    f"{wire}: ──RY({value})──Rot(θ)─╭●───────╭X──RY({value})──Rot(θ)─┤  <Z>" for wire, value in enumerate(("x0", "x1"))
)


def _rng(*parts: object) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(repr(parts).encode()))


def _cell(
    task: str, replicate: int, model: str, side: str, failed: tuple[tuple[str, int, str, str], ...]
) -> dict[str, Any]:
    rng = _rng(task, replicate, model)
    settings = TASKS[task]
    error = next((text for *where, text in failed if where == [task, replicate, model]), None)
    offset = (QUANTUM | TWINS | CLASSICAL).get(model, -0.05) * settings.get("spread", 1.0)
    score = settings["level"] + offset + (settings["shift"] if side == "quantum" else 0.0)
    score += 0.015 * _rng(task, replicate).normal() + 0.012 * rng.normal()
    score = 0.5 if model == "dummy" else float(np.clip(score, 0, 1))
    trained = model in WITH_HISTORY
    return {
        "key": f"{zlib.crc32(repr((task, replicate, model)).encode()):064x}",
        "task": task,
        "replicate": replicate,
        "model": model,
        "kind": side,
        "side": side,
        "twin": "separable" if side == "twin" else None,
        "twin_of": model.removesuffix("-separable") if side == "twin" else None,
        "status": "failed" if error else "done",
        "score": None if error else score,
        "validation_score": None if error else score - 0.01 + 0.005 * rng.normal(),
        "n_parameters": float(rng.integers(20, 60)) if trained else None,
        "n_trials": 3,
        "n_failed_trials": 1 if error else 0,
        "params": {"features": "standard"},
        "tune_seconds": 4.0 if trained else 0.2,
        "fit_seconds": 0.8 if trained else 0.02,
        "started_at": "2026-11-21T03:00:00Z",
        "finished_at": "2026-11-21T03:00:05Z",
        "error": error,
    }


def _verdict(task: str, cells: pd.DataFrame, families: bool) -> dict[str, Any]:
    settings = TASKS[task]
    table = cells[cells["task"] == task].assign(score=lambda frame: frame["score"].fillna(0.5))
    side = {
        name: table[table["side"] == name].dropna(subset=["validation_score"])
        for name in ("quantum", "classical", "twin")
    }
    best = {name: rows.loc[rows.groupby("replicate")["validation_score"].idxmax()] for name, rows in side.items()}
    scores = {name: rows["score"].to_numpy() for name, rows in best.items()}
    d = scores["quantum"] - scores["classical"]
    rows = {
        model: group["score"].to_numpy() - scores["classical"]
        for model, group in table[table["side"] == "quantum"].groupby("model")
    }
    p = {"ADVANTAGE": (0.9999, 0.0001, 0.0), "NO ADVANTAGE": (0.02, 0.97, 0.01)}.get(
        settings["label"], (0.12, 0.7, 0.18)
    )
    return {
        "task": task,
        "label": settings["label"],
        "reason": REASONS[settings["label"]],
        "level": settings.get("evidence", "L0"),
        "level_note": "L2 was not assessed: frozen, matched and surrogate twins are missing."
        if "evidence" in settings
        else "",
        "margin": 0.02,
        **_numbers(d, p),
        "p_advantage_holm": min(1.0, 4 * (1 - p[0])),
        "minimum_detectable_effect": 0.041,
        "n_replicates": len(d),
        "design": settings.get("design", "fresh"),
        "test_fraction": settings.get("test_fraction"),
        "metric": "balanced-accuracy",
        "chance": 0.5,
        "engineered": settings.get("engineered", False),
        "null": settings.get("null", False),
        "robust": settings.get("robust", False),
        "quantum_score": float(scores["quantum"].mean()),
        "classical_score": float(scores["classical"].mean()),
        "quantum_scores": scores["quantum"].tolist(),
        "classical_scores": scores["classical"].tolist(),
        "differences": d.tolist(),
        "replicates": best["quantum"]["replicate"].tolist(),
        "quantum_winners": best["quantum"]["model"].value_counts().to_dict(),
        "classical_winners": best["classical"]["model"].value_counts().to_dict(),
        "twins": [
            {
                "twin": "separable",
                "mean": float((scores["quantum"] - scores["twin"]).mean()),
                "lower": 0.004,
                "passes": False,
            }
        ],
        "families": [
            {"model": model, "label": settings["label"], **_numbers(values, p)} for model, values in rows.items()
        ]
        if families
        else [],
        "flags": ["test standard error above the margin"] if task == "breast-cancer" else [],
        "ledger": {
            name: {
                "trials": 28,
                "failed_trials": 0,
                "failed_cells": int((table[table["side"] == name]["status"] == "failed").sum()),
            }
            for name in scores
        },
    }


def _numbers(d: np.ndarray, p: tuple[float, float, float]) -> dict[str, Any]:
    half = 1.833 * float(d.std(ddof=1)) / len(d) ** 0.5
    mean = float(d.mean())
    return {
        "mean": mean,
        "interval": [mean - half, mean + half],
        **dict(zip(("p_advantage", "p_equivalent", "p_disadvantage"), p, strict=True)),
    }


def _trials(cells: pd.DataFrame) -> pd.DataFrame:
    rows = cells[["key", "task", "replicate", "model"]].assign(number=0, score=cells["validation_score"], seconds=0.1)
    return rows.assign(status=cells["status"], error=cells["error"])


def _histories(cells: pd.DataFrame) -> pd.DataFrame:
    frames = []
    for row in cells[cells["model"].isin(WITH_HISTORY)].to_dict("records"):
        rng = _rng("history", row["key"])
        epochs = np.arange(int(rng.integers(30, 100)))
        decay = 0.3 + 0.4 * np.exp(-epochs / 15)
        frames.append(
            pd.DataFrame(
                {
                    **{name: row[name] for name in ("key", "task", "replicate", "model")},
                    "epoch": epochs,
                    "train_loss": decay + 0.01 * rng.normal(size=len(epochs)),
                    "validation_loss": None
                    if row["model"] == "mlp"
                    else decay + 0.05 + 0.02 * rng.normal(size=len(epochs)),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
