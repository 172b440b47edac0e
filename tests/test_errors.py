import pytest

from qml import errors
from qml.errors import suggest


@pytest.mark.parametrize("name", ["CircuitError", "SpecError", "RecordError", "TrainingError"])
def test_every_error_is_of_the_one_tree_and_a_value_error(name):
    error = getattr(errors, name)
    assert issubclass(error, errors.QmlError)
    assert issubclass(error, ValueError)


def test_the_base_is_no_value_error():
    assert not issubclass(errors.QmlError, ValueError)


def test_the_nearest_choice_comes_first_and_all_are_listed():
    assert suggest("ad_hoc", ["two-moons", "ad-hoc"]) == "Did you mean 'ad-hoc'? Choices: ad-hoc, two-moons."


def test_nothing_near_gives_the_list_alone():
    assert suggest("xyz", ["two-moons", "ad-hoc"]) == "Choices: ad-hoc, two-moons."


def test_no_choices_at_all():
    assert suggest("xyz", []) == "Choices: none."
