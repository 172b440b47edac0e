"""Trainable parameters against the score: every model that counts its own, and the front that none of them beats."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from qml.reports.theme import SIDE_SHAPES, SIDES, themed


def pareto(efficiency: Mapping[str, Any], *, metric: str = "score", height: int = 220) -> alt.LayerChart:
    """Draw each model's median parameter count and mean score; the line joins the models that no other beats in both.

    Args:
        efficiency: The ``parameter_efficiency`` of one task in verdict.json, with at least one counted model.
        metric: Title of the vertical axis.
        height: Height of the plot in pixels.

    >>> model = {"model": "pqc", "side": "quantum", "parameters": 12.0, "fewest": 12, "most": 12, "score": 0.9}
    >>> pareto({"models": [model], "front": ["pqc"]}).to_dict()["description"]
    'Trainable parameters against the mean score: pqc 12 parameters, 0.900. On the front: pqc.'
    """
    table = pd.DataFrame(efficiency["models"])[["model", "side", "parameters", "fewest", "most", "score"]]
    front = table[table["model"].isin(list(efficiency["front"]))].sort_values("parameters")
    scale = alt.Scale(type="log" if table["parameters"].min() > 0 else "symlog", padding=18)
    x = alt.X("parameters:Q", title="trainable parameters", scale=scale, axis=alt.Axis(format="~s", tickCount=5))
    y = alt.Y("score:Q", title=metric, scale=alt.Scale(zero=False, padding=14), axis=alt.Axis(format=".2f"))
    legend = alt.Legend(values=[side for side in SIDES if side in set(table["side"])])
    colour = alt.Color("side:N", scale=alt.Scale(domain=list(SIDES), range="category"), title=None, legend=legend)
    shapes = alt.Scale(domain=list(SIDES), range=list(SIDE_SHAPES))
    shape = alt.Shape("side:N", scale=shapes, title=None, legend=legend)
    tooltip = ["model:N", "side:N", "parameters:Q", "fewest:Q", "most:Q", alt.Tooltip("score:Q", format=".4f")]
    line = alt.Chart(front).mark_line(style="train", strokeWidth=1.5, interpolate="step-after").encode(x=x, y=y)
    points = alt.Chart(table).mark_point(filled=True, size=70, opacity=0.9)
    names = alt.Chart(front).mark_text(style="leaning", align="left", dx=7, dy=-8).encode(x=x, y=y, text="model:N")
    spoken = ", ".join(f"{row.model} {row.parameters:g} parameters, {row.score:.3f}" for row in table.itertuples())
    return themed(
        alt.layer(line, points.encode(x=x, y=y, color=colour, shape=shape, tooltip=tooltip), names).properties(
            width="container",
            height=height,
            description=f"Trainable parameters against the mean {metric}: {spoken}. "
            f"On the front: {', '.join(front['model'])}.",
        )
    )
