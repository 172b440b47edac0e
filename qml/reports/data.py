"""What a report is made of: plain tables and dictionaries, so that a page needs no records file."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from qml.errors import RecordError


@dataclass(frozen=True, kw_only=True)
class Circuit:
    """One circuit as text.

    Args:
        model: Name of the model.
        n_features: Numbers of features for which the drawing is the same.
        text: The drawing, a line a wire.
    """

    model: str
    n_features: tuple[int, ...]
    text: str


@dataclass(frozen=True, kw_only=True)
class Note:
    """What a task or a model is.

    Args:
        summary: One line.
        source: The paper or package that it comes from.
    """

    summary: str
    source: str


@dataclass(frozen=True, kw_only=True)
class ReportData:
    """Everything a report shows.

    Args:
        verdict: The content of verdict.json: ``protocol`` and ``tasks``.
        cells: ``Records.cells()``, one fit a row.
        trials: ``Records.trials()``, one tuning trial a row.
        histories: ``Records.histories()``, one epoch of one fit a row.
        test_accesses: ``Records.test_accesses()``, one opening of a test part a row.
        spec: The study as it was run.
        provenance: Versions, platform, date and hashes.
        circuits: Drawings of the quantum models.
        missing_circuits: Why a model of the study is not drawn, by its name.
        task_notes: What each task is, by name; unknown ones are left out.
        model_notes: What each model is, by name; unknown ones are left out.
        calibration: How often verdicts of this package are right, as a sentence.
    """

    verdict: Mapping[str, Any]
    cells: pd.DataFrame
    trials: pd.DataFrame
    histories: pd.DataFrame
    test_accesses: pd.DataFrame
    spec: Mapping[str, Any]
    provenance: Mapping[str, Any]
    circuits: tuple[Circuit, ...] = ()
    missing_circuits: Mapping[str, str] = field(default_factory=dict)
    task_notes: Mapping[str, Note] = field(default_factory=dict)
    model_notes: Mapping[str, Note] = field(default_factory=dict)
    calibration: str = ""

    @property
    def name(self) -> str:
        """Name of the study."""
        return str(self.spec.get("name", "study"))

    @property
    def tasks(self) -> list[dict[str, Any]]:
        """The verdict's rows, one a task."""
        return [dict(row) for row in self.verdict.get("tasks", ())]

    @property
    def protocol(self) -> dict[str, Any]:
        """Settings the verdict was reached under: alpha, trials, inner_folds, replicates."""
        return dict(self.verdict.get("protocol", {}))

    @property
    def alpha(self) -> float:
        """One-sided error rate of a claim."""
        return float(self.protocol.get("alpha", 0.05))

    def scores_digest(self) -> str:
        """SHA-256 of all cell keys with their test scores: equal digests mean equal results, bit for bit.

        Returns:
            64 hexadecimal digits.
        """
        rows = sorted(
            f"{key} {float(score).hex() if pd.notna(score) else 'failed'}"
            for key, score in zip(self.cells["key"], self.cells["score"], strict=True)
        )
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def read_verdict(folder: Path) -> dict[str, Any]:
    """Read verdict.json of a results folder.

    Raises:
        RecordError: If there is none, or it is not a verdict.
    """
    path = folder / "verdict.json"
    try:
        verdict = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecordError(f"there is no verdict.json in {folder}; run the study to its end first.") from None
    except (OSError, ValueError) as error:
        raise RecordError(f"{path} cannot be read as a verdict ({error}); make it again with `qml verdict`.") from None
    if not isinstance(verdict, dict) or not isinstance(verdict.get("tasks"), list):
        raise RecordError(f"{path} is not a verdict: it must be an object with a list named 'tasks'.")
    return verdict
