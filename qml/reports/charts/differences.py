"""Paired differences, replicate by replicate, with the margin drawn."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from qml.reports.theme import LEANING_SHAPES, LEANINGS, themed


def differences(
    values: Sequence[float],
    *,
    margin: float,
    interval: tuple[float, float] | None = None,
    replicates: Sequence[int] | None = None,
) -> alt.LayerChart:
    """Draw each replicate's difference (quantum minus classical), the margin band, the mean and its interval.

    Args:
        values: Differences of the validation winners' test scores, one a replicate.
        margin: Half width of the band inside which two scores count as equal.
        interval: Ends of the mean's 90 % interval; not drawn when None.
        replicates: Replicate numbers; 0, 1, … when None.

    >>> differences([0.05, -0.01], margin=0.02, interval=(-0.05, 0.09)).to_dict()["description"]
    'Difference of scores for each of 2 replicates: 1 above the margin of 0.020, 1 within it, 0 below; mean +0.020.'
    """
    numbers = list(range(len(values))) if replicates is None else list(replicates)
    data = pd.DataFrame({"replicate": numbers, "difference": [float(value) for value in values], "zero": 0.0})
    data["leaning"] = [_leaning(value, margin) for value in data["difference"]]
    counts = data["leaning"].value_counts()
    mean = float(data["difference"].mean())

    y = alt.Y(
        "difference:Q",
        title="quantum − classical",
        axis=alt.Axis(format="+.2f", tickCount=6),
        scale=alt.Scale(padding=8),
    )
    x = alt.X("replicate:O", title="replicate", axis=alt.Axis(labelAngle=0, labelOverlap=True, grid=False))
    colour = alt.Color("leaning:N", scale=alt.Scale(domain=list(LEANINGS), range="category"), title=None)
    shape = alt.Shape("leaning:N", scale=alt.Scale(domain=list(LEANINGS), range=list(LEANING_SHAPES)), title=None)
    pairs = alt.Chart(data).encode(x=x)
    layers = [
        alt.Chart().mark_rect(style="margin-band").encode(y=alt.datum(-margin), y2=alt.datum(margin)),
        alt.Chart().mark_rule(style="zero").encode(y=alt.datum(0)),
        pairs.mark_rule(strokeWidth=2, opacity=0.55).encode(y=alt.Y("zero:Q"), y2="difference:Q", color=colour),
        alt.Chart().mark_rule(style="mean").encode(y=alt.datum(mean)),
        *(alt.Chart().mark_rule(style="interval").encode(y=alt.datum(end)) for end in interval or ()),
        pairs.mark_point(filled=True, size=70, opacity=1).encode(
            y=y,
            color=colour,
            shape=shape,
            tooltip=["replicate:O", alt.Tooltip("difference:Q", format="+.4f"), "leaning:N"],
        ),
    ]
    return themed(
        alt.layer(*layers).properties(
            width="container",
            height=220,
            description=(
                f"Difference of scores for each of {len(data)} replicates: {counts.get(LEANINGS[0], 0)} above "
                f"the margin of {margin:.3f}, {counts.get(LEANINGS[2], 0)} within it, "
                f"{counts.get(LEANINGS[1], 0)} below; mean {mean:+.3f}."
            ),
        )
    )


def _leaning(difference: float, margin: float) -> str:
    if difference > margin:
        return LEANINGS[0]
    return LEANINGS[1] if difference < -margin else LEANINGS[2]
