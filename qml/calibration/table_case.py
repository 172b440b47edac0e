"""A case without learners: two columns of scores, judged as scores from elsewhere are."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qml.advantage import Verdict
from qml.calibration.case import EXPECTED, Group
from qml.errors import RecordError
from qml.registry import Registry
from qml.studies.hashing import seed_from
from qml.studies.outcome import write_json

TABLES_FILE = "tables.json"


@dataclass(frozen=True, kw_only=True)
class TableCase:
    """Scores of both sides whose right verdict is known.

    Args:
        name: In kebab-case.
        code: Its place in the protocol.
        group: As for a `Case`.
        summary: One line.
        source: The paper or the argument behind the right answer.
        repeats: Verdicts.
        replicates: Pairs of scores in each.
        judged: Draws the scores from a seed, and judges them.
        version: Raised by any change that moves a score.
    """

    name: str
    code: str
    group: Group
    summary: str
    source: str
    repeats: int
    replicates: int
    judged: Callable[[int], Verdict]
    version: int = 1

    @property
    def expected(self) -> tuple[str, ...]:
        """The labels that are right."""
        return EXPECTED[self.group]

    def to_dict(self) -> dict[str, Any]:
        """Return what the case states, as plain data."""
        names = ("name", "code", "group", "summary", "source", "repeats", "replicates", "version")
        return {name: getattr(self, name) for name in names}


TABLES: Registry[TableCase] = Registry("calibration table", "qml.calibration.cases")


def judge_tables(cases: Sequence[TableCase], folder: Path) -> dict[str, dict[int, dict[str, Any]]]:
    """Draw and judge what is not in tables.json yet, writing each verdict down as it comes.

    Returns:
        Verdicts as plain data by case and repeat, in the shape of a study's.

    Raises:
        RecordError: If tables.json cannot be read.
    """
    stored = _read(folder / TABLES_FILE)
    for case in cases:
        known = stored.setdefault(f"{case.name} {case.version}", {})
        for repeat in range(case.repeats):
            if str(repeat) not in known:
                seed = seed_from("calibration", case.name, case.version, repeat)
                known[str(repeat)] = case.judged(seed).to_dict()
                write_json(folder / TABLES_FILE, stored)
    return {
        case.name: {
            repeat: {**stored[f"{case.name} {case.version}"][str(repeat)], "differences": [], "twins": []}
            for repeat in range(case.repeats)
        }
        for case in cases
    }


def _read(path: Path) -> dict[str, Any]:
    try:
        stored: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (OSError, ValueError) as error:
        raise RecordError(f"{path} cannot be read: {error}. Remove it; its verdicts are drawn again.") from None
    return dict(stored)
