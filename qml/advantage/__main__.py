"""Judge a CSV file of paired scores: ``python -m qml.advantage scores.csv --margin 0.02``."""

import argparse
import csv
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from qml.advantage.mcnemar import mcnemar
from qml.advantage.verdict import PairedScores, verdict, verdicts
from qml.errors import SpecError, suggest

Row = Mapping[str, str | None]

# Columns of these names set them for each task, and go before the options.
_SETTINGS = {"margin": float, "design": str, "test_fraction": float, "chance": float}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the verdict on a file with one row a replicate; exit code 0, or 2 for bad input."""
    given = _parser().parse_args(arguments)
    try:
        found = _judge(given)
    except (SpecError, OSError, UnicodeDecodeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(found.to_dict(), indent=2) if given.json else found)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m qml.advantage", description="Judge paired scores in a CSV file.")
    parser.add_argument("file", help="CSV with a header; one row a replicate, higher scores are better")
    parser.add_argument("--quantum", default="quantum", help="column of the quantum scores (default: quantum)")
    parser.add_argument("--classical", default="classical", help="column of the classical scores (default: classical)")
    parser.add_argument("--margin", type=float, help="the smallest difference that matters")
    parser.add_argument("--design", help="fresh (default) or resampled")
    parser.add_argument("--test-fraction", type=float, help="share of the rows in the test part, when resampled")
    parser.add_argument("--alpha", type=float, default=0.05, help="one-sided error rate (default: 0.05)")
    parser.add_argument("--chance", type=float, help="the score of guessing")
    parser.add_argument(
        "--looks", help="replicates at which you look, fixed beforehand, such as 10,20,30,40; rows in order"
    )
    parser.add_argument(
        "--task",
        metavar="COLUMN",
        help="column of the task's name: one verdict a task, Holm over tasks, and a pooled row; columns named margin, "
        "design, test_fraction and chance set these for each task",
    )
    parser.add_argument(
        "--truth",
        metavar="COLUMN",
        help="column of the true labels: one row a test row, the other two columns hold predicted labels, "
        "and two fitted models are compared by the exact McNemar test",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _judge(given: argparse.Namespace) -> Any:
    rows, names = _read(given.file)
    if given.truth is not None:
        columns = [_column(given.file, rows, names, name) for name in (given.truth, given.quantum, given.classical)]
        return mcnemar(*columns, alpha=given.alpha)
    looks = None if given.looks is None else _looks(given.looks)
    if given.task is None:
        settings = {name: getattr(given, name) for name in _SETTINGS}
        ours, theirs = (_numbers(given.file, rows, names, name) for name in (given.quantum, given.classical))
        return verdict(ours, theirs, **_known(settings), alpha=given.alpha, looks=looks)
    tasks = {
        task: _paired(given, [(line, row) for line, row in rows if row[given.task] == task], names)
        for task in dict.fromkeys(_column(given.file, rows, names, given.task))
    }
    return verdicts(tasks, alpha=given.alpha, looks=looks)


def _paired(given: argparse.Namespace, rows: list[tuple[int, Row]], names: Sequence[str]) -> PairedScores:
    settings: dict[str, Any] = {name: getattr(given, name) for name in _SETTINGS}
    for name, kind in _SETTINGS.items():
        if name in names:
            texts = {(row[name] or "").strip() for _, row in rows}
            if len(texts) > 1:
                raise SpecError(
                    f"{given.file}: column {name!r} must hold one value a task; got {', '.join(sorted(texts))}."
                )
            text = texts.pop()
            if text:
                settings[name] = text if kind is str else _number(text, name, given.file, rows[0][0])
    ours, theirs = (_numbers(given.file, rows, names, name) for name in (given.quantum, given.classical))
    return PairedScores(quantum=ours, classical=theirs, **_known(settings))


def _known(settings: Mapping[str, Any]) -> dict[str, Any]:
    if settings["margin"] is None:
        raise SpecError("give --margin, the smallest difference that matters (0.02 for accuracies).")
    return {name: value for name, value in settings.items() if value is not None}


def _looks(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise SpecError(f"--looks must be whole numbers and commas, such as 10,20,30,40; got {text!r}.") from error


def _read(path: str) -> tuple[list[tuple[int, Row]], Sequence[str]]:
    with open(path, newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        rows: list[tuple[int, Row]] = [(reader.line_num, row) for row in reader]
        return rows, reader.fieldnames or ()


def _column(path: str, rows: list[tuple[int, Row]], names: Sequence[str], name: str) -> list[str]:
    if name not in names:
        raise SpecError(f"{path} has no column {name!r}. {suggest(name, names)}")
    empty = [line for line, row in rows if row[name] is None]
    if empty:
        raise SpecError(f"{path}, line {empty[0]}: column {name!r} is missing.")
    return [row[name] or "" for _, row in rows]


def _numbers(path: str, rows: list[tuple[int, Row]], names: Sequence[str], name: str) -> list[float]:
    if name not in names:
        raise SpecError(f"{path} has no column {name!r}. {suggest(name, names)}")
    return [_number(row[name], name, path, line) for line, row in rows]


def _number(text: str | None, name: str, path: str, line: int) -> float:
    try:
        return float(text or "")
    except ValueError as error:
        raise SpecError(f"{path}, line {line}: column {name!r} holds {text!r}, which is not a number.") from error


if __name__ == "__main__":
    sys.exit(main())
