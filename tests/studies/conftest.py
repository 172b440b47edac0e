"""Stand-ins that are quick to fit, as a user's plug-in would bring them: a module beside the study file."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PLUGIN = """
import os
from optuna.distributions import IntDistribution
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from qml.models import MODELS, Model


class Broken(KNeighborsClassifier):
    def predict(self, X):
        if len(X) > 100:
            raise RuntimeError("this model breaks on the test part")
        return super().predict(X)


class Killer(KNeighborsClassifier):
    def fit(self, X, y):
        os._exit(3)


SPACE = {"n_neighbors": IntDistribution(1, 9)}
for name, estimator in (("toy", KNeighborsClassifier), ("toy-broken", Broken), ("toy-killer", Killer)):
    MODELS.add(Model(name=name, kind="quantum", summary="a stand-in", source="tests", estimator=estimator,
                     search_space=SPACE, defaults={"n_neighbors": 3}))
MODELS.add(Model(name="toy-separable", kind="twin", twin="separable", twin_of="toy", summary="a stand-in",
                 source="tests", estimator=DecisionTreeClassifier, search_space={"max_depth": IntDistribution(1, 4)},
                 defaults={"max_depth": 2}))
"""

STUDY = """\
name: mini
plugins: [qml_toys]
tasks:
  - {name: two-moons, n_train: 40, n_test: 200}
models:
  quantum: [toy]
  twins: [separable]
  classical: [dummy, knn]
replicates: 3
seed: 7
budget:
  trials: 3
  inner_folds: 2
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a folder with mini.yaml and its plug-in, and take the plug-in's entries out again."""
    (tmp_path / "qml_toys.py").write_text(PLUGIN)
    (tmp_path / "mini.yaml").write_text(STUDY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield tmp_path
    if sys.modules.pop("qml_toys", None):
        from qml.models import MODELS

        for name in ("toy", "toy-broken", "toy-killer", "toy-separable"):
            MODELS._entries.pop(name, None)


@pytest.fixture
def study_file(folder: Path) -> Path:
    return folder / "mini.yaml"


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Run cells one after the other in this process instead of on Dask; give the keys in the order they ran."""
    from collections.abc import Callable, Sequence
    from contextlib import nullcontext

    from qml.studies import Cell, CellRecord, run, run_cell

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
