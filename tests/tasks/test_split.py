import numpy as np
import pytest

from qml.errors import QmlError
from qml.tasks import SealedTest
from qml.tasks.split import shut_test_parts


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
    assert repr(test) == "SealedTest(3 rows, opened without a manifest: exploratory)"


def test_it_remembers_the_manifest_that_it_was_opened_under():
    looked, judged = (SealedTest(np.ones((3, 2)), np.array([0, 1, 0])) for _ in range(2))
    looked.open()
    assert (looked.manifest, looked.exploratory) == (None, True)
    assert (judged.manifest, judged.exploratory) == (None, False)
    judged.open("ab" * 32)
    assert (judged.manifest, judged.exploratory) == ("ab" * 32, False)
    assert repr(judged) == "SealedTest(3 rows, opened under abababab)"


@pytest.mark.parametrize("given", ["", "abc", "AB" * 32, "x" * 64])
def test_what_is_no_hash_opens_nothing(given):
    test = SealedTest(np.ones((3, 2)), np.array([0, 1, 0]))
    with pytest.raises(QmlError, match=r"a manifest's hash has 64 hexadecimal digits; got .* Leave it out to look"):
        test.open(given)
    assert not test.opened


def test_no_test_part_opens_while_a_model_is_tuned():
    test = SealedTest(np.ones((3, 2)), np.array([0, 1, 0]))
    with shut_test_parts("a model is being tuned"):
        with pytest.raises(QmlError, match="no test part opens while a model is being tuned: a model may learn from"):
            test.open("ab" * 32)
        assert not test.opened
    test.open()
