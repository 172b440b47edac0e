import io
from typing import Any

import pytest
from rich.console import Console

from qml.reports import verdict_rows
from qml.studies.tables import verdict_table

ROW: dict[str, Any] = {
    "task": "ad-hoc",
    "label": "DISADVANTAGE",
    "level": "L0",
    "quantum_score": 0.6,
    "classical_score": 0.95,
    "mean": -0.35,
    "interval": [-0.404, -0.297],
    "p_advantage": 1e-9,
    "p_equivalent": 0.0004,
    "p_disadvantage": 0.99999,
}


def printed(verdict: dict[str, Any]) -> str:
    console = Console(file=io.StringIO(), width=140)
    console.print(verdict_table(verdict))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    return str(text)


@pytest.mark.parametrize(("alpha", "name"), [(0.05, "[90 %]"), (0.1, "[80 %]")])
def test_the_interval_is_named_after_alpha(alpha: float, name: str) -> None:
    assert name in printed({"protocol": {"alpha": alpha}, "tasks": [ROW]})


def test_the_numbers_are_those_of_the_report() -> None:
    text = printed({"tasks": [ROW]})
    (row,) = verdict_rows({"tasks": [ROW]})
    for number in (row.difference, f"[{row.interval}]", row.quantum, row.classical):
        assert number in text, number
    lines = {line.split()[-3]: line.split()[-2:] for line in text.replace("│", "").splitlines() if " 0.001" in line}
    assert lines == {"better": ["<", "0.001"], "equal": ["<", "0.001"]}
    assert "worse  > 0.999" in text
    assert "-" not in text.replace("ad-hoc", "")


def test_no_numbers_are_a_dash() -> None:
    empty = {**ROW, **dict.fromkeys(("mean", "interval", "p_advantage", "p_equivalent", "p_disadvantage"))}
    text = printed({"tasks": [empty]})
    assert "better       –" in text
    assert "[–]" not in text
