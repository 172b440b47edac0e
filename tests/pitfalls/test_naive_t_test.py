"""A naive t-test on splits: there is none in the API; splits of one data set get Nadeau and Bengio's variance."""

from typing import Any

import numpy as np
import pytest
from scipy import stats
from score_tables import judged, rows_of

import qml.advantage
from qml import tasks, verdict
from qml.errors import SpecError
from qml.studies import Study


def test_splits_need_their_test_fraction() -> None:
    with pytest.raises(SpecError, match="test_fraction"):
        verdict([0.9] * 10, [0.8] * 10, margin=0.02, design="resampled")


def test_what_a_naive_test_calls_significant_stays_open() -> None:
    splits: dict[str, Any] = {"design": "resampled", "test_fraction": 0.25, "n_test": 5000}
    quantum = rows_of("reuploading", "quantum", 0.927, n=30)
    classical = [rows_of(model, "classical", 0.9, n=30) for model in ("knn", "logistic")]
    found = judged(quantum, *classical, task=splits, replicates=30)
    naive = stats.ttest_1samp(np.array(found["differences"]) - 0.02, 0, alternative="greater").pvalue
    assert naive < 0.05
    assert found["label"] == "INCONCLUSIVE"


def test_the_design_is_the_tasks_and_no_studys() -> None:
    with pytest.raises(SpecError, match="unknown key 'design'"):
        Study(
            name="s",
            tasks=[{"name": "breast-cancer", "design": "fresh"}],
            models={"quantum": ["reuploading"]},
            budget={"trials": 24},
        )
    for name in tasks.names():
        task = tasks.get(name)
        assert (task.design == "resampled") == (task.n_available is not None)


def test_the_api_has_no_t_test() -> None:
    assert not [name for name in dir(qml.advantage) if "ttest" in name.replace("_", "").lower()]
