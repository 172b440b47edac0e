"""What stands beside a verdict, as tables: parameter counts, projected hardware time, simulability tags."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from qml.advantage.words import interval_text, number


def entry_of(verdict: Mapping[str, Any], task: str) -> dict[str, Any]:
    """Return the secondary results of a task; nothing in a verdict.json of an older version.

    >>> entry_of({"tasks": []}, "two-moons")
    {}
    """
    return next((dict(entry) for entry in verdict.get("secondary") or () if entry["task"] == task), {})


def parameter_table(efficiency: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the rows of counted models, and what was not counted, as text; None if there is nothing to show.

    Args:
        efficiency: The ``parameter_efficiency`` of one task in verdict.json.

    >>> model = {"model": "pqc", "side": "quantum", "parameters": 12.0, "fewest": 8, "most": 16, "score": 0.9}
    >>> table = parameter_table({"models": [model], "front": ["pqc"], "not_counted": [], "fronts": {}})
    >>> table["rows"][0]["parameters"], table["rows"][0]["front"]
    ('12 (8 to 16)', 'yes')
    """
    if not efficiency or not (efficiency["models"] or efficiency["not_counted"]):
        return None
    smallest = efficiency.get("smallest") or {}
    return {
        "rows": [
            {
                "model": row["model"],
                "side": row["side"],
                "parameters": _range(row["parameters"], row["fewest"], row["most"]),
                "score": number(row["score"]),
                "front": _on_front(row, efficiency),
            }
            for row in efficiency["models"]
        ],
        "not_counted": [f"{row['model']} ({number(row['score'])})" for row in efficiency["not_counted"]],
        "smallest": "; ".join(
            f"{side} {'none' if count is None else f'{count:g} parameters'}" for side, count in smallest.items()
        ),
        "target": f"{efficiency['target']:g}" if smallest else "",
    }


def hardware_table(projected: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the projected times as text; None if there is nothing to show.

    Args:
        projected: The ``hardware_time`` of one task in verdict.json.
    """
    if not projected or not (projected["models"] or projected["not_projected"]):
        return None
    machines = projected["hardware"]
    return {
        "machines": [machine["name"] for machine in machines],
        "sources": [
            f"{machine['name']}: reset {seconds(machine['t_reset'])}, gate {seconds(machine['t_gate'])}, measurement "
            f"{seconds(machine['t_meas'])} ({machine['source']})"
            for machine in machines
        ],
        "assumptions": list(projected["assumptions"]),
        "parallel": projected["parallel"],
        "rows": [
            {
                "model": row["model"],
                "kind": row["kind"],
                "n_circuits": _whole(row["n_circuits"]),
                "depth": f"{row['depth']:g}",
                "shots": _whole(row["shots"]) + (" (assumed)" if row["shots_assumed"] else ""),
                "seconds": [seconds(row["projected_seconds"][machine["name"]]) for machine in machines],
            }
            for row in projected["models"]
        ],
        "not_projected": [f"{row['model']}: {row['reason']}" for row in projected["not_projected"]],
    }


def adversarial_table(attacked: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the scores under attack as text; None if the study asked for none.

    Args:
        attacked: The ``adversarial`` of one task in verdict.json.

    >>> model = {"model": "pqc", "side": "quantum", "scores": [0.9, 0.45], "relative_change": -0.5}
    >>> found = {"epsilons": [0.0, 0.1], "models": [model], "not_assessed": [], "difference": None, "note": ""}
    >>> adversarial_table(found)["rows"][0]
    {'model': 'pqc', 'side': 'quantum', 'scores': ['0.900', '0.450'], 'change': '−0.500'}
    """
    if not attacked:
        return None
    difference = attacked["difference"]
    return {
        "epsilons": [f"{epsilon:g}" for epsilon in attacked["epsilons"]],
        "rows": [
            {
                "model": row["model"],
                "side": row["side"],
                "scores": [number(score) for score in row["scores"]],
                "change": number(row["relative_change"], sign=True),
            }
            for row in attacked["models"]
        ],
        "not_assessed": [row["model"] for row in attacked["not_assessed"]],
        "difference": f"{number(difference['mean'], sign=True)} ({interval_text(difference['interval'])})"
        if difference
        else "",
    }


def tag_table(cells: pd.DataFrame) -> list[dict[str, str]]:
    """Return one row a quantum model and tag: in how many fits it applies, its number, its threshold and its paper.

    Args:
        cells: Of one task, with the columns ``model``, ``side`` and ``circuit``.
    """
    if "circuit" not in cells:
        return []
    rows = []
    for model in dict.fromkeys(cells.loc[cells["side"] == "quantum", "model"]):
        circuits = cells.loc[(cells["model"] == model) & (cells["side"] == "quantum"), "circuit"]
        tags = [tag for circuit in circuits if isinstance(circuit, Mapping) for tag in circuit.get("tags") or ()]
        rows += [
            _tag(model, [tag for tag in tags if tag["name"] == name])
            for name in dict.fromkeys(tag["name"] for tag in tags)
        ]
    return rows


def seconds(value: float) -> str:
    """Return a time with a unit that suits it.

    >>> [seconds(value) for value in (34e-9, 2.1e-4, 6.63, 5400, 1.2e6, 9e8)]
    ['34 ns', '210 µs', '6.63 s', '1.5 h', '13.9 days', '28.5 years']
    """
    units = ((365.25 * 86400, "years"), (86400, "days"), (3600, "h"), (60, "min"), (1, "s"), (1e-3, "ms"), (1e-6, "µs"))
    for size, unit in units:
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def _tag(model: str, tags: list[Mapping[str, Any]]) -> dict[str, str]:
    from qml.diagnostics.simulability import MEASURES, THRESHOLDS  # torch

    name = str(tags[0]["name"])
    assessed = [tag for tag in tags if tag["applies"] is not None]
    n_open = len(tags) - len(assessed)
    answer = f"in {sum(bool(tag['applies']) for tag in assessed)} of {len(assessed)} fits" if assessed else "open"
    values = [float(tag["value"]) for tag in tags if tag["value"] is not None]
    return {
        "model": model,
        "tag": name,
        "applies": f"{answer}; open in {n_open}" if assessed and n_open else answer,
        "number": _spread(values),
        "measures": MEASURES.get(name, ""),
        "threshold": THRESHOLDS.get(name, "–"),
        "source": str(tags[0]["source"]),
    }


def _spread(values: list[float]) -> str:
    if not values:
        return "–"
    median, low, high = (f"{value:.3g}" for value in (np.median(values), min(values), max(values)))
    return median if low == high else f"{median} ({low} to {high})"


def _range(middle: float, low: float, high: float) -> str:
    return f"{middle:g}" if low == high else f"{middle:g} ({low:g} to {high:g})"


def _on_front(row: Mapping[str, Any], efficiency: Mapping[str, Any]) -> str:
    if row["model"] in efficiency["front"]:
        return "yes"
    own: Iterable[str] = efficiency["fronts"].get(row["side"], ())
    return f"of the {row['side']} side" if row["model"] in own else "no"


def _whole(value: float) -> str:
    return f"{value:,.0f}".replace(",", "\u202f")
