"""Studies that are looked at before their end: what to run up to each look, and what a look has settled."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qml.studies.cell import Cell


def look_by_look(cells: Iterable[Cell], looks: Sequence[int]) -> list[Cell]:
    """Sort cells so that all tasks reach a look before any goes on; the order is otherwise kept."""
    return sorted(cells, key=lambda cell: bisect_right(looks, cell.replicate))


def blocks(cells: Sequence[Cell], looks: Sequence[int]) -> list[list[Cell]]:
    """Return the cells up to each look, without those of the look before; all of them where there is one look."""
    found: list[list[Cell]] = [[] for _ in looks or (0,)]
    for cell in cells:
        found[bisect_right(looks, cell.replicate) if looks else 0].append(cell)
    return found


def decided(verdict: Mapping[str, Any] | None) -> set[str]:
    """Return the tasks that a look has decided, so that no further replicate of them is needed.

    >>> row = {"task": "moons", "label": "ADVANTAGE", "look": 2}
    >>> decided({"tasks": [row, row | {"task": "digits", "label": "INCONCLUSIVE"}]})
    {'moons'}
    """
    return {
        str(row["task"])
        for row in (verdict or {}).get("tasks", ())
        if row.get("look") is not None and row["label"] in ("ADVANTAGE", "DISADVANTAGE")
    }
