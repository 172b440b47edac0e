import pytest

from qml import models
from qml.models import REQUIRED_POOL
from qml.testing import check_model


@pytest.mark.parametrize("name", models.names())
def test_model_conforms(name):
    check_model(models.get(name))


def test_the_required_pool_is_registered_on_the_classical_side():
    assert {models.get(name).side for name in REQUIRED_POOL} == {"classical"}


def test_unknown_model_names_the_nearest():
    with pytest.raises(ValueError, match=r"unknown model 'svm'\. Did you mean 'svm-rbf'\?"):
        models.get("svm")
