"""What the attempts share: a study of quick models, some of which cheat, that runs in this process."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from qml.studies import Cell, CellRecord, Study, StudyResult, run, run_cell

MODELS = '''
import inspect

import numpy as np
from optuna.distributions import IntDistribution
from sklearn.neighbors import KNeighborsClassifier

from qml import tasks
from qml.models import MODELS, Model

SEEN = []


class Opener(KNeighborsClassifier):
    """Draws the task itself, and looks at a test part while it is fitted."""

    def fit(self, X, y):
        tasks.get("two-moons").split(0).test.open()
        return super().fit(X, y)


class Digger(KNeighborsClassifier):
    """Looks for the study's own sealed test part in the stack of its caller, while it is fitted and afterwards."""

    during = True

    def fit(self, X, y):
        if self.during:
            self._dig()
        return super().fit(X, y)

    def predict(self, X):
        if not self.during:
            self._dig()
        return super().predict(X)

    def _dig(self):
        for frame in inspect.stack():
            split = frame.frame.f_locals.get("split")
            if split is not None and (self.during or split.test.opened):
                split.test.open("0" * 64)


class LateDigger(Digger):
    during = False


class Spy(KNeighborsClassifier):
    """Remembers every row that it is given."""

    def fit(self, X, y):
        SEEN.append(("fit", np.array(X)))
        return super().fit(X, y)

    def predict(self, X):
        SEEN.append(("predict", np.array(X)))
        return super().predict(X)


for cls in (KNeighborsClassifier, Opener, Digger, LateDigger, Spy):
    name = "toy" if cls is KNeighborsClassifier else f"toy-{cls.__name__.lower()}"
    MODELS.add(Model(name=name, kind="quantum", summary="a stand-in", source="tests", estimator=cls,
                     search_space={"n_neighbors": IntDistribution(1, 9)}, defaults={"n_neighbors": 3}))
'''


@pytest.fixture
def attempt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., StudyResult]]:
    """Give a function that runs a small study of quick models, in this process; keywords change its keys."""
    (tmp_path / "pitfall_models.py").write_text(MODELS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    def run_here(
        _: object, cells: Sequence[Cell], tell: Callable[[int], None], begin: Callable[[str], str]
    ) -> Iterator[CellRecord]:
        for cell in cells:
            yield run_cell(cell, begin(cell.key))

    monkeypatch.setattr(run, "connect", lambda *_: nullcontext())
    monkeypatch.setattr(run, "run_cells", run_here)
    monkeypatch.setattr("qml.reports.write_report", lambda _: None)  # half of the time; tests/reports has its tests

    def study(quantum: str = "toy", exploratory: bool = False, **changes: Any) -> StudyResult:
        keys: dict[str, Any] = {
            "name": "attempt",
            "plugins": ["pitfall_models"],
            "tasks": [{"name": "two-moons", "n_train": 40, "n_test": 200}],
            "models": {"quantum": [quantum], "classical": ["dummy", "knn"]},
            "budget": {"trials": 3, "inner_folds": 2},
            "replicates": 2,
        }
        return Study(**{**keys, **changes}).run(progress=False, exploratory=exploratory)

    yield study
    if sys.modules.pop("pitfall_models", None):
        from qml import models

        for name in [name for name in models.names() if name == "toy" or name.startswith("toy-")]:
            models.MODELS._entries.pop(name)
