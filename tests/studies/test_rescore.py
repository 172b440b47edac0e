"""Survival from a study file to the record: one opening of the test part, and nothing trained again."""

import numpy as np
import pytest

from qml.advantage.survival import STANDARD
from qml.errors import SpecError
from qml.studies.cell import run_cell
from qml.studies.document import Document
from qml.studies.plan import make_plan
from qml.studies.spec import check_spec
from qml.studies.survival import rescore

STUDY = {
    "name": "mini",
    "tasks": [{"name": "ad-hoc", "n_train": 40, "n_test": 200}],
    "models": {"quantum": ["iqp-kernel"], "classical": ["dummy"]},
    "replicates": 1,
    "budget": {"trials": 1, "inner_folds": 2},
}


def plan(**changes):
    document = Document({**STUDY, **changes})
    return make_plan(check_spec(document), document)


def test_true_is_the_grid_of_the_protocol_on_the_quantum_side():
    quantum, classical = plan(survival=True).cells
    assert quantum.survival == tuple(setting.name for setting in STANDARD)
    assert classical.survival == ()
    assert [cell.survival for cell in plan(survival=False).cells] == [(), ()]
    grid = plan(survival={"shots": [50], "depolarizing": [0.0, 0.1]}).cells[0]
    assert grid.survival == ("shots=50,p=0", "shots=50,p=0.1")


def test_survival_moves_no_key_and_no_score():
    with_it, without = plan(survival={"shots": [100]}).cells[0], plan().cells[0]
    assert with_it.key == without.key
    assert type(with_it).from_dict(with_it.to_dict()) == with_it
    first, second = run_cell(with_it), run_cell(without)
    assert (first.status, first.error) == ("done", None)
    assert first.score == second.score
    assert np.array_equal(first.y_pred, second.y_pred)
    assert second.survival is None
    assert set(first.survival) == {"shots=100,p=0", "shots=100,p=0.001", "shots=100,p=0.01"}
    assert first.survival == run_cell(with_it).survival
    assert first.score >= first.survival["shots=100,p=0.01"] > 0.5


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"shots": [0]}, "shots"),
        ({"shotz": [1]}, "unknown key 'shotz' in survival. Did you mean 'shots'"),
        ({"depolarizing": [2.0]}, "depolarizing"),
    ],
)
def test_a_bad_grid_is_refused(given, message):
    with pytest.raises(SpecError, match=message):
        plan(survival=given)


def test_an_estimator_without_a_backend_is_told_and_left_out():
    from sklearn.dummy import DummyClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X, y = np.zeros((4, 2)), [0, 1, 0, 1]
    fitted = make_pipeline(StandardScaler(), DummyClassifier()).fit(X, y)
    with pytest.warns(UserWarning, match="DummyClassifier cannot be run under shots and noise"):
        assert rescore(fitted, X, y, lambda a, b: 1.0, ["shots=100,p=0"], seed=0) is None
