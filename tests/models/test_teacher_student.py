import numpy as np
import pytest
import torch
from sklearn.utils.estimator_checks import parametrize_with_checks

from qml import models, tasks
from qml.models.quantum.teacher_student import TeacherStudentClassifier
from qml.models.twins.teacher_student_separable import SeparableTeacherStudentClassifier


@parametrize_with_checks([TeacherStudentClassifier()])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_the_best_of_a_few_starts_recovers_the_teacher():
    split = tasks.get("teacher").split(0)
    X, y = split.test.open()
    fits = [
        TeacherStudentClassifier(start=start, random_state=0).fit(split.X_train, split.y_train) for start in range(6)
    ]
    losses = [fit.history_.train_losses[-1] for fit in fits]
    assert (fits[int(np.argmin(losses))].predict(X) == y).mean() > 0.95
    twin = SeparableTeacherStudentClassifier(random_state=0).fit(split.X_train, split.y_train)
    assert (twin.predict(X) == y).mean() < 0.9
    assert twin.n_parameters_ == fits[0].n_parameters_ == 4 * 4 * 3 + 2


def test_start_and_seed_decide_the_initial_weights():
    split = tasks.get("teacher").split(0)

    def weights(**arguments):
        fitted = TeacherStudentClassifier(n_layers=1, max_iterations=1, **arguments).fit(split.X_train, split.y_train)
        return fitted.module_[0].weights

    first = weights(start=1, random_state=0)
    assert torch.equal(first, weights(start=1, random_state=0))
    assert not torch.equal(first, weights(start=2, random_state=0))
    assert not torch.equal(first, weights(start=1, random_state=1))


def test_it_reads_the_angles_as_they_are():
    for name in ("teacher-student", "teacher-student-separable"):
        assert models.get(name).fixed == {"features": "raw"}
        assert "features" not in models.search_space(models.get(name), tasks.get("teacher"))
    pipeline = models.build(models.get("teacher-student"), tasks.get("teacher"), {}, 0)
    assert list(pipeline["features"].named_steps) == ["check"]
    with pytest.raises(ValueError, match="'two-moons' has no feature map 'raw'"):
        models.build(models.get("teacher-student"), tasks.get("two-moons"), {}, 0)


def test_more_starts_never_end_higher() -> None:
    split = tasks.get("teacher").split(seed=4)
    ends = [
        TeacherStudentClassifier(n_starts=n, max_iterations=15, random_state=1)
        .fit(split.X_train, split.y_train)
        .history_.train_losses[-1]
        for n in (1, 4)
    ]
    assert ends[1] <= ends[0]
    once, again = (
        TeacherStudentClassifier(n_starts=2, max_iterations=5, random_state=1)
        .fit(split.X_train, split.y_train)
        .decision_function(split.X_train)
        for _ in range(2)
    )
    assert (once == again).all()
