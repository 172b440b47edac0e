"""What a cell keeps of its circuit."""

import warnings

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qml.models import get
from qml.studies import Study, run_cell
from qml.studies.circuit_facts import circuit_facts


def cell_of(model, params=None, kind="quantum"):
    spec = {"name": "s", "tasks": ["ad-hoc"], "budget": {"trials": 2, "inner_folds": 2}, "replicates": 1}
    entry = {"name": model, "params": params} if params else model
    models = {"quantum": [entry], "classical": ["dummy"]}
    cells = Study(**spec, models=models).plan().cells
    return next(cell for cell in cells if cell.kind == kind)


def test_a_kernel_cell_keeps_tags_size_and_concentration():
    record = run_cell(cell_of("iqp-kernel"))
    assert record.error is None
    assert record.tags == ("clifford-t",)  # 2 runs of 2 (2 RZ + 1 IsingZZ): 12 gates
    facts = record.circuit
    # twice: H, RZ on each wire, then IsingZZ on both
    assert (facts["n_wires"], facts["n_gates"], facts["depth"]) == (2, 10, 6)
    assert (facts["shots"], facts["noise"]) == (None, False)
    assert {tag["name"]: tag["value"] for tag in facts["tags"]}["clifford-t"] == 12
    assert (facts["n_weights"], facts["n_rows"], facts["samples"]) == (0, 40, None)
    assert facts["kernel"]["bandwidth_tuned"]
    assert not facts["kernel"]["concentrated"]


def test_a_bandwidth_that_the_study_fixes_is_untuned():
    record = run_cell(cell_of("iqp-kernel", {"scaling": 1.0}))
    assert not record.circuit["kernel"]["bandwidth_tuned"]


def test_a_classical_cell_keeps_none():
    record = run_cell(cell_of("iqp-kernel", kind="classical"))
    assert record.circuit is None
    assert record.tags is None


def test_looking_changes_no_score():
    cell = cell_of("reuploading", {"max_epochs": 2, "n_layers": 1})
    first, second = run_cell(cell), run_cell(cell)
    assert first.tags == second.tags
    assert first.circuit == second.circuit
    assert first.score == second.score
    # Two wires, one layer: 3 angles and 1 scaling a wire; 2 epochs of 40 rows, of which 0 are held out.
    assert (first.circuit["n_weights"], first.circuit["n_rows"], first.circuit["samples"]) == (8, 40, 80)


def test_a_full_batch_fit_counts_every_gradient_of_every_start():
    X = np.random.default_rng(0).uniform(-1, 1, (12, 4))
    one, two = (get("teacher-student").estimator(max_iterations=2, n_starts=n, random_state=0) for n in (1, 2))
    assert one.fit(X, X[:, 0] > 0).history_.samples == 12 * one.history_.steps
    assert two.fit(X, X[:, 0] > 0).history_.samples > 12 * two.history_.steps


def test_a_model_without_a_circuit_is_passed_by():
    X = np.random.default_rng(0).normal(size=(20, 2))
    pipeline = make_pipeline(StandardScaler(), get("svm-rbf").estimator()).fit(X, X[:, 0] > 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert circuit_facts(pipeline, X, []) == {"circuit": None, "tags": None}


class Broken:
    def predict(self, X):
        raise ZeroDivisionError("by me")


def test_what_goes_wrong_is_a_warning_and_no_failure():
    with pytest.warns(UserWarning, match="the fitted circuit was not looked at: ZeroDivisionError: by me"):
        assert circuit_facts(Broken(), np.zeros((3, 1)), []) == {"circuit": None, "tags": None}
