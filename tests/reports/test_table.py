"""The verdict in words: never a claim without its level."""

import re
from dataclasses import replace

from qml.advantage.words import interval_text, number, probability
from qml.reports import render, verdict_markdown, verdict_rows
from qml.reports.survival import survival_table
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


def test_survival_is_a_table_of_noise_by_shots():
    def row(shots, p, mean, probability):
        survives, note = probability is not None and probability > 0.95, "" if mean else "not run"
        return {"shots": shots, "depolarizing": p, "mean": mean, "p_advantage": probability, "survives": survives,
                "note": note}  # fmt: skip

    rows = [row(1000, 0.01, 0.03, 0.8), row(100, 0.0, 0.05, 0.99), row(1000, 0.0, None, None)]
    table = survival_table(rows)
    assert table["shots"] == ["100", "1\u202f000"]
    assert [line["noise"] for line in table["rows"]] == ["0", "0.01"]
    quiet, noisy = (line["cells"] for line in table["rows"])
    assert [(cell["p_better"], cell["survives"]) for cell in quiet] == [("0.990", True), ("–", False)]
    assert quiet[1]["note"] == "not run"
    assert [cell["mean"] for cell in noisy] == ["–", "+0.030"]
    assert survival_table([]) is None


def test_the_page_shows_survival_where_it_was_assessed(make_data):
    data = make_data(tasks=("ad-hoc",))
    assert "Survival on" not in render(data)
    row = {"shots": 100, "depolarizing": 0.01, "mean": 0.05, "p_advantage": 0.97, "survives": True, "note": ""}
    task = {**data.verdict["tasks"][0], "survival": [row]}
    page = render(replace(data, verdict={**data.verdict, "tasks": [task]}))
    assert "Survival on ad-hoc" in page
    assert '<td class="n survives">0.970' in page
    assert "how the winners fare with shots and noise" in page


def test_the_page_shows_the_curves_of_an_axis(make_data):
    data = make_data(tasks=("ad-hoc",))
    assert "Axis on" not in render(data)
    side = {"needed": [16.0, 16.0, None], "censored": 1, "curve": [0.7, 0.85], "values": [-4.0, -4.0, -6.0]}
    axes = {"sample-efficiency": {"metric": "log2(N*_C / N*_Q)", "target": 0.8, "costs": [16.0, 32.0],
            "quantum": side, "classical": side, "area": {"mean": 0.01, "interval": [-0.01, 0.03]}}}  # fmt: skip
    page = render(replace(data, verdict={**data.verdict, "tasks": [{**data.verdict["tasks"][0], "axes": axes}]}))
    assert "Axis on ad-hoc" in page
    assert "16 (2×), never (1×)" in page
    assert "+0.010 (−0.010 to +0.030)" in page
