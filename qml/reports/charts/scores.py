"""Score distributions: a box and every replicate, one row a model."""

import altair as alt
import numpy as np
import pandas as pd

from qml.reports.theme import SIDE_SHAPES, SIDES, themed


def scores(cells: pd.DataFrame, *, chance: float | None = None, metric: str = "score") -> alt.LayerChart:
    """Draw the test scores of one task: quartile box, median and every replicate, sorted by median.

    A failed cell is drawn as a cross at the chance score, because that is what it counts as.  Where everything else
    lies far above chance, models that only guess and failed cells are named below the axis instead of drawn, so that
    the axis has room for the rest.

    Args:
        cells: One fit a row, with the columns ``model``, ``side`` (quantum, classical or twin), ``replicate``,
            ``score`` (NaN if failed) and ``status`` (done or failed).
        chance: Score of a guess; drawn as a dashed line.
        metric: Title of the axis.

    >>> cells = pd.DataFrame({"model": ["svm-rbf"] * 3, "side": "classical", "replicate": [0, 1, 2],
    ...                       "score": [0.9, 0.8, 0.85], "status": "done"})
    >>> scores(cells, chance=0.5).to_dict()["description"]
    'Test scores by model, best median first: svm-rbf 0.850.'
    """
    data = cells.loc[:, ["model", "side", "replicate", "score", "status"]].copy()
    data["score"] = pd.to_numeric(data["score"])
    if chance is not None:
        data["score"] = data["score"].fillna(chance)
    data = data.dropna(subset=["score"])
    quartiles = data.groupby(["model", "side"])["score"].quantile(np.array([0.25, 0.5, 0.75])).unstack()
    quartiles.columns = pd.Index(["q1", "median", "q3"])
    quartiles = quartiles.reset_index().sort_values("median", ascending=False, kind="stable")
    spoken = ", ".join(f"{row.model} {row.median:.3f}" for row in quartiles.itertuples())
    note = ""
    if chance is not None:
        data, chance, note = _without_guesses(data, chance)
        quartiles = quartiles[quartiles["model"].isin(data["model"])]
    order = list(quartiles["model"])

    y = alt.Y("model:N", sort=order, title=None, axis=alt.Axis(labelLimit=170))
    palette = alt.Scale(domain=list(SIDES), range="category")
    colour = alt.Color("side:N", scale=palette, title=None)
    x = alt.X("score:Q", title=metric, scale=alt.Scale(zero=False, padding=8), axis=alt.Axis(format=".2f", tickCount=7))
    boxes = alt.Chart(quartiles).encode(y=y)
    points = alt.Chart(data).encode(y=y, x=x, yOffset=alt.YOffset("replicate:O", scale=alt.Scale(padding=1.5)))
    tooltip = ["model:N", "side:N", "replicate:O", "status:N", alt.Tooltip("score:Q", format=".4f")]
    shape = alt.Shape("side:N", scale=alt.Scale(domain=list(SIDES), range=list(SIDE_SHAPES)), title=None)
    done, failed = data[data["status"] == "done"], data[data["status"] != "done"]
    layers: list[alt.Chart] = []
    if chance is not None:
        layers.append(alt.Chart().mark_rule(style="chance").encode(x=alt.datum(chance)))
    layers.append(boxes.mark_bar(height=20, opacity=0.26, cornerRadius=2).encode(x="q1:Q", x2="q3:Q", color=colour))
    if not done.empty:
        marks = points.properties(data=done).mark_point(filled=True, size=26, opacity=0.85)
        layers.append(marks.encode(color=colour, shape=shape, tooltip=tooltip))
    if not failed.empty:
        crosses = points.properties(data=failed).mark_point(shape="cross", angle=45, size=70, opacity=1)
        layers.append(crosses.encode(color=colour, tooltip=tooltip))
    layers.append(boxes.mark_tick(style="median", thickness=2.5, size=20).encode(x="median:Q"))
    chart = alt.layer(*layers)
    if note:
        chart = chart.properties(title=alt.Title(note, orient="bottom", fontSize=11, fontWeight="normal"))
    return themed(
        chart.properties(
            width="container",
            height=30 * len(quartiles),
            autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
            description=f"Test {metric}s by model, best median first: {spoken}.",
        )
    )


def _without_guesses(data: pd.DataFrame, chance: float) -> tuple[pd.DataFrame, float | None, str]:
    """Leave out what sits exactly at chance if the rest is further from it than half its own range."""
    guesses = data["score"].sub(chance).abs() < 1e-9
    only_guesses = guesses.groupby(data["model"]).transform("all") | (data["status"] != "done")
    rest = data[~only_guesses]
    if rest.empty or rest["score"].min() - chance <= 0.5 * (rest["score"].max() - rest["score"].min()):
        return data, chance, ""
    left_out = data[only_guesses]
    n_failed = left_out[left_out["status"] != "done"].groupby("model").size().to_dict()
    names = [f"{m} ({n_failed[m]} failed)" if m in n_failed else str(m) for m in left_out["model"].unique()]
    return rest, None, f"Further left, at chance ({chance:.3f}): {', '.join(names) or 'nothing'}"
