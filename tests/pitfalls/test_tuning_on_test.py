"""Tuning or early stopping on test: the test part is sealed while anything is tuned or fitted, and opens once."""

import sys
from collections.abc import Callable

import numpy as np
import pytest

from qml import tasks
from qml.errors import QmlError
from qml.studies import StudyResult


@pytest.mark.parametrize("model", ["toy-opener", "toy-digger"])
def test_a_model_that_opens_a_test_part_while_it_is_tuned_fails(
    attempt: Callable[..., StudyResult], model: str
) -> None:
    result = attempt(model)
    cells = result.cells[result.cells["model"] == model]
    assert cells["status"].tolist() == ["failed", "failed"]
    assert all(f"no test part opens while '{model}' is being tuned" in error for error in cells["error"])
    with result.records() as records:
        assert model not in set(records.test_accesses()["model"])


def test_a_test_part_that_was_scored_does_not_open_for_its_model(attempt: Callable[..., StudyResult]) -> None:
    cells = attempt("toy-latedigger").cells
    errors = cells.loc[cells["model"] == "toy-latedigger", "error"]
    assert all("the test part was already opened" in error for error in errors)


def test_a_model_meets_test_rows_once_and_last(attempt: Callable[..., StudyResult]) -> None:
    result = attempt("toy-spy", replicates=1, models={"quantum": ["toy-spy"], "classical": ["dummy"]})
    assert result.n_failed == 0
    seen = sys.modules["pitfall_models"].SEEN
    (met,) = (place for place, (_, rows) in enumerate(seen) if len(rows) == 200)
    assert [(kind, len(rows)) for kind, rows in seen[met - 1 : met + 1]] == [("fit", 40), ("predict", 200)]
    assert all(kind == "predict" and len(rows) <= 40 for kind, rows in seen[met + 1 :])  # its circuit is looked for
    assert all(len(rows) <= 40 for _, rows in seen[:met])


def test_every_access_is_in_the_ledger_with_its_manifest(attempt: Callable[..., StudyResult]) -> None:
    result = attempt()
    with result.records() as records:
        accesses = records.test_accesses()
        assert accesses["key"].tolist() == result.cells["key"].tolist()
        assert set(accesses["manifest"]) == {records.manifest_hash()}
        first = records.ledger().iloc[0]
        assert (first["event"], first["key"]) == ("manifest", records.manifest_hash())


def test_in_a_notebook_a_test_part_opens_once_and_says_that_it_is_exploratory() -> None:
    split = tasks.get("two-moons").split(seed=0)
    X, y = split.test.open()
    assert (len(X), split.test.exploratory) == (len(y), True)
    with pytest.raises(QmlError, match="already opened"):
        split.test.open()
    assert not np.shares_memory(X, split.X_train)
