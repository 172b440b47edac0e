"""The forest plot: mean paired differences, their intervals, and the margin."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from qml.reports.table import verdict_text
from qml.reports.theme import themed

# Verdict's word: shape, colour group, filled.  A hollow mark is an open question.
_MARKS = {
    "ADVANTAGE": ("circle", "quantum", True),
    "DISADVANTAGE": ("square", "classical", True),
    "NO ADVANTAGE": ("diamond", "neutral", True),
    "INCONCLUSIVE": ("circle", "neutral", False),
}
_HEAD = 20  # pixels above the rows, for the words on either side of zero
_ROOM = 0.25  # share of the width on either side of zero, at least


def forest(rows: pd.DataFrame, *, description: str = "") -> alt.LayerChart:
    """Draw one row for each comparison: mean and interval, over its margin band.

    Args:
        rows: One comparison a row, drawn in this order, with the columns ``name`` (the row's label; a line
            break is kept), ``label`` (the
            verdict's word), ``mean``, ``low``, ``high`` and ``margin``, all differences in the metric's own unit.
        description: What a screen reader says; made from the rows when empty.

    >>> rows = pd.DataFrame({"name": ["two-moons"], "label": ["INCONCLUSIVE"], "mean": [0.01], "low": [-0.02],
    ...                      "high": [0.04], "margin": [0.02]})
    >>> forest(rows).to_dict()["description"]
    'Mean paired differences. two-moons: +0.010, interval -0.020 to +0.040, margin 0.020.'
    """
    marks = [_MARKS.get(label, _MARKS["INCONCLUSIVE"]) for label in rows["label"]]
    data = rows.assign(
        margin_low=-rows["margin"],
        margin_high=rows["margin"],
        shape=[mark[0] for mark in marks],
        group=[mark[1] for mark in marks],
        filled=[mark[2] for mark in marks],
    )
    two_lines = bool(data["name"].str.contains("\n").any())
    axis = alt.Axis(labelLimit=170, labelExpr="split(datum.label, '\\n')", labelOffset=-7 if two_lines else 0)
    base = alt.Chart(data).encode(y=alt.Y("name:N", sort=None, title=None, axis=axis, scale=alt.Scale(padding=0)))
    colour: dict[str, Any] = {
        "legend": None,
        "scale": alt.Scale(domain=["quantum", "classical", "neutral"], range="category"),
    }
    x = alt.X(
        "low:Q",
        title=None,
        axis=alt.Axis(format="+.2f", tickCount=7),
        scale=alt.Scale(domain=_domain(data), nice=False),
    )
    head: dict[str, Any] = {"y": -_HEAD / 2, "baseline": "middle", "style": "leaning"}
    tooltip = ["name:N", *(alt.Tooltip(f"{column}:Q", format="+.4f") for column in ("mean", "low", "high", "margin"))]
    chart = alt.layer(
        base.mark_bar(style="margin-band", height={"band": 1}).encode(x="margin_low:Q", x2="margin_high:Q"),
        alt.Chart().mark_rule(style="zero", y=-_HEAD, y2="height").encode(x=alt.datum(0)),
        alt.Chart().mark_text(text="← classical better", align="right", dx=-8, **head).encode(x=alt.datum(0)),
        alt.Chart().mark_text(text="quantum better →", align="left", dx=8, **head).encode(x=alt.datum(0)),
        base.mark_rule(strokeWidth=2.5).encode(x=x, x2="high:Q", color=alt.Color("group:N", **colour)),
        base.mark_point(size=120, opacity=1, filled=True, style="hollow").encode(
            x="mean:Q",
            shape=alt.Shape("shape:N", scale=None),
            stroke=alt.Stroke("group:N", **colour),
            tooltip=tooltip,
        ),
        *_filled(base, data, colour, tooltip),
    )
    return themed(
        chart.properties(
            width="container",
            height=(44 if two_lines else 36) * len(data),
            autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
            description=description or " ".join(["Mean paired differences.", *map(_spoken, rows.to_dict("records"))]),
        )
    )


def verdict_forest(verdict: Mapping[str, Any]) -> alt.LayerChart | None:
    """Draw the forest plot of a whole verdict, each task with its word and level; None if no task has numbers.

    Args:
        verdict: The content of verdict.json.

    >>> task = {"task": "ad-hoc", "label": "ADVANTAGE", "level": "L1", "mean": 0.3, "interval": [0.2, 0.4]}
    >>> verdict_forest({"tasks": [task | {"margin": 0.02}]}).to_dict()["description"]
    'Mean paired differences. ad-hoc ADVANTAGE (L1): +0.300, interval +0.200 to +0.400, margin 0.020.'
    """
    rows = [
        {
            "name": f"{row['task']}\n{verdict_text(row)}",
            "label": row.get("label"),
            "mean": row.get("mean"),
            "low": (row.get("interval") or (None, None))[0],
            "high": (row.get("interval") or (None, None))[1],
            "margin": row.get("margin"),
        }
        for row in verdict.get("tasks", ())
    ]
    known = pd.DataFrame(rows).dropna()
    return None if known.empty else forest(known)


def _domain(data: pd.DataFrame) -> list[float]:
    """Return ends that hold every mark, with the zero line far enough from both for the words beside it."""
    low = min(0.0, *data["low"], *data["margin_low"])
    high = max(0.0, *data["high"], *data["margin_high"])
    edge = 0.03 * (high - low)
    low, high = low - edge, high + edge
    room = _ROOM / (1 - _ROOM)
    return [min(low, -room * high), max(high, -room * low)]


def _filled(base: alt.Chart, data: pd.DataFrame, colour: dict[str, Any], tooltip: list[Any]) -> list[alt.Chart]:
    """Fill the marks of settled questions; an empty layer would make Vega warn."""
    settled = data[data["filled"]]
    if settled.empty:
        return []
    chart = base.properties(data=settled).mark_point(size=120, opacity=1, strokeWidth=2.5)
    return [
        chart.encode(
            x="mean:Q",
            shape=alt.Shape("shape:N", scale=None),
            fill=alt.Fill("group:N", **colour),
            stroke=alt.Stroke("group:N", **colour),
            tooltip=tooltip,
        )
    ]


def _spoken(row: dict[Any, Any]) -> str:
    interval = f"interval {row['low']:+.3f} to {row['high']:+.3f}"
    name = " ".join(str(row["name"]).split())
    return f"{name}: {row['mean']:+.3f}, {interval}, margin {row['margin']:.3f}."
