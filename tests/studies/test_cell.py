import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qml import tasks
from qml.studies import Cell, Study, run_cell
from qml.studies.cell import plain
from qml.tasks import SealedTest


@pytest.fixture
def cells(study_file: Path) -> dict[str, Cell]:
    return {cell.model: cell for cell in Study.from_yaml(study_file).plan().cells if cell.replicate == 0}


def test_a_cell_leaves_scores_predictions_trials_and_times(cells: dict[str, Cell]) -> None:
    record = run_cell(cells["knn"])
    assert record.status == "done"
    assert record.error is None
    assert record.key == cells["knn"].key
    assert record.y_true is not None
    assert record.y_pred is not None
    assert record.y_true.shape == record.y_pred.shape == (200,)
    assert record.score == tasks.metric("balanced-accuracy").score(record.y_true, record.y_pred)
    assert [trial["number"] for trial in record.trials] == [0, 1]
    assert record.validation_score == max(trial["score"] for trial in record.trials)
    assert record.params in [trial["params"] for trial in record.trials]
    assert record.opened_at is not None
    assert record.started_at <= record.opened_at <= record.finished_at


def test_the_same_cell_gives_the_same_bits(cells: dict[str, Cell]) -> None:
    first, second = run_cell(cells["toy"]), run_cell(Cell.from_dict(cells["toy"].to_dict()))
    assert (first.score, first.validation_score, first.params) == (second.score, second.validation_score, second.params)
    assert np.array_equal(first.y_pred, second.y_pred)  # type: ignore[arg-type]


def test_a_trained_model_leaves_its_history_and_its_size(cells: dict[str, Cell]) -> None:
    spec = {"name": "s", "tasks": ["two-moons"], "budget": {"trials": 2, "inner_folds": 2}, "replicates": 1}
    models = {
        "quantum": [{"name": "reuploading", "params": {"max_epochs": 3, "validation_fraction": 0.2}}],
        "classical": ["dummy"],
    }
    record = run_cell(Study(**spec, models=models).plan().cells[0])
    assert record.error is None
    assert len(record.train_losses) == len(record.validation_losses) == 3
    assert record.n_parameters is not None
    assert record.n_parameters > 0


def test_the_test_part_is_opened_once_and_after_the_last_fit(
    cells: dict[str, Cell], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sklearn.neighbors import KNeighborsClassifier

    events: list[str] = []
    opened, fitted = SealedTest.open, KNeighborsClassifier.fit
    monkeypatch.setattr(SealedTest, "open", lambda self, *given: (events.append("open"), opened(self, *given))[1])
    monkeypatch.setattr(KNeighborsClassifier, "fit", lambda self, X, y: (events.append("fit"), fitted(self, X, y))[1])
    run_cell(cells["toy"])
    assert events == ["fit"] * (3 * 2 + 1) + ["open"]


def test_a_model_that_raises_is_a_failed_record_with_its_traceback(cells: dict[str, Cell]) -> None:
    from qml import models
    from qml.studies.cell import search_text, sized

    broken = models.get("toy-broken")
    search = search_text(broken, sized(tasks.get("two-moons"), 40, 200))
    record = run_cell(replace(cells["toy"], model="toy-broken", search=search))
    assert record.status == "failed"
    assert record.score is None
    assert record.error is not None
    assert "RuntimeError: this model breaks on the test part" in record.error
    assert len(record.trials) == 3
    assert record.opened_at is not None


def test_trials_that_all_failed_are_kept(cells: dict[str, Cell], monkeypatch: pytest.MonkeyPatch) -> None:
    from sklearn.neighbors import KNeighborsClassifier

    def refuse(self: Any, X: Any, y: Any) -> Any:
        raise RuntimeError("this model fits nothing")

    monkeypatch.setattr(KNeighborsClassifier, "fit", refuse)
    record = run_cell(cells["toy"])
    assert record.status == "failed"
    assert "every one of 3 trials failed" in str(record.error)
    assert [trial["error"] for trial in record.trials] == ["RuntimeError: this model fits nothing"] * 3
    assert record.n_failed_trials == 3
    assert record.tune_seconds is not None
    assert record.opened_at is None


def test_another_version_on_a_worker_is_a_failed_record(cells: dict[str, Cell]) -> None:
    record = run_cell(replace(cells["toy"], model_version=2))
    assert record.status == "failed"
    assert "the worker has 1 and 1, the plan 1 and 2. Install the same qml everywhere." in str(record.error)


def test_warnings_are_kept_with_the_record(cells: dict[str, Cell], monkeypatch: pytest.MonkeyPatch) -> None:
    from sklearn.neighbors import KNeighborsClassifier

    fitted = KNeighborsClassifier.fit

    def loud(self: Any, X: Any, y: Any) -> Any:
        warnings.warn("did not converge", UserWarning, stacklevel=1)
        return fitted(self, X, y)

    monkeypatch.setattr(KNeighborsClassifier, "fit", loud)
    assert run_cell(cells["toy"]).warnings == ("UserWarning: did not converge",)


@pytest.mark.parametrize(
    "change",
    [
        {"task_version": 2},
        {"model_version": 2},
        {"n_trials": 4},
        {"inner_folds": 3},
        {"study_seed": 8},
        {"n_train": 41},
    ],
)
def test_the_key_holds_what_determines_the_result(cells: dict[str, Cell], change: dict[str, int]) -> None:
    assert replace(cells["toy"], **change).key != cells["toy"].key  # type: ignore[arg-type]


def test_the_key_leaves_out_what_only_sorts(cells: dict[str, Cell]) -> None:
    assert replace(cells["toy"], side="classical", kind="classical").key == cells["toy"].key


def test_plain_data_are_what_json_knows() -> None:
    assert plain({1: np.arange(2), "b": {np.bool_(True)}, "c": float("inf"), "d": int}) == {
        "1": [0, 1],
        "b": [True],
        "c": None,
        "d": "<class 'int'>",
    }
