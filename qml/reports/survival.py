"""Survival under shots and noise as a table: one row a strength of noise, one column a number of shots."""

from collections.abc import Mapping, Sequence
from typing import Any

from qml.advantage.words import number, probability


def survival_table(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return columns and rows of the table; None if there is nothing to show.

    Args:
        rows: The ``survival`` of one task in verdict.json.

    >>> row = {"shots": 100, "depolarizing": 0.01, "mean": 0.05, "p_advantage": 0.97, "survives": True, "note": ""}
    >>> survival_table([row])["rows"][0]["cells"]
    [{'mean': '+0.050', 'p_better': '0.970', 'survives': True, 'note': ''}]
    """
    if not rows:
        return None
    found = {(row["depolarizing"], row["shots"]): row for row in rows}
    shots = sorted({row["shots"] for row in rows})
    return {
        "shots": [f"{count:,}".replace(",", "\u202f") for count in shots],
        "rows": [
            {"noise": f"{p:g}", "cells": [_cell(found.get((p, count))) for count in shots]}
            for p in sorted({row["depolarizing"] for row in rows})
        ],
    }


def _cell(row: Mapping[str, Any] | None) -> dict[str, Any]:
    row = row or {}
    return {
        "mean": number(row.get("mean"), sign=True),
        "p_better": probability(row.get("p_advantage")),
        "survives": bool(row.get("survives")),
        "note": row.get("note") or "",
    }
