"""Training curves: the loss on the training and the validation part, epoch by epoch."""

import altair as alt
import pandas as pd

from qml.reports.theme import SIDES, themed

MAX_REPLICATES = 12
MAX_EPOCHS = 50
_LOSSES = ["train_loss", "validation_loss"]


def training_curve(
    history: pd.DataFrame, *, model: str = "", side: str = "quantum", height: int = 130
) -> alt.LayerChart:
    """Draw one model's loss on one task: grey for training, the side's colour and dashes for validation.

    At most ``MAX_REPLICATES`` thin lines are drawn, the first ones, and long ones are thinned to about ``MAX_EPOCHS``
    points each.  A model without a validation part has grey lines only.  The strong lines are medians over the
    replicates still training, as long as half of them are.

    Args:
        history: One epoch a row, with the columns ``replicate``, ``epoch``, ``train_loss`` and ``validation_loss``.
        model: The chart's title.
        side: quantum, classical or twin; picks the colour.
        height: Height of the plot in pixels.

    >>> history = pd.DataFrame({"replicate": 0, "epoch": [1, 2], "train_loss": [0.7, 0.5],
    ...                         "validation_loss": [0.8, 0.6]})
    >>> training_curve(history, model="dressed").to_dict()["description"]
    'Loss of dressed, 1 replicate: median training loss from 0.700 to 0.500, validation loss from 0.800 to 0.600.'
    """
    thinned = _thinned(history).assign(side=side).astype(dict.fromkeys(_LOSSES, float))
    n_replicates = int(history["replicate"].nunique())
    epochs = thinned.groupby("epoch")
    median = epochs[_LOSSES].median()[epochs.size() * 2 >= n_replicates].reset_index().assign(side=side)
    drawn = thinned[thinned["replicate"].isin(sorted(thinned["replicate"].unique())[:MAX_REPLICATES])]

    x = alt.X("epoch:Q", title="epoch", axis=alt.Axis(grid=False, tickMinStep=1, tickCount=5, format="d"))
    scale = alt.Scale(zero=False)
    train = alt.Y("train_loss:Q", title="loss", scale=scale, axis=alt.Axis(tickCount=4))
    validation = alt.Y("validation_loss:Q", title="loss", scale=scale)
    colour = alt.Color("side:N", scale=alt.Scale(domain=list(SIDES), range="category"), legend=None)
    thin = alt.Chart(drawn).encode(x=x, detail="replicate:O")
    strong = alt.Chart(median).encode(
        x=x, tooltip=["epoch:Q", *(alt.Tooltip(f"{column}:Q", format=".4f") for column in _LOSSES)]
    )
    layers = [
        thin.mark_line(style="train", strokeWidth=1, opacity=0.35).encode(y=train),
        strong.mark_line(style="train", strokeWidth=2, opacity=1).encode(y=train),
    ]
    spoken = f"median training loss {_span(median['train_loss'])}, "
    if median["validation_loss"].notna().any():
        layers += [
            thin.mark_line(strokeWidth=1, opacity=0.3).encode(y=validation, color=colour),
            strong.mark_line(strokeWidth=2, strokeDash=[6, 3], opacity=1).encode(y=validation, color=colour),
        ]
        spoken += f"validation loss {_span(median['validation_loss'])}"
    else:
        spoken += "no validation part"
    return themed(
        alt.layer(*layers).properties(
            width="container",
            height=height,
            title=model,
            description=f"Loss of {model or 'a model'}, {n_replicates} replicate{'s' * (n_replicates != 1)}: {spoken}.",
        )
    )


def _thinned(history: pd.DataFrame) -> pd.DataFrame:
    """Every k-th epoch and each replicate's last one."""
    step = max(1, -(-int(history["epoch"].nunique()) // MAX_EPOCHS))
    last = history["epoch"] == history.groupby("replicate")["epoch"].transform("max")
    kept: pd.DataFrame = history[((history["epoch"] - history["epoch"].min()) % step == 0) | last]
    return kept[["replicate", "epoch", *_LOSSES]]


def _span(losses: "pd.Series[float]") -> str:
    known = losses.dropna()
    return "unknown" if known.empty else f"from {known.iloc[0]:.3f} to {known.iloc[-1]:.3f}"
