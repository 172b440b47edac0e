"""A chart as a picture file, offline."""

from os import PathLike
from pathlib import Path
from typing import Any

import altair as alt

from qml.errors import SpecError, suggest
from qml.reports.theme import Mode, config

FORMATS = ("png", "svg", "pdf")


def figure(
    chart: Any, path: str | PathLike[str], *, width: int = 720, mode: Mode = "light", scale: float = 2.0
) -> Path:
    """Write a chart to a PNG, SVG or PDF file; the ending says which.

    Args:
        chart: A chart of this package, or any Altair chart.
        path: File to write; its folder must exist.
        width: Width of the plot in pixels where the chart would fill its container.
        mode: Colours for a light or a dark page.
        scale: Pixels of the PNG for each pixel of the chart.

    Returns:
        The path written.

    Raises:
        SpecError: If the ending is none of png, svg and pdf.

    >>> import tempfile
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"name": ["a"], "label": ["INCONCLUSIVE"], "mean": [0.01], "low": [-0.02],
    ...                      "high": [0.04], "margin": [0.02]})
    >>> from qml.reports.charts import forest
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     figure(forest(rows), Path(folder) / "forest.svg").read_text()[:4]
    '<svg'
    """
    target = Path(path)
    ending = target.suffix.lstrip(".").lower()
    if ending not in FORMATS:
        raise SpecError(f"cannot write a figure as {target.name!r}. {suggest(ending, FORMATS)}")
    drawn = chart.properties(config=config(mode))
    if drawn.width == "container":
        drawn = drawn.properties(width=width)
    with alt.data_transformers.enable("default", max_rows=None):
        drawn.save(str(target), format=ending, scale_factor=scale)
    return target
