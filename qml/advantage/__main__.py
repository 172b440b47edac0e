"""Judge a CSV file of paired scores: ``python -m qml.advantage scores.csv --margin 0.02``."""

import argparse
import csv
import json
import sys
from collections.abc import Sequence

from qml.advantage.verdict import verdict
from qml.errors import SpecError, suggest


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the verdict on a file with one row a replicate; exit code 0, or 2 for bad input."""
    parser = argparse.ArgumentParser(prog="python -m qml.advantage", description="Judge paired scores in a CSV file.")
    parser.add_argument("file", help="CSV with a header; one row a replicate, higher scores are better")
    parser.add_argument("--quantum", default="quantum", help="column of the quantum scores (default: quantum)")
    parser.add_argument("--classical", default="classical", help="column of the classical scores (default: classical)")
    parser.add_argument("--margin", type=float, required=True, help="the smallest difference that matters")
    parser.add_argument("--design", default="fresh", help="fresh (default) or resampled")
    parser.add_argument("--test-fraction", type=float, help="share of the rows in the test part, when resampled")
    parser.add_argument("--alpha", type=float, default=0.05, help="one-sided error rate (default: 0.05)")
    parser.add_argument("--chance", type=float, help="the score of guessing")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args(arguments)
    try:
        quantum, classical = (_column(given.file, name) for name in (given.quantum, given.classical))
        found = verdict(
            quantum,
            classical,
            margin=given.margin,
            design=given.design,
            test_fraction=given.test_fraction,
            alpha=given.alpha,
            chance=given.chance,
        )
    except (SpecError, OSError, UnicodeDecodeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(found.to_dict(), indent=2) if given.json else found)
    return 0


def _column(path: str, name: str) -> list[float]:
    with open(path, newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        if name not in (reader.fieldnames or ()):
            raise SpecError(f"{path} has no column {name!r}. {suggest(name, reader.fieldnames or ())}")
        return [_number(row[name], name, path, reader.line_num) for row in reader]


def _number(text: str | None, name: str, path: str, line: int) -> float:
    try:
        return float(text or "")
    except ValueError as error:
        raise SpecError(f"{path}, line {line}: column {name!r} holds {text!r}, which is not a number.") from error


if __name__ == "__main__":
    sys.exit(main())
