import numpy as np
import pytest
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from qml.errors import CircuitError
from qml.models.quantum.projected_kernel import ProjectedKernelClassifier
from qml.tasks.relabelled_digits import projected_kernel


@parametrize_with_checks([ProjectedKernelClassifier(scaling=0.3)])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_it_is_the_support_vector_machine_on_the_kernel_matrix():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 3)), np.arange(60) % 2
    model = ProjectedKernelClassifier(width=1.0, C=5.0).fit(X, y)
    kernel = projected_kernel(X)  # its width is the same median
    svc = SVC(kernel="precomputed", C=5.0).fit(kernel, y)
    assert np.allclose(model.decision_function(X), svc.decision_function(kernel), atol=1e-3)


def test_an_encoding_that_does_not_fit_is_explained():
    with pytest.raises(CircuitError, match="'amplitude' does not take 3 features on 3 or 4 wires"):
        ProjectedKernelClassifier(encoding="amplitude").fit(np.eye(3), [0, 1, 0])


def test_equal_rows_are_no_failure():
    model = ProjectedKernelClassifier().fit(np.zeros((6, 2)), [0, 1, 0, 1, 0, 1])
    assert model.gamma_ == 1.0
