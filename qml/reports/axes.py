"""The axis of a claim as a table: the learning curve of each side, and when each replicate reached the target."""

from collections.abc import Mapping
from typing import Any

from qml.advantage.words import interval_text, number

_COSTS = {"sample-efficiency": "training rows", "copies": "copies", "steps-to-target": "optimiser steps"}


def axis_table(axes: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what the template shows of the axis that a task was judged on; None if it was the score itself.

    Args:
        axes: The ``axes`` of one task in verdict.json.

    >>> side = {"needed": [16.0, None], "censored": 1, "curve": [0.7, 0.8], "values": [-4.0, -6.0]}
    >>> axes = {"copies": {"metric": "m", "target": 0.8, "costs": [16.0, 32.0], "quantum": side, "classical": side}}
    >>> axis_table(axes)["rows"][0]
    {'side': 'quantum', 'curve': ['0.700', '0.800'], 'needed': '16 (1×), never (1×)'}
    """
    found = next(((name, axes[name]) for name in _COSTS if name in axes), None)
    if found is None:
        return None
    name, details = found
    area = details.get("area") or {}
    return {
        "axis": name.replace("-", " "),
        "metric": details["metric"],
        "target": f"{details['target']:g}",
        "cost": _COSTS[name],
        "costs": [f"{cost:g}" for cost in details.get("costs", ())],
        "rows": [
            {
                "side": side,
                "curve": [number(score) for score in details[side]["curve"]],
                "needed": _counted(details[side]["needed"]),
            }
            for side in ("quantum", "classical")
        ],
        "area": f"{number(area['mean'], sign=True)} ({interval_text(area['interval'])})" if area else "",
    }


def beside_table(axes: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return one row for each number beside the score; none where the metric has none.

    Args:
        axes: The ``axes`` of one task in verdict.json.

    >>> numbers = {"quantum": 0.25, "classical": 0.5, "difference": -0.25, "interval": [-0.5, 0.0]}
    >>> beside_table({"generative": {"secondary": {"validity": numbers}}})[0]["difference"]
    '−0.250'
    """
    return [
        {
            "name": name,
            "quantum": number(numbers["quantum"]),
            "classical": number(numbers["classical"]),
            "difference": number(numbers["difference"], sign=True),
            "interval": interval_text(numbers["interval"]) if numbers["interval"] else "–",
        }
        for details in axes.values()
        for name, numbers in details.get("secondary", {}).items()
    ]


def _counted(needed: list[float | None]) -> str:
    values = sorted({cost for cost in needed if cost is not None})
    parts = [f"{cost:g} ({needed.count(cost)}×)" for cost in values]
    never = needed.count(None)
    return ", ".join([*parts, *([f"never ({never}×)"] if never else [])]) or "–"
