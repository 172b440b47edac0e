"""A user's own case, which is quick to run, and cells that run in this process."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any

import pytest

from qml.calibration import Case, Suite
from qml.studies import Cell, CellRecord, run, run_cell

STUDY: dict[str, Any] = {
    "tasks": [{"name": "two-moons", "n_train": 20, "n_test": 100}],
    "models": {"quantum": ["iqp-kernel"], "classical": ["knn"]},
    "budget": {"trials": 1, "inner_folds": 2},
    "replicates": 2,
}


def _make_case(name: str = "mine", *, study: dict[str, Any] | None = None, **changes: Any) -> Case:
    stated: dict[str, Any] = {
        "code": "N9",
        "group": "null",
        "summary": "a user's case",
        "source": "tests",
        "repeats": 2,
        "study": {**STUDY, **(study or {})},
    }
    return Case(name=name, **{**stated, **changes})


MakeCase = Callable[..., Case]


@pytest.fixture(scope="session")
def make_case() -> MakeCase:
    """Return what makes a case of a name, with changes to it; ``study`` changes keys of its study."""
    return _make_case


@pytest.fixture
def suite() -> Suite:
    return Suite((_make_case("one"), _make_case("two", group="positive", code="P9", repeats=1)))


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Run cells one after the other in this process instead of on Dask; give the keys in the order they ran."""
    ran: list[str] = []

    def run_here(
        _: object, cells: Sequence[Cell], tell: Callable[[int], None], begin: Callable[[str], str]
    ) -> Iterator[CellRecord]:
        for cell in cells:
            tell(1)
            ran.append(cell.key)
            yield run_cell(cell, begin(cell.key))

    monkeypatch.setattr(run, "connect", lambda *_: nullcontext())
    monkeypatch.setattr(run, "run_cells", run_here)
    return ran


@pytest.fixture
def no_defects(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the injected defects to their own test, for time."""
    from qml.calibration import run as calibration_run

    monkeypatch.setattr(calibration_run, "inject_all", list)
