"""A task picked because quantum won: all tasks count in Holm's correction; leaving one out afterwards is stamped."""

from collections.abc import Callable

from score_tables import PROTOCOL, TASK, Rows, rows_of

from qml.studies import StudyResult
from qml.studies.outcome import judge_rows

MOONS = {"name": "two-moons", "n_train": 40, "n_test": 200}


def study_of(*differences: float) -> list[dict[str, object]]:
    """Judge a study of one task a difference."""
    tasks = [{**TASK, "name": f"task-{place}"} for place in range(len(differences))]
    rows: Rows = []
    for task, difference in zip(tasks, differences, strict=True):
        for group in (
            rows_of("reuploading", "quantum", 0.9 + difference),
            *(rows_of(model, "classical", 0.9) for model in ("knn", "logistic")),
        ):
            rows += [{**row, "task": task["name"]} for row in group]
    return list(judge_rows(rows, tasks, PROTOCOL)["tasks"])


def test_a_win_on_one_of_many_tasks_is_corrected_for_all_of_them() -> None:
    (alone,) = study_of(0.0265)
    first, *_ = study_of(0.0265, *[0.0] * 9)
    assert alone["label"] == "ADVANTAGE"
    assert first["label"] == "INCONCLUSIVE"
    assert first["mean"] == alone["mean"]


def test_leaving_out_the_lost_tasks_is_exploratory_and_named(attempt: Callable[..., StudyResult]) -> None:
    permuted = {"name": "permuted-moons", "n_train": 40, "n_test": 200}
    attempt(tasks=[MOONS, permuted])
    (reason,) = attempt(tasks=[MOONS], exploratory=True).verdict["exploratory"]
    assert "the task 'permuted-moons' was left out" in reason


def test_adding_a_task_afterwards_is_exploratory_too(attempt: Callable[..., StudyResult]) -> None:
    attempt(tasks=[MOONS])
    permuted = {"name": "permuted-moons", "n_train": 40, "n_test": 200}
    found = attempt(tasks=[MOONS, permuted], exploratory=True).verdict
    assert "the task 'permuted-moons' was added" in found["exploratory"][0]
    assert [row["exploratory"] for row in found["tasks"]] == [True, True]


def test_adding_a_model_afterwards_is_exploratory_too(attempt: Callable[..., StudyResult]) -> None:
    attempt()
    models = {"quantum": ["toy", "toy-spy"], "classical": ["dummy", "knn"]}
    (reason,) = attempt(models=models, exploratory=True).verdict["exploratory"]
    assert "the model 'toy-spy' on the quantum side was added" in reason
