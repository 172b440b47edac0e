"""Estimators of our own pass scikit-learn's own conformance suite."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from qml.models.classical.fourier_surrogate import FourierSurrogateClassifier
from qml.models.classical.knn import NearestNeighborsClassifier
from qml.models.classical.random_fourier import RandomFourierClassifier


@parametrize_with_checks([FourierSurrogateClassifier(), NearestNeighborsClassifier(), RandomFourierClassifier()])
def test_estimator_passes_scikit_learns_checks(estimator, check):
    check(estimator)
