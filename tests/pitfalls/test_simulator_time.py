"""Simulator time as speed-up: no second stands in a verdict, and none moves it."""

from collections.abc import Callable, Iterator
from typing import Any

from score_tables import PROTOCOL, TASK, a_clear_win, judged

from qml.advantage import Protocol, TaskSettings, secondary_results
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
    judged = {name: part for name, part in result.verdict.items() if name != "secondary"}
    assert not [key for key in keys(judged) if any(word in key for word in words)]
    beside = [key for key in keys(result.verdict["secondary"]) if any(word in key for word in words)]
    assert set(beside) <= {"hardware_time", "projected_seconds"}  # from assumed gate times, see the next test


def test_faster_fits_change_nothing() -> None:
    groups = a_clear_win()
    timed = [[{**row, "fit_seconds": 1e-9, "tune_seconds": 1e-9} for row in group] for group in groups]
    assert judged(*timed) == judged(*groups)


def test_a_projection_knows_nothing_of_the_simulator() -> None:
    circuit = {"depth": 6, "n_rows": 40, "kernel": {"sd": 0.1}}
    cells = [{**row, "circuit": circuit} for group in a_clear_win() for row in group]
    slow = [{**row, "fit_seconds": 1e9, "tune_seconds": 1e9} for row in cells]
    settings, protocol = TaskSettings(**TASK), Protocol(**{**PROTOCOL, "required_pool": ()})
    (entry,) = secondary_results(cells, [settings], protocol)
    assert entry["hardware_time"]["models"]
    assert secondary_results(slow, [settings], protocol) == [entry]
