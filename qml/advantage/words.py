"""Numbers of a verdict as text: the same in a sentence, in a terminal, in a page and in markdown."""

from typing import Any


def number(value: float | None, digits: int = 3, *, sign: bool = False) -> str:
    """Return a number with a real minus sign, or a dash where there is none.

    >>> number(-0.0314, sign=True), number(0.5), number(None)
    ('−0.031', '0.500', '–')
    """
    if value is None or value != value:
        return "–"
    text = f"{float(value):{'+' if sign else ''}.{digits}f}"
    if not float(text):
        text = text.lstrip("+-")
    return text.replace("-", "−")


def probability(value: float | None) -> str:
    """Return a probability to three digits, with its ends as bounds: neither 0 nor 1 is claimed.

    >>> probability(0.99996), probability(0.2), probability(1e-9)
    ('> 0.999', '0.200', '< 0.001')
    """
    if value is None or value != value:
        return "–"
    if value < 0.001:
        return "< 0.001"
    return "> 0.999" if value > 0.999 else f"{value:.3f}"


def relation(value: float) -> str:
    """Return what follows "P(…)" in a sentence.

    >>> relation(0.99998), relation(0.04321), relation(1e-9)
    ('> 0.999', '= 0.043', '< 0.001')
    """
    text = probability(value)
    return text if text[0] in "<>" else f"= {text}"


def interval_text(interval: Any) -> str:
    """Return an interval as text.

    >>> interval_text((-0.01, 0.02))
    '−0.010 to +0.020'
    """
    low, high = interval or (None, None)
    return "–" if low is None or high is None else f"{number(low, sign=True)} to {number(high, sign=True)}"


def interval_name(alpha: float = 0.05) -> str:
    """Return the interval's name: its ends are one-sided bounds at alpha.

    >>> interval_name(0.05)
    '90 %'
    """
    return f"{100 * (1 - 2 * alpha):g} %"


def detectable(label: str, reason: str, effect: float | None) -> str:
    """Return what follows an INCONCLUSIVE whose reason does not say it: the smallest difference that would be found.

    >>> detectable("INCONCLUSIVE", "pool incomplete", 0.0314), detectable("ADVANTAGE", "", 0.0314)
    (' Detectable difference 0.031.', '')
    """
    if label != "INCONCLUSIVE" or effect is None or "smallest difference" in reason:
        return ""
    return f" Detectable difference {effect:.3f}."
