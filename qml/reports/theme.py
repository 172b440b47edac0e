"""One look for every chart: the colours of the sides, light and dark, and nothing global.

Source: the hues are those of Okabe and Ito's colour-blind-safe palette; every side also has a shape of its own.
"""

from typing import Any, Literal, cast

import altair as alt

Mode = Literal["light", "dark", "css"]

SIDES = ("quantum", "classical", "twin")
SIDE_SHAPES = ("circle", "square", "triangle-up")
LEANINGS = ("quantum better", "classical better", "equal")
LEANING_SHAPES = ("circle", "square", "diamond")

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif"

INKS: dict[Mode, dict[str, str]] = {
    "light": {
        "quantum": "#0072B2",
        "classical": "#D55E00",
        "neutral": "#6E7681",
        "ink": "#1F2328",
        "soft": "#59636E",
        "grid": "#E4E7EB",
        "band": "#8C959F",
        "paper": "#FFFFFF",
    },
    "dark": {
        "quantum": "#56B4E9",
        "classical": "#F0A030",
        "neutral": "#9AA4AF",
        "ink": "#E6EDF3",
        "soft": "#A5AFBA",
        "grid": "#2A313A",
        "band": "#8B949E",
        "paper": "#14181D",
    },
}
# A page names its colours once, as custom properties; charts drawn with them follow light, dark and print.
INKS["css"] = {name: f"var(--{name})" for name in INKS["light"]}


def config(mode: Mode = "light") -> dict[str, Any]:
    """Return the Vega-Lite configuration of one mode.

    Colours of data come from ``range: category`` and those of fixed marks from named styles, so exchanging this
    dictionary changes every colour of a chart.

    Args:
        mode: ``"light"``, ``"dark"``, or ``"css"`` for the page's own custom properties and no background.

    >>> config("light")["range"]["category"][0]
    '#0072B2'
    """
    ink = INKS[mode]
    axis = {
        "labelColor": ink["soft"],
        "titleColor": ink["soft"],
        "titleFontWeight": "normal",
        "titleFontSize": 12,
        "labelFontSize": 12,
        "gridColor": ink["grid"],
        "domainColor": ink["band"],
        "tickColor": ink["band"],
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        "titlePadding": 8,
    }
    return {
        "background": "transparent" if mode == "css" else ink["paper"],
        "font": FONT,
        "view": {"stroke": None},
        "axis": axis,
        "legend": {
            "labelColor": ink["soft"],
            "labelFontSize": 12,
            "orient": "top",
            "title": None,
            "symbolStrokeWidth": 2,
            "symbolOpacity": 1,
            "offset": 6,
        },
        "title": {"color": ink["ink"], "fontSize": 13, "anchor": "start", "fontWeight": 600, "offset": 8},
        "range": {"category": [ink["quantum"], ink["classical"], ink["neutral"]]},
        "text": {"color": ink["ink"], "fontSize": 12},
        "style": {
            "margin-band": {"color": ink["band"], "opacity": 0.22},
            "zero": {"color": ink["soft"], "strokeWidth": 1.2},
            "chance": {"color": ink["soft"], "strokeWidth": 1.2, "strokeDash": [4, 3]},
            "mean": {"color": ink["ink"], "strokeWidth": 1.5},
            "interval": {"color": ink["ink"], "strokeWidth": 1.2, "strokeDash": [2, 3]},
            "train": {"color": ink["band"]},
            "median": {"color": ink["ink"]},
            "leaning": {"color": ink["soft"], "fontSize": 12},
            "hollow": {"color": ink["paper"], "strokeWidth": 2.5},
        },
    }


def themed(chart: alt.LayerChart | alt.FacetChart, mode: Mode = "light") -> alt.LayerChart:
    """Return the chart with the configuration of a mode; nothing global is touched."""
    return cast(alt.LayerChart, chart.properties(config=config(mode)))
