import dataclasses

import numpy as np
import pytest

from qml.errors import SpecError
from qml.training import Schedule


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("max_epochs", 0, r"max_epochs must be a whole number, at least 1; got 0\."),
        ("max_epochs", 2.5, r"max_epochs must be a whole number, at least 1; got 2\.5\."),
        ("batch_size", True, r"batch_size must be a whole number, at least 1; got True\."),
        ("patience", "10", r"patience must be a whole number, at least 1; got '10'\."),
        ("learning_rate", 0.0, r"learning_rate must be > 0; got 0\.0\."),
        ("learning_rate", float("nan"), r"learning_rate must be > 0; got nan\."),
        ("learning_rate", None, r"learning_rate must be > 0; got None\."),
        ("weight_decay", -0.1, r"weight_decay must be >= 0; got -0\.1\."),
        ("validation_fraction", 1.0, r"validation_fraction must be in \[0, 1\); got 1\.0\."),
    ],
)
def test_a_value_out_of_range_is_named(name, value, message):
    with pytest.raises(SpecError, match=f"^{message}$"):
        Schedule(**{name: value})


def test_numpy_numbers_are_numbers():
    assert Schedule(max_epochs=np.int64(3), learning_rate=np.float32(0.5)).max_epochs == 3


def test_a_schedule_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Schedule().patience = 3
