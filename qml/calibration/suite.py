"""The suite: every repeat of every case as one plan of cells, in an order that an interruption leaves balanced."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from qml.calibration.case import CASES, Case
from qml.calibration.table_case import TABLES, TableCase
from qml.errors import SpecError
from qml.studies import Cell, Plan
from qml.studies.hashing import digest


@dataclass(frozen=True)
class Repeat:
    """One study of the suite.

    Args:
        case: Its case.
        number: Which repeat, from 0.
        cells: In plan order.
    """

    case: Case
    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Suite:
    """Cases to be repeated.

    Args:
        cases: Each with at least one repeat.
        tables: Cases without learners.

    >>> [case.code for case in quick_suite().cases]
    ['N2', 'N3', 'P2', 'T1']
    """

    cases: tuple[Case, ...]
    tables: tuple[TableCase, ...] = ()

    @cached_property
    def plans(self) -> dict[str, Plan]:
        """The plan of each case's first repeat, by name."""
        return {case.name: case.plan() for case in self.cases}

    @cached_property
    def repeats(self) -> tuple[Repeat, ...]:
        """Every study, the cases taking turns: at any time each has had about the same share of its repeats.

        Nulls go ahead at twice that pace: they cost little, and their bound needs many of them.
        """
        turns = sorted(
            ((number + 0.5) / case.repeats / (2 if case.group == "null" else 1), place, number)
            for place, case in enumerate(self.cases)
            for number in range(case.repeats)
        )
        return tuple(
            Repeat(case, number, case.cells(self.plans[case.name], number))
            for _, place, number in turns
            for case in (self.cases[place],)
        )

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Every cell once, in the order of the repeats."""
        return tuple({cell.key: cell for repeat in self.repeats for cell in repeat.cells}.values())

    def manifest(self) -> dict[str, Any]:
        """Return what the suite is before anything has run: every case as stated, and what each repeat consists of."""
        return {
            "cases": [case.to_dict() for case in self.cases],
            "protocols": {name: dict(plan.protocol) for name, plan in self.plans.items()},
            "tasks": {name: list(plan.tasks) for name, plan in self.plans.items()},
            "cells": {name: digest([cell.key for cell in plan.cells]) for name, plan in self.plans.items()},
            "n_cells": len(self.cells),
            "tables": [table.to_dict() for table in self.tables],
        }


def full_suite() -> Suite:
    """Return every registered case."""
    return Suite(tuple(sorted(CASES, key=_order)), tuple(TABLES))


def quick_suite() -> Suite:
    """Return the minute that CI runs: some cases, with a few repeats each."""
    cases = (replace(case, repeats=case.quick_repeats) for case in CASES if case.quick_repeats)
    return Suite(tuple(sorted(cases, key=_order)))


def suite_of(names: Iterable[str]) -> Suite:
    """Return some registered cases by name.

    Raises:
        SpecError: If one is unknown, or none is given.
    """
    cases = tuple(CASES.get(name) for name in names)
    if not cases:
        raise SpecError("a suite needs at least one case; got none.")
    return Suite(cases)


def _order(case: Case) -> tuple[int, str, str]:
    return "NPT".find(case.code[0]), case.code, case.name
