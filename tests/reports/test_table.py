"""The verdict in words: never a claim without its level."""

import re

from qml.advantage.words import interval_text, number, probability
from qml.reports import verdict_markdown, verdict_rows
from qml.reports.table import plain_word


def test_every_verdict_has_its_level(make_data):
    rows = verdict_rows(make_data().verdict)
    assert [row.verdict for row in rows] == [
        "NO ADVANTAGE (L0)",
        "INCONCLUSIVE (L0)",
        "ADVANTAGE (L1)",
        "INCONCLUSIVE (L0)",
    ]


def test_markdown_never_says_advantage_without_a_level(make_data):
    text = verdict_markdown(make_data().verdict)
    assert re.findall(r"ADVANTAGE(?! \(L\d\))", text) == []
    assert text.count("ADVANTAGE (L1)") == 1


def test_markdown_keeps_its_columns_whatever_the_names(make_data):
    verdict = make_data(tasks=("two-moons",)).verdict
    row = {**verdict["tasks"][0], "task": "a|b\nc"}
    table = verdict_markdown({"tasks": [row]}).splitlines()
    assert re.split(r"(?<!\\)\|", table[2])[1] == r" a\|b c "
    assert len({len(re.split(r"(?<!\\)\|", line)) for line in table[:3]}) == 1


def test_interval_is_named_after_alpha():
    assert "[80 %]" in verdict_markdown({"protocol": {"alpha": 0.1}, "tasks": []})


def test_banners_and_flags_are_words(make_data):
    rows = {row.task: row for row in verdict_rows(make_data().verdict)}
    assert rows["ad-hoc"].banner == "engineered: the generator favours quantum models"
    assert rows["ad-hoc"].flags == ("robust",)
    assert rows["permuted-moons"].banner == "null: there is nothing to learn here"
    assert rows["breast-cancer"].flags == ("test standard error above the margin",)


def test_a_verdict_without_numbers_prints_dashes():
    (row,) = verdict_rows(
        {"tasks": [{"task": "t", "label": "INCONCLUSIVE", "level": "L0", "mean": None, "interval": None}]}
    )
    assert (row.difference, row.interval, row.p_better, row.quantum) == ("–", "–", "–", "–")


def test_numbers_have_a_real_minus_and_no_signed_zero():
    assert [number(v, sign=True) for v in (-0.5, 0.5, -0.0001, float("nan"))] == ["−0.500", "+0.500", "0.000", "–"]


def test_probabilities_never_claim_certainty():
    assert [probability(v) for v in (0.0, 0.001, 0.999, 1.0)] == ["< 0.001", "0.001", "0.999", "> 0.999"]


def test_interval_needs_both_ends():
    assert interval_text([0.1, None]) == "–"


def test_secondary_comparisons_claim_nothing():
    assert [plain_word(label) for label in ("ADVANTAGE", "DISADVANTAGE", "NO ADVANTAGE", "INCONCLUSIVE", "?")] == [
        "better",
        "worse",
        "equal",
        "open",
        "open",
    ]
