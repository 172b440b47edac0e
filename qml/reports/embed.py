"""Charts inside a page: one copy of the libraries, shared data sets, and JSON no HTML can break out of."""

import base64
import functools
import hashlib
import json
import math
from typing import Any

import altair as alt
import vl_convert

from qml.reports.theme import config

# Digits of a number in the page: half a pixel on a screen needs four.
_DIGITS = 6
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@functools.cache
def vega_bundle() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script that defines ``vegaEmbed`` and loads nothing."""
    version = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    script = vl_convert.javascript_bundle(snippet="globalThis.vegaEmbed = vegaEmbed;", vl_version=version)
    return f"(()=>{{{script}}})();".replace("</script", "<\\/script")


def script_hash(script: str) -> str:
    """Return a script's source expression for a Content-Security-Policy.

    >>> script_hash("alert(1)")
    "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
    """
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def safe_json(value: Any) -> str:
    r"""Return JSON that may stand inside a script element: no markup, no NaN, floats at six digits.

    >>> safe_json({"name": "</script>", "loss": float("nan"), "score": 0.123456789})
    '{"name":"\\u003c/script\\u003e","loss":null,"score":0.123457}'
    """
    text = json.dumps(_plain(value), allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    for character, escape in _ESCAPES.items():
        text = text.replace(character, escape)
    return text


class ChartBook:
    """The charts of one page, by identifier, with every data set stored once.

    >>> book = ChartBook()
    >>> import pandas as pd
    >>> book.add(alt.Chart(pd.DataFrame({"x": [1, 2]}), description="Two dots.").mark_point().encode(x="x:Q"))
    {'id': 'chart-1', 'description': 'Two dots.'}
    """

    def __init__(self) -> None:
        self._charts: dict[str, Any] = {}
        self._datasets: dict[str, Any] = {}

    def __len__(self) -> int:
        return len(self._charts)

    def add(self, chart: Any) -> dict[str, str]:
        """Store a chart; return its ``id`` and its ``description``."""
        with alt.data_transformers.enable("default", max_rows=None, consolidate_datasets=True):
            spec = chart.to_dict()
        identifier = f"chart-{len(self._charts) + 1}"
        datasets = spec.pop("datasets", {})
        spec.pop("config", None)
        spec.pop("$schema", None)
        self._datasets.update({name: _columns(rows) for name, rows in datasets.items()})
        self._charts[identifier] = {"spec": spec, "datasets": list(datasets)}
        return {"id": identifier, "description": str(spec.get("description", ""))}

    def json(self) -> str:
        """Return everything the page's script needs, safe inside a script element."""
        return safe_json({"config": config("css"), "datasets": self._datasets, "charts": self._charts})


def _columns(rows: list[dict[str, Any]]) -> dict[str, Any]:
    names = list(rows[0]) if rows else []
    return {"names": names, "rows": [[row.get(name) for name in names] for row in rows]}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None
    return value
