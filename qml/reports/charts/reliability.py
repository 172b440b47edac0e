"""The reliability curve: probabilities as stated against how often they were right."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from qml.reports.theme import themed


def reliability(bins: Sequence[Mapping[str, Any]]) -> alt.LayerChart:
    """Draw one point a bin, with its interval; on the diagonal, what is stated is kept.

    Args:
        bins: Rows with ``stated``, ``share`` and ``interval``, as calibration.json has them.

    >>> reliability([{"stated": 0.52, "share": 0.5, "interval": [0.4, 0.6]}]).to_dict()["description"]
    'Stated probability against observed share. 0.52: 0.50, interval 0.40 to 0.60.'
    """
    data = pd.DataFrame(
        [
            {"stated": row["stated"], "share": row["share"], "low": row["interval"][0], "high": row["interval"][1]}
            for row in bins
        ],
        columns=["stated", "share", "low", "high"],
    )
    scale, axis = alt.Scale(domain=[0, 1], nice=False), alt.Axis(format=".1f", tickCount=6)
    x = alt.X("stated:Q", title="stated P(difference > m)", scale=scale, axis=axis)
    y = alt.Y("share:Q", title="share in which it is true", scale=scale, axis=axis)
    points = alt.Chart(data).encode(x=x)
    diagonal = pd.DataFrame({"stated": [0.0, 1.0], "share": [0.0, 1.0]})
    rows = "; ".join(
        f"{row['stated']:.2f}: {row['share']:.2f}, interval {row['low']:.2f} to {row['high']:.2f}"
        for row in data.to_dict("records")
    )
    return themed(
        alt.layer(
            alt.Chart(diagonal).mark_line(strokeDash=[4, 3], strokeWidth=1, opacity=0.6).encode(x=x, y=y),
            points.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q"), y2="high:Q"),
            points.mark_point(filled=True, size=60, opacity=1).encode(
                y=y, tooltip=[alt.Tooltip(f"{name}:Q", format=".3f") for name in data.columns]
            ),
        ).properties(width="container", height=320, description=f"Stated probability against observed share. {rows}.")
    )
