"""How long a plan will take: from recorded fits where there are any, else from a table of measured ones."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from qml.errors import RecordError
from qml.studies.cell import Cell

# Seconds per fit with 100 training rows, over the trials of a tuning on two-moons and breast-cancer; one worker of two
# on a two-core server (2026-11).  Recorded fits of this machine go before it.
SECONDS_PER_FIT: Mapping[str, float] = {
    "dressed": 0.22,
    "dressed-separable": 0.18,
    "dummy": 0.003,
    "fourier-surrogate": 0.007,
    "gradient-boosting": 0.03,
    "iqp-kernel": 0.015,
    "iqp-kernel-separable": 0.02,
    "knn": 0.006,
    "logistic": 0.006,
    "matched-mlp": 0.09,
    "mlp": 0.1,
    "random-forest": 0.05,
    "random-fourier": 0.01,
    "random-fourier-as-quantum": 0.01,
    "reuploading": 0.25,
    "reuploading-as-classical": 0.25,
    "reuploading-separable": 0.19,
    "svm-block-1-as-quantum": 0.008,
    "svm-rbf": 0.008,
    "svm-rbf-as-quantum": 0.008,
    "swap-test": 0.008,
    "teacher-student": 0.1,
}
SECONDS_BY_KIND: Mapping[str, float] = {"quantum": 1.0, "hybrid": 1.0, "twin": 1.0, "classical": 0.1}
START_SECONDS = 8.0  # workers start and import the libraries


@dataclass(frozen=True)
class Estimate:
    """Time a plan will take.

    Attributes:
        seconds: Wall time with ``workers`` workers.
        workers: One thread each.
        cell_seconds: Of each cell, by key.
        basis: What the estimate rests on, as a sentence.
    """

    seconds: float
    workers: int
    cell_seconds: Mapping[str, float]
    basis: str


def estimate(cells: Iterable[Cell], workers: int, results: str | Path | None = None) -> Estimate:
    """Estimate the time of cells.

    Args:
        cells: What is still to be run.
        workers: How many run at once.
        results: A folder of results folders, whose recorded fits are used.

    >>> estimate([], workers=2).seconds
    0.0
    """
    cells = tuple(cells)
    recorded = recorded_fit_seconds(results) if results is not None else {}
    seconds, known = {}, 0
    for cell in cells:
        fit = recorded.get((cell.label, cell.model))
        known += fit is not None
        if fit is None:
            # An automatic twin is trained as its model is, or faster.
            known_as = cell.model if cell.model in SECONDS_PER_FIT else str(cell.twin_of)
            table = SECONDS_PER_FIT.get(known_as, SECONDS_BY_KIND.get(cell.kind, 1.0))
            fit = table * cell.n_train / 100
        seconds[cell.key] = fit * (cell.n_trials * cell.inner_folds + 1)
    total = sum(seconds.values()) / max(workers, 1) + START_SECONDS if cells else 0.0
    return Estimate(total, workers, seconds, _basis(known, len(cells)))


def recorded_fit_seconds(results: str | Path) -> dict[tuple[str, str], float]:
    """Return the mean seconds per fit by (task, model) over every records file in a folder of results folders."""
    from qml.studies.records import FILE_NAME, Records

    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for path in sorted(Path(results).glob(f"*/{FILE_NAME}")):
        try:
            with Records.open(path) as records:
                for task, model, seconds, fits in records.fit_seconds():
                    sums[task, model][0] += seconds
                    sums[task, model][1] += fits
        except RecordError:
            continue  # an estimate does without; running that study says what is wrong with it
    return {pair: seconds / fits for pair, (seconds, fits) in sums.items() if fits}


def _basis(known: int, total: int) -> str:
    if known == total:
        return "from the recorded fits of earlier runs in the results folder"
    table = "from a table of seconds per fit measured on another machine; expect it within a factor of three"
    return table if not known else f"{known} of {total} cells from recorded fits, the rest {table}"


def duration(seconds: float) -> str:
    """Write seconds for a person.

    >>> duration(42), duration(200), duration(9000)
    ('42 s', '3 min 20 s', '2 h 30 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
