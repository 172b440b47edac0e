"""Drawings of a study's quantum models: text, and nothing is simulated."""

from collections.abc import Iterable, Mapping
from typing import Any

from qml.reports.data import Circuit


def draw_circuits(
    models: Iterable[str], n_features: Iterable[int], registry: Any
) -> tuple[tuple[Circuit, ...], Mapping[str, str]]:
    """Draw each model for each number of features.

    Args:
        models: Names of quantum models, in the order to draw them.
        n_features: Numbers of features that the study's tasks have.
        registry: Whatever has ``get(name)`` and gives something with ``draw(n_features)``: ``qml.models``.

    Returns:
        The drawings, and for each model without one the reason.
    """
    drawn: list[Circuit] = []
    missing: dict[str, str] = {}
    sizes = sorted(set(n_features))
    for name in models:
        try:
            model = registry.get(name)
            by_text: dict[str, list[int]] = {}
            for size in sizes:
                by_text.setdefault(_text(model, size), []).append(size)
            drawn += [Circuit(model=name, n_features=tuple(same), text=text) for text, same in by_text.items()]
        except Exception as error:  # a drawing must never cost the report
            missing[name] = str(error) or type(error).__name__
    return tuple(drawn), missing


def _text(model: Any, n_features: int) -> str:
    text = model.draw(n_features)
    if not isinstance(text, str) or not text.strip():
        raise ValueError("its estimator offers no drawing.")
    return text
