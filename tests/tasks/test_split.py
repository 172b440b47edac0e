import numpy as np
import pytest

from qml.errors import QmlError
from qml.tasks import SealedTest


def test_a_sealed_test_opens_once():
    test = SealedTest(np.ones((3, 2)), np.array([0, 1, 0]))
    assert not test.opened
    X, y = test.open()
    assert (X.shape, y.tolist(), test.opened) == ((3, 2), [0, 1, 0], True)
    with pytest.raises(QmlError, match=r"the test part was already opened: it is for one final score\. Tune on the"):
        test.open()


def test_its_repr_shows_no_data():
    test = SealedTest(np.full((3, 2), 7.5), np.array([0, 1, 0]))
    assert repr(test) == "SealedTest(3 rows, sealed)"
    test.open()
    assert repr(test) == "SealedTest(3 rows, opened)"
