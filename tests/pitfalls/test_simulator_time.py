"""Simulator time as speed-up: no second stands in a verdict, and none moves it."""

from collections.abc import Callable, Iterator
from typing import Any

from score_tables import a_clear_win, judged

from qml.studies import StudyResult


def keys(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        yield from data
    for inner in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from keys(inner)


def test_a_verdict_has_no_field_of_time(attempt: Callable[..., StudyResult]) -> None:
    result = attempt()
    assert {"tune_seconds", "fit_seconds"} <= set(result.cells)  # it is known, and kept out
    words = ("second", "time", "speed", "duration", "cost", "runtime")
    assert not [key for key in keys(dict(result.verdict)) if any(word in key for word in words)]


def test_faster_fits_change_nothing() -> None:
    groups = a_clear_win()
    timed = [[{**row, "fit_seconds": 1e-9, "tune_seconds": 1e-9} for row in group] for group in groups]
    assert judged(*timed) == judged(*groups)
