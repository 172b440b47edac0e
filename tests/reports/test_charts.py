"""Charts: what they draw, in which order, and what they say to who cannot see them."""

import re
from pathlib import Path

import pandas as pd
import pytest

from qml.errors import SpecError
from qml.reports import differences, figure, forest, scores, training_curve
from qml.reports.theme import INKS, config, themed


def values(chart, **wanted):
    """All rows of the chart's data sets that have the wanted values."""
    rows = [row for data in chart.to_dict()["datasets"].values() for row in data]
    return [row for row in rows if all(row.get(key) == value for key, value in wanted.items())]


def fits(models, **extra):
    rows = [
        {"model": model, "side": side, "replicate": r, "score": score + 0.01 * r, "status": "done"}
        for model, side, score in models
        for r in range(4)
    ]
    return pd.DataFrame(rows).assign(**extra)


COMPARISONS = pd.DataFrame(
    {
        "name": ["a", "b", "c", "d"],
        "label": ["ADVANTAGE", "INCONCLUSIVE", "NO ADVANTAGE", "DISADVANTAGE"],
        "mean": [0.2, 0.01, 0.0, -0.1],
        "low": [0.1, -0.03, -0.01, -0.2],
        "high": [0.3, 0.05, 0.01, -0.05],
        "margin": [0.02, 0.05, 0.02, 0.02],
    }
)


def test_forest_draws_each_tasks_own_margin():
    row = values(forest(COMPARISONS), name="b")[0]
    assert (row["margin_low"], row["margin_high"]) == (-0.05, 0.05)


def test_forest_leaves_open_questions_hollow():
    filled = {row["name"]: row["filled"] for row in values(forest(COMPARISONS)) if "name" in row}
    assert filled == {"a": True, "b": False, "c": True, "d": True}


def test_forest_of_open_questions_alone_has_no_empty_layer():
    n_layers = len(forest(COMPARISONS).to_dict()["layer"])
    assert len(forest(COMPARISONS[COMPARISONS["label"] == "INCONCLUSIVE"]).to_dict()["layer"]) == n_layers - 1


def drawn(folder, rows):
    """Return the elements of the chart's picture: (name, attributes, text)."""
    svg = figure(forest(rows), folder / "forest.svg").read_text(encoding="utf-8")
    return re.findall(r"<(path|line|text) ([^>]*)>([^<]*)", svg)


def x_of(attributes):
    return float(re.search(r"translate\((-?[\d.]+),", attributes)[1])


@pytest.mark.parametrize("sign", [1, -1])
def test_forest_says_on_either_side_of_zero_who_is_better(tmp_path, sign):
    one = COMPARISONS[COMPARISONS["name"] == "a"]
    rows = one if sign == 1 else one.assign(mean=-one["mean"], low=-one["high"], high=-one["low"])
    elements = drawn(tmp_path, rows)
    (zero,) = (
        x_of(attributes)
        for name, attributes, _ in elements
        if name == "line"
        and "stroke-width" in attributes
        and 'x2="0"' in attributes
        and INKS["light"]["soft"] in attributes
    )
    places = {text: attributes for name, attributes, text in elements if "better" in text}
    assert {text: "end" if "end" in attributes else "start" for text, attributes in places.items()} == {
        "← classical better": "end",
        "quantum better →": "start",
    }
    assert {text: round(x_of(attributes) - zero) for text, attributes in places.items()} == {
        "← classical better": -8,
        "quantum better →": 8,
    }
    assert 120 < zero < 720 - 120  # room for the words


def test_forest_hides_the_zero_line_behind_a_hollow_mark(tmp_path):
    marks = [attributes for _, attributes, _ in drawn(tmp_path, COMPARISONS) if "name: b;" in attributes]
    (fill,) = (re.search(r'fill="([^"]+)"', mark)[1] for mark in marks if 'aria-roledescription="point"' in mark)
    assert fill == INKS["light"]["paper"]


def test_scores_are_sorted_by_median():
    chart = scores(fits([("low", "classical", 0.6), ("high", "quantum", 0.8), ("mid", "twin", 0.7)]), chance=0.5)
    orders = [layer["encoding"]["y"]["sort"] for layer in chart.to_dict()["layer"] if "y" in layer["encoding"]]
    assert orders[0] == ["high", "mid", "low"]


def test_scores_draw_a_failed_fit_at_chance():
    cells = fits([("a", "classical", 0.55), ("b", "quantum", 0.8)])
    cells.loc[1, ["score", "status"]] = [float("nan"), "failed"]
    assert values(scores(cells, chance=0.5), status="failed")[0]["score"] == 0.5


def test_scores_keep_an_outlier_that_is_not_a_guess():
    cells = fits([("a", "classical", 0.9), ("b", "quantum", 0.92)])
    cells.loc[0, "score"] = 0.3
    assert 0.3 in {row.get("score") for row in values(scores(cells, chance=0.5))}


def test_scores_name_the_guessers_they_leave_out():
    guesser = fits([("dummy", "classical", 0.5)]).assign(score=0.5)
    chart = scores(pd.concat([fits([("a", "classical", 0.9), ("b", "quantum", 0.92)]), guesser]), chance=0.5).to_dict()
    assert chart["title"]["text"] == "Further left, at chance (0.500): dummy"
    assert "dummy 0.500" in chart["description"]


def test_scores_count_the_failures_they_leave_out():
    cells = fits([("a", "classical", 0.9), ("b", "quantum", 0.92)])
    cells.loc[1, ["score", "status"]] = [float("nan"), "failed"]
    assert scores(cells, chance=0.5).to_dict()["title"]["text"] == "Further left, at chance (0.500): a (1 failed)"


def test_differences_sort_replicates_into_better_equal_worse():
    chart = differences([0.05, 0.01, -0.05], margin=0.02, replicates=[3, 4, 5])
    leanings = {row["replicate"]: row["leaning"] for row in values(chart) if "leaning" in row}
    assert leanings == {3: "quantum better", 4: "equal", 5: "classical better"}


def test_differences_draw_the_interval_only_if_there_is_one():
    with_interval = differences([0.0, 0.1], margin=0.02, interval=(-0.1, 0.2)).to_dict()["layer"]
    assert len(with_interval) == len(differences([0.0, 0.1], margin=0.02).to_dict()["layer"]) + 2


def test_training_curve_keeps_each_replicates_last_epoch_and_thins_the_rest():
    history = pd.concat(
        pd.DataFrame({"replicate": r, "epoch": range(n), "train_loss": 0.5, "validation_loss": 0.6})
        for r, n in enumerate([997, 400])
    )
    rows = [row for row in values(training_curve(history)) if "replicate" in row]
    assert {max(row["epoch"] for row in rows if row["replicate"] == r) for r in (0, 1)} == {996, 399}
    assert len(rows) < 110


def test_training_curve_stops_its_median_when_half_the_replicates_have_stopped():
    history = pd.concat(
        pd.DataFrame({"replicate": r, "epoch": range(n), "train_loss": 0.5, "validation_loss": 0.6})
        for r, n in enumerate([10, 10, 10, 40])
    )
    medians = [row for row in values(training_curve(history)) if "replicate" not in row]
    assert max(row["epoch"] for row in medians) == 9


def test_training_curve_without_validation_says_so():
    history = pd.DataFrame({"replicate": 0, "epoch": [0, 1], "train_loss": [0.9, 0.5], "validation_loss": [None, None]})
    chart = training_curve(history, model="mlp").to_dict()
    assert (
        chart["description"]
        == "Loss of mlp, 1 replicate: median training loss from 0.900 to 0.500, no validation part."
    )
    assert {layer["encoding"]["y"]["field"] for layer in chart["layer"]} == {"train_loss"}


@pytest.mark.parametrize(("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<svg")])
def test_figure_writes_the_format_of_the_ending(tmp_path, ending, start):
    assert figure(forest(COMPARISONS), tmp_path / f"f.{ending}").read_bytes().startswith(start)


def test_figure_refuses_other_endings(tmp_path):
    with pytest.raises(SpecError, match=r"cannot write a figure as 'f\.jpeg'.*Choices: pdf, png, svg"):
        figure(forest(COMPARISONS), tmp_path / "f.jpeg")
    assert not list(Path(tmp_path).iterdir())


def test_every_colour_of_a_page_is_a_custom_property_of_it():
    assert set(INKS["css"]) == set(INKS["light"]) == set(INKS["dark"])
    assert "#" not in str(config("css"))


def test_theming_leaves_altair_alone():
    import altair as alt

    before = alt.theme.active
    themed(forest(COMPARISONS), "dark")
    assert alt.theme.active == before


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("ink", ["quantum", "classical", "neutral", "ink", "soft"])
def test_colours_stand_out_from_the_paper(mode, ink):
    assert contrast(INKS[mode][ink], INKS[mode]["paper"]) > (4.5 if ink in ("ink", "soft") else 3.0)


def contrast(one: str, other: str) -> float:
    """WCAG 2.1 contrast ratio."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
