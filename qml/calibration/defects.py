"""What can be wrong about a study, done on purpose: does the verdict say so?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from qml.advantage import verdict
from qml.calibration.case import Case
from qml.errors import QmlError
from qml.studies import Cell, Plan, Study, run_cell
from qml.studies.outcome import judge_rows

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Defect:
    """One thing that is wrong.

    Args:
        name: A few words.
        pitfall: The mistake that it stands for.
        inject: Does it, and returns what the verdict (or the error) says.
        flag: The words by which the answer shows that it was seen.
    """

    name: str
    pitfall: str
    inject: Callable[[], str]
    flag: str


def inject_all() -> list[dict[str, Any]]:
    """Do every defect, and return what came of it.

    Returns:
        Rows with ``name``, ``pitfall``, ``flagged`` and ``answer``.
    """
    return [_inject(defect) for defect in DEFECTS]


def _inject(defect: Defect) -> dict[str, Any]:
    try:
        answer = defect.inject()
    except QmlError as error:
        answer = f"{type(error).__name__}: {error}"
    return {
        "name": defect.name,
        "pitfall": defect.pitfall,
        "flagged": defect.flag in answer,
        "answer": answer,
    }


STUDY: Mapping[str, Any] = {
    "plugins": ["qml.calibration.aliases", "qml.calibration.broken"],
    "tasks": [{"name": "two-moons", "n_train": 40}],
    "models": {"quantum": ["svm-rbf-as-quantum"], "classical": ["logistic", "knn", "svm-rbf"]},
    "budget": {"trials": 6, "inner_folds": 2},
}


def _case(**changes: Any) -> Case:
    return Case(
        name="defect",
        code="D",
        group="null",
        summary="a study with something wrong about it",
        source="VERDICT.md, section 4",
        study={**STUDY, **changes},
        repeats=1,
    )


def _run(cells: Sequence[Cell]) -> list[Row]:
    rows = []
    for cell in cells:
        record = run_cell(cell)
        rows.append(
            {
                **{name: getattr(cell, name) for name in ("task", "replicate", "model", "side", "twin", "twin_of")},
                **{name: getattr(record, name) for name in ("status", "score", "validation_score", "n_failed_trials")},
                "n_trials": cell.n_trials,
                "error": record.error,
            }
        )
    return rows


def _answer(rows: Sequence[Row], plan: Plan, **protocol: Any) -> str:
    (found,) = judge_rows(rows, plan.tasks, {**plan.protocol, **protocol})["tasks"]
    flags = "; ".join(found["flags"])
    return f"{found['label']} ({found['level']}): {found['reason']}. {found['level_note']} {flags}".strip()


def _judged(**changes: Any) -> str:
    plan = _case(**changes).plan()
    return _answer(_run(plan.cells), plan)


def _missing_pool_member() -> str:
    plan = _case().plan()
    return _answer(_run(plan.cells), plan, required_pool=[*plan.protocol["required_pool"], "random-forest"])


def _more_trials_for_quantum() -> str:
    plan = _case().plan()
    more = [replace(cell, n_trials=3 * cell.n_trials) if cell.side == "quantum" else cell for cell in plan.cells]
    return _answer(_run(more), plan)


def _dropped_seeds() -> str:
    """Leave out the two replicates in which quantum did worst."""
    plan = _case(replicates=12).plan()
    rows = _run(plan.cells)
    scores = {row["replicate"]: row["score"] for row in rows if row["side"] == "quantum"}
    worst = sorted(scores, key=lambda replicate: float(scores[replicate]))[:2]
    return _answer([row for row in rows if row["replicate"] not in worst], plan)


def _stopped_when_it_pleased() -> str:
    """Look after every replicate from the tenth, and stop where the mean difference is at its best."""
    plan = _case(replicates=16).plan()
    rows = _run(plan.cells)
    scores = {(row["replicate"], row["side"]): row["score"] for row in rows if row["model"].startswith("svm")}
    differences = [scores[replicate, "quantum"] - scores[replicate, "classical"] for replicate in range(16)]
    means = {seen: float(np.mean(differences[:seen])) for seen in range(10, 16)}
    best = max(means, key=lambda seen: means[seen])
    return _answer([row for row in rows if row["replicate"] < best], plan)


def _without_twins() -> str:
    """Let a hybrid win over guessing, where its classical layers would do as well, and ask for no twin."""
    hybrid = {"name": "dressed", "params": {"max_epochs": 15}}
    return _judged(models={"quantum": [hybrid], "classical": ["dummy"]}, budget={"trials": 1, "inner_folds": 2})


def _home_game() -> str:
    models = {"quantum": ["iqp-kernel"], "classical": ["logistic"]}
    return _judged(tasks=["ad-hoc"], models=models, budget={"trials": 1, "inner_folds": 2})


def _scores_without_partner() -> str:
    return str(verdict([0.9] * 12, [0.8] * 10, margin=0.02))


def _lost_scores() -> str:
    return str(verdict([0.9] * 11 + [float("nan")], [0.8] * 12, margin=0.02))


def _fast_simulator() -> str:
    """Tell the judge that quantum took no time."""
    plan = _case().plan()
    rows = [{**row, "fit_seconds": 0.0 if row["side"] == "quantum" else 100.0} for row in _run(plan.cells)]
    found = judge_rows(rows, plan.tasks, plan.protocol)
    timed = [name for name in found["tasks"][0] if "second" in name or "time" in name]
    return f"fields about time in the verdict: {timed or 'none'}"


def _cheat(model: str) -> str:
    plan = _case(
        models={"quantum": [model], "classical": ["logistic"]}, budget={"trials": 1, "inner_folds": 2}, replicates=1
    ).plan()
    (record,) = (row for row in _run(plan.cells) if row["side"] == "quantum")
    return f"{record['status']}: {(str(record['error'] or '').strip().splitlines() or ['no error'])[-1]}"


def _margin_moved() -> str:
    """Run a study, look, and lower the margin."""
    first = {
        "name": "moved",
        "tasks": [{"name": "two-moons", "n_train": 20, "n_test": 100}],
        "models": {"quantum": ["iqp-kernel"], "classical": ["knn"]},
        "replicates": 1,
        "budget": {"trials": 1, "inner_folds": 2},
    }
    with TemporaryDirectory() as folder:
        Study(**first).run(folder, workers=1, progress=False)
        changed = Study(**first, margin=0.01).run(folder, workers=1, progress=False, exploratory=True)
    return f"exploratory: {'; '.join(changed.verdict['exploratory'])}"


DEFECTS: tuple[Defect, ...] = (
    Defect(
        name="missing baseline",
        pitfall="weak or missing baselines",
        inject=_missing_pool_member,
        flag="INCONCLUSIVE (L0): pool incomplete",
    ),
    Defect(
        name="three times the trials",
        pitfall="unequal budgets",
        inject=_more_trials_for_quantum,
        flag="INCONCLUSIVE (L0): budgets differ",
    ),
    Defect(
        name="one seed",
        pitfall="one seed, best seed",
        inject=lambda: _judged(replicates=1),
        flag="INCONCLUSIVE (L0): too few replicates",
    ),
    Defect(
        name="worst seeds dropped",
        pitfall="peeking, dropped seeds",
        inject=_dropped_seeds,
        flag="INCONCLUSIVE (L0): unfinished",
    ),
    Defect(
        name="20 test rows",
        pitfall="tiny test sets",
        inject=lambda: _judged(tasks=[{"name": "two-moons", "n_train": 40, "n_test": 20}]),
        flag="INCONCLUSIVE (L0): test data too few",
    ),
    Defect(
        name="every second fit fails",
        pitfall="failed fits dropped from the mean",
        inject=lambda: _judged(models={"quantum": ["failing-neighbours"], "classical": ["logistic", "knn"]}),
        flag="INCONCLUSIVE (L0): training",
    ),
    Defect(
        name="test part opened twice",
        pitfall="tuning or early stopping on test",
        inject=lambda: _cheat("greedy-neighbours"),
        flag="the test part was already opened",
    ),
    Defect(
        name="a scaler that sees test rows",
        pitfall="PCA or scaler leakage",
        inject=lambda: _cheat("leaky-neighbours"),
        flag="no test part opens while",
    ),
    Defect(
        name="margin lowered after a look",
        pitfall="what was decided after the test part was opened",
        inject=_margin_moved,
        flag="Changed since: two-moons.margin: 0.02 -> 0.01",
    ),
    Defect(
        name="stopped when it looked best",
        pitfall="peeking, dropped seeds",
        inject=_stopped_when_it_pleased,
        flag="INCONCLUSIVE (L0): unfinished",
    ),
    Defect(
        name="a hybrid without twins",
        pitfall="the dense layers did it",
        inject=_without_twins,
        flag="Not L2, so the cause is open",
    ),
    Defect(
        name="data made for quantum",
        pitfall="generator favours quantum",
        inject=_home_game,
        flag="engineered: the generator of this task favours quantum",
    ),
    Defect(
        name="12 scores against 10",
        pitfall="unpaired scores",
        inject=_scores_without_partner,
        flag="SpecError",
    ),
    Defect(
        name="one score is NaN",
        pitfall="failed fits dropped from the mean",
        inject=_lost_scores,
        flag="SpecError",
    ),
    Defect(
        name="seconds of a simulator",
        pitfall="simulator time as speed-up",
        inject=_fast_simulator,
        flag="fields about time in the verdict: none",
    ),
)
