"""A study in Python: check it, plan it, run it, read its verdict."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qml.studies.document import Document
from qml.studies.outcome import read_verdict
from qml.studies.plan import Plan, make_plan, sources_now
from qml.studies.records import Records
from qml.studies.run import REPORT_FILE, Ran, finished, run_study
from qml.studies.spec import StudySpec, check_spec, read_spec

if TYPE_CHECKING:
    import pandas as pd

    from qml.studies.pilot import Pilot


@dataclass(frozen=True)
class StudyResult:
    """What a run left behind.

    Args:
        folder: The results folder.
        verdict: Content of verdict.json.
        n_cells: Cells of the study.
        n_failed: Cells that failed.
        n_run: Cells that this run ran; 0 where the study was finished before.
        report_error: Why there is no report, or None.
        n_left: Cells that were not needed, because a look had decided their tasks.
    """

    folder: Path
    verdict: Mapping[str, Any]
    n_cells: int
    n_failed: int
    n_run: int
    report_error: str | None = None
    n_left: int = 0

    @property
    def cells(self) -> "pd.DataFrame":
        """One row a cell; see `Records.cells`."""
        with self.records() as records:
            return records.cells()

    @property
    def report(self) -> Path:
        """The page to open in a browser."""
        return self.folder / REPORT_FILE

    def records(self) -> Records:
        """Open the records; close them, or use `with`."""
        return Records.open(self.folder)

    def __repr__(self) -> str:
        stamp = ", exploratory" if self.verdict.get("exploratory") else ""
        lines = [f"{task['task']}: {task['label']} ({task['level']}{stamp})" for task in self.verdict["tasks"]]
        counts = f"{self.n_cells} cells, {self.n_failed} failed, {self.n_run} run now"
        missing = [f"no report: {self.report_error}"] if self.report_error else []
        return "\n".join([f"StudyResult({str(self.folder)!r}: {counts})", *lines, *missing])


class Study:
    """Tasks × models × replicates under one budget.

    Args:
        spec: The keys of a study file, as keyword arguments.

    Raises:
        SpecError: If a key or value is not valid.

    >>> study = Study(name="mini", tasks=["two-moons"], models={"quantum": ["reuploading"]}, budget={"trials": 12})
    >>> study.spec.replicates
    10
    """

    def __init__(self, **spec: Any) -> None:
        self._document = Document(spec)
        self.spec: StudySpec = check_spec(self._document)

    @classmethod
    def from_yaml(cls, path: str | Path, overrides: Iterable[str] = ()) -> "Study":
        """Read a study file.

        Args:
            path: A YAML file.
            overrides: ``key=value`` texts, as after ``--set``.

        Raises:
            SpecError: With file, line and nearest right name.
        """
        study = cls.__new__(cls)
        study.spec, study._document = read_spec(path, overrides)
        return study

    def plan(self) -> Plan:
        """Expand the study into cells; nothing is run.

        Raises:
            SpecError: If a task, model, twin or parameter is unknown, or the budget does not reach.
        """
        return make_plan(self.spec, self._document)

    def pilot(
        self,
        results: str | Path = "results",
        *,
        difference: float | None = None,
        power: float = 0.9,
        workers: int | None = None,
        progress: bool = True,
    ) -> "Pilot":
        """Run five replicates that are not the study's, and propose how many the study needs.

        Args:
            results: Folder in which the pilot's own folder, NAME-pilot, is.
            difference: The true difference that the study is to find, in units of the metric; 2.5 margins by default.
            power: The chance to find it.
            workers: Processes of one thread each; the number of cores by default.
            progress: Whether to tell how it goes, on standard error.

        Raises:
            SpecError: If a name or value in the study is wrong, or the difference is not beyond a margin.
            RecordError: If the pilot's folder cannot be used.
        """
        from qml.studies.pilot import pilot_spec, run_pilot

        planned = make_plan(pilot_spec(self.spec), self._document)
        return run_pilot(
            self.spec,
            planned,
            len(planned.tasks),
            Path(results),
            true_difference=difference,
            power=power,
            workers=workers,
            show=progress,
        )

    def run(
        self,
        results: str | Path = "results",
        *,
        workers: int | None = None,
        scheduler: str | None = None,
        progress: bool = True,
        retry_failed: bool = False,
        exploratory: bool = False,
    ) -> StudyResult:
        """Run what has not been run, then judge.  Run again to continue; a finished study is left as it is.

        Args:
            results: Folder in which the study's own folder is.
            workers: Processes of one thread each; the number of cores by default.
            scheduler: Address of a Dask scheduler to use instead, such as ``tcp://10.0.0.1:8786``.
            progress: Whether to tell how it goes, on standard error.
            retry_failed: Whether failed cells are tried again.
            exploratory: Whether to go on in the same folder though the study was changed after test parts had been
                opened; its verdict is then stamped exploratory.

        Raises:
            SpecError: If a name or value in the study is wrong.
            RecordError: If the results folder cannot be used for this study.
        """
        folder = Path(results) / self.spec.name
        ran = Ran(0, None)
        sources = sources_now(self.spec, self._document)
        if not finished(folder, self.spec, sources) or (retry_failed and self._counts(folder)["failed"]):
            ran = run_study(
                self.spec,
                self.plan(),
                folder,
                workers=workers,
                scheduler=scheduler,
                show=progress,
                retry_failed=retry_failed,
                exploratory=exploratory,
            )
        counts = self._counts(folder)
        return StudyResult(
            folder,
            read_verdict(folder) or {"tasks": []},
            counts.total(),
            counts["failed"],
            ran.n_cells,
            ran.report_error,
            counts["pending"],
        )

    @staticmethod
    def _counts(folder: Path) -> Counter[str]:
        with Records.open(folder) as records:
            return Counter(records.statuses().values())
