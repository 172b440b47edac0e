import numpy as np
import pytest

from qml.errors import SpecError
from qml.models.validation import check_features


def bad(*cells):
    X = np.zeros((30, 5))
    for row, column, value in cells:
        X[row, column] = value
    return X


def message(X, names=None):
    with pytest.raises(SpecError) as caught:
        check_features(X, names)
    return str(caught.value)


def test_finite_features_pass():
    check_features(bad())
    check_features(np.ones((3, 2), dtype=np.int64))
    check_features(np.full((3, 2), np.finfo(np.float32).max, dtype=np.float32))


def test_the_column_the_count_and_the_row_are_named():
    assert message(bad((17, 3, np.nan), (20, 3, -np.inf))) == (
        "feature column 3 has 2 NaN or infinite values (first at row 17); drop or impute them first."
    )


def test_other_bad_columns_are_counted():
    assert message(bad((0, 4, np.nan), (9, 1, np.nan))) == (
        "feature column 1 has 1 NaN or infinite value (first at row 9); drop or impute it first. "
        "1 more column has some too."
    )
    assert message(bad((0, 4, np.nan), (9, 1, np.nan), (9, 2, np.nan))).endswith(" 2 more columns have some too.")


def test_names_are_used():
    assert message(bad((0, 2, np.inf)), names=list("abcde")).startswith("feature column 2 ('c') has 1 NaN")


def test_it_is_a_value_error():
    with pytest.raises(ValueError, match="NaN or infinite"):
        check_features(bad((0, 0, np.nan)))
