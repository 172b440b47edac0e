"""The check every model makes of its features, so that the message names the column."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qml.errors import SpecError


def check_features(X: NDArray[Any], names: Sequence[str] | None = None) -> None:
    """Refuse features that are not finite.

    Args:
        X: Numeric features, shape (n, n_features).
        names: Names of the columns, such as an estimator's ``feature_names_in_``.

    Raises:
        SpecError: If a value is NaN or infinite; the message names the first such column, how many it has and where.

    >>> check_features(np.array([[0.0, 1.0], [2.0, np.nan]]))
    Traceback (most recent call last):
    ...
    qml.errors.SpecError: feature column 1 has 1 NaN or infinite value (first at row 1); drop or impute it first.
    """
    bad = ~np.isfinite(X)
    if not bad.any():
        return
    columns = np.flatnonzero(bad.any(axis=0))
    column, rows = columns[0], np.flatnonzero(bad[:, columns[0]])
    label = f"{column}" if names is None else f"{column} ({names[column]!r})"
    values, them = ("value", "it") if len(rows) == 1 else ("values", "them")
    more = {1: "", 2: " 1 more column has some too."}.get(
        len(columns), f" {len(columns) - 1} more columns have some too."
    )
    raise SpecError(
        f"feature column {label} has {len(rows)} NaN or infinite {values} (first at row {rows[0]}); "
        f"drop or impute {them} first.{more}"
    )
