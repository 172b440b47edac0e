import json

import numpy as np
import pytest

from qml.advantage import verdict
from qml.advantage.scores import json_safe
from qml.errors import QmlError, SpecError

TEN = np.linspace(0.7, 0.8, 10)


@pytest.mark.parametrize(
    ("quantum", "classical", "message"),
    [
        (TEN, TEN[:9], r"must be paired.*got 10 quantum and 9 classical scores"),
        ([0.9], [0.8], r"needs at least 2 paired replicates to have an error bar; got 1"),
        ([], [], r"needs at least 2 paired replicates to have an error bar; got 0"),
        ([0.9, np.nan], [0.8, 0.7], r"quantum\[1\] is nan; every score must be finite\. A failed fit counts as"),
        ([0.9, 0.8], [np.inf, 0.7], r"classical\[0\] is inf; every score must be finite"),
        ([0.9, None], [0.8, 0.7], r"quantum\[1\] is nan"),
        (["good", "bad"], [0.8, 0.7], r"quantum must be numbers, one score a replicate"),
        ([[0.9, 0.8]], [[0.9, 0.8]], r"quantum must have shape \(n_replicates,\); got \(1, 2\)\. Average several"),
        (0.9, 0.8, r"quantum must have shape \(n_replicates,\); got \(\)"),
    ],
)
def test_bad_scores(quantum, classical, message):
    with pytest.raises(SpecError, match=message):
        verdict(quantum, classical, margin=0.02)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"margin": -0.01}, r"margin must be a finite number >= 0.*got -0\.01"),
        ({"margin": float("nan")}, r"margin must be a finite number >= 0.*got nan"),
        ({"margin": "0.02"}, r"margin must be a finite number >= 0.*got '0\.02'"),
        ({"design": "resampled"}, r"design='resampled' needs test_fraction"),
        ({"design": "resampled", "test_fraction": 0}, r"test_fraction must lie strictly between 0 and 1; got 0"),
        ({"design": "resampled", "test_fraction": 25}, r"test_fraction must lie strictly between 0 and 1; got 25"),
        ({"design": "resampled", "test_fraction": "a"}, r"test_fraction must lie strictly between 0 and 1; got a"),
        ({"test_fraction": 0.25}, r"test_fraction=0\.25 belongs to design='resampled'"),
        ({"design": "resample"}, r"unknown design 'resample'\. Did you mean 'resampled'\? Choices: fresh, resampled"),
        ({"alpha": 0.5}, r"alpha must lie strictly between 0 and 0\.5.*got 0\.5"),
        ({"alpha": 0.0}, r"alpha must lie strictly between 0 and 0\.5.*got 0\.0"),
        ({"chance": float("inf")}, r"chance must be a finite number.*got inf"),
    ],
)
def test_bad_settings(settings, message):
    with pytest.raises(SpecError, match=message):
        verdict(TEN, TEN, **{"margin": 0.02, **settings})


def test_errors_are_value_errors_of_the_package():
    with pytest.raises(ValueError, match="margin") as caught:
        verdict(TEN, TEN, margin=-1)
    assert isinstance(caught.value, QmlError)


def test_numpy_numbers_and_lists_are_welcome():
    found = verdict(list(TEN), tuple(TEN), margin=np.float32(0.02), design="resampled", test_fraction=np.float64(0.25))
    assert json.dumps(found.to_dict(), allow_nan=False)


def test_json_has_no_nan():
    values = {"a": np.float64("nan"), "b": (np.int64(3), float("inf")), 4: [np.bool_(True), "text", None]}
    assert json_safe(values) == {"a": None, "b": [3, None], "4": [True, "text", None]}
