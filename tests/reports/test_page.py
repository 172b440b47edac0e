"""The page: complete, closed to the network, and safe whatever the records say."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest

from qml.advantage.pooled import TaskEffect, pool_tasks
from qml.advantage.posterior import Posterior
from qml.errors import RecordError
from qml.reports import render, write_report
from qml.reports.circuits import draw_circuits
from qml.reports.embed import ChartBook, safe_json
from qml.reports.glossary import glossary

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


class Page(HTMLParser):
    """Counts of tags, every attribute, and the text outside scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag in ("script", "style"):
            self._open.append(tag)

    def handle_endtag(self, tag):
        if self._open and tag == self._open[-1]:
            self._open.pop()

    def handle_data(self, data):
        if not self._open:
            self.text += data


@pytest.fixture(scope="module")
def html(make_data):
    return render(make_data(failed=(("two-moons", 3, "mlp", "TrainingError: the loss became NaN in epoch 3"),)))


def charts_of(html):
    return json.loads(re.search(r'id="qml-charts">(.*?)</script>', html, re.S)[1])


def test_the_page_loads_nothing(html):
    page = Page(html)
    loading = {"src", "srcset", "action", "poster", "data", "background", "formaction", "ping"}
    assert [item for item in page.attributes if item[1] in loading] == []
    links = {value for _, name, value in page.attributes if name == "href"}
    assert {link for link in links if not link.startswith("#")} == {"data:,"}
    assert "@import" not in html
    assert "url(" not in re.search(r"<style>(.*?)</style>", html, re.S)[1]


def test_the_policy_allows_the_pages_own_scripts_only(html):
    (policy,) = (value for tag, name, value in Page(html).attributes if name == "content" and "default-src" in value)
    assert policy.startswith("default-src 'none'")
    assert policy.count("'sha256-") == 2
    assert "unsafe-eval" not in policy
    assert "http" not in policy


def test_vega_is_inside_once(html):
    assert html.count("globalThis.vegaEmbed=") == 1
    assert len(html) < 2_000_000


def test_every_link_inside_the_page_has_its_target(html):
    page = Page(html)
    targets = {value for _, name, value in page.attributes if name == "id"}
    assert {value[1:] for _, name, value in page.attributes if name == "href" and value.startswith("#")} <= targets


def test_every_chart_is_placed_once_and_described(html):
    page = Page(html)
    places = [value for _, name, value in page.attributes if name == "data-chart"]
    assert sorted(places) == sorted(charts_of(html)["charts"])
    assert len(places) == len(set(places))
    assert len([1 for _, name, value in page.attributes if name == "aria-label" and value]) >= len(places)


def test_charts_find_their_data(html):
    book = charts_of(html)
    assert {name for chart in book["charts"].values() for name in chart["datasets"]} == set(book["datasets"])
    assert all(len(row) == len(data["names"]) for data in book["datasets"].values() for row in data["rows"])


def test_the_page_shows_all_of_the_study(html):
    text = " ".join(Page(html).text.split())
    for wanted in (
        "does the quantum part help?",
        "ADVANTAGE (L1)",
        "engineered: the generator favours quantum models",
        "null: there is nothing to learn here",
        "iqp-kernel is not drawn: its estimator offers no drawing.",
        "28 trials in total for each side",
        "two-moons, replicate 3, mlp",
        "TrainingError: the loss became NaN in epoch 3",
        "640 cells, 639 done, 1 failed",
        "639 times; at most 1 a fit",
        "2.13.0",
        "name: quickstart",
        "──RY(x0)──Rot(θ)",
    ):
        assert wanted in text, wanted


def test_no_claim_without_its_level(html):
    text = re.sub(r"ADVANTAGE \(L\d\)", "", Page(html).text)
    assert "ADVANTAGE" not in text
    assert "advantage" not in text.lower()


def test_the_same_data_give_the_same_page(make_data):
    assert render(make_data(tasks=("two-moons",), replicates=3)) == render(
        make_data(tasks=("two-moons",), replicates=3)
    )


def test_what_the_study_was_too_small_for_is_said(html, make_data):
    assert "10 replicates can show large differences only" in Page(html).text
    assert "breast-cancer: one finite data set split again and again" in Page(html).text
    many = Page(render(make_data(tasks=("two-moons",), replicates=40, histories=False))).text
    assert "can show large differences only" not in many
    assert "split again and again" not in many


@pytest.mark.parametrize(
    "options",
    [
        {"name": EVIL, "description": EVIL},
        {"failed": (("two-moons", 0, "mlp", EVIL),)},
    ],
)
def test_what_records_say_stays_text(make_data, options):
    html = render(make_data(tasks=("two-moons",), replicates=2, histories=False, **options))
    page = Page(html)
    assert page.tags["script"] == 3
    assert "img" not in page.tags
    assert EVIL in page.text


def test_names_in_charts_cannot_end_the_script(make_data):
    data = make_data(tasks=("two-moons",), replicates=2)
    data.cells["model"] = data.cells["model"].replace("mlp", EVIL)
    data.histories["model"] = data.histories["model"].replace("mlp", EVIL)
    html = render(data)
    assert Page(html).tags["script"] == 3
    titles = [chart["spec"].get("title") for chart in charts_of(html)["charts"].values()]
    assert EVIL in titles


@pytest.mark.parametrize(
    "options",
    [
        {"tasks": ()},
        {"tasks": ("ad-hoc",), "replicates": 2, "families": False, "histories": False},
        {"tasks": ("two-moons",), "replicates": 40, "extra_models": 30},
        {
            "tasks": ("two-moons",),
            "replicates": 2,
            "failed": tuple(("two-moons", r, "dressed", "boom") for r in range(2)),
        },
    ],
    ids=["no-task", "no-families", "large", "a-model-that-always-fails"],
)
def test_unusual_studies_have_a_page_too(make_data, options):
    html = render(make_data(**options))
    assert "NaN" not in json.dumps(charts_of(html))
    assert Page(html).text.count("Paired differences") == len(options["tasks"])


def test_an_unfinished_verdict_without_numbers_has_a_page(make_data):
    data = make_data(tasks=("two-moons",), replicates=2)
    row = data.verdict["tasks"][0]
    row.update(dict.fromkeys(("mean", "interval", "p_advantage", "minimum_detectable_effect", "quantum_score")))
    row.update(label="INCONCLUSIVE", differences=[], families=[], twins=[], quantum_winners={}, ledger={})
    assert "INCONCLUSIVE (L0)" in Page(render(data)).text


def test_a_banner_is_not_said_again_as_a_flag(make_data):
    data = make_data(tasks=("ad-hoc",), replicates=2, histories=False)
    data.verdict["tasks"][0]["flags"] = [
        "engineered: the generator of this task favours quantum",
        "2 of 8 cells failed",
    ]
    text = Page(render(data)).text
    assert "the generator of this task favours" not in text
    assert "2 of 8 cells failed" in text


def test_an_exploratory_verdict_says_so_at_the_top(html, make_data):
    assert "after test parts had been opened.</strong>" not in html
    data = make_data()
    stamped = [{**row, "exploratory": True} for row in data.verdict["tasks"]]
    verdict = {**data.verdict, "tasks": stamped, "exploratory": ["<alpha>: 0.05 -> 0.1"]}
    page = render(replace(data, verdict=verdict))
    assert 'This is <a class="term" href="#term-exploratory">exploratory</a>' in page
    assert "<li>&lt;alpha&gt;: 0.05 -&gt; 0.1.</li>" in page
    assert page.count(", exploratory)") >= 2 * len(stamped)


def test_score_digest_tells_scores_apart(make_data):
    one = make_data(tasks=("two-moons",), replicates=2)
    other = make_data(tasks=("two-moons",), replicates=2)
    assert one.scores_digest() == other.scores_digest()
    other.cells.loc[0, "score"] += 1e-15
    assert one.scores_digest() != other.scores_digest()


def test_safe_json_has_neither_markup_nor_nan():
    text = safe_json({"a": ["<!--", "&", "\u2028"], "b": float("inf")})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": ["<!--", "&", "\u2028"], "b": None}


def test_chart_book_stores_a_data_set_once():
    import altair as alt

    book = ChartBook()
    for _ in range(2):
        book.add(alt.Chart(pd.DataFrame({"x": range(6000)})).mark_point().encode(x="x:Q"))
    stored = json.loads(book.json())
    assert (len(stored["charts"]), len(stored["datasets"])) == (2, 1)


def test_glossary_anchors_are_unique_and_filled():
    terms = glossary(0.1)
    assert len({term.anchor for term in terms}) == len(terms)
    assert not [term for term in terms if "{" in term.name + term.meaning]
    assert "80 % interval" in {term.name for term in terms}


class Drawable:
    """A registry with one model that draws, one that cannot, and one whose circuit ignores the features."""

    def get(self, name):
        if name == "unknown":
            raise KeyError("no such model")
        return self.__class__.Model(name)

    class Model:
        def __init__(self, name):
            self.name = name

        def draw(self, n_features):
            return {"wide": "0: ─" * n_features, "fixed": "0: ─", "silent": None}[self.name]


def test_circuits_are_drawn_once_for_each_shape_they_take():
    drawn, missing = draw_circuits(["wide", "fixed", "silent", "unknown"], [4, 2, 2], Drawable())
    assert [(circuit.model, circuit.n_features) for circuit in drawn] == [
        ("wide", (2,)),
        ("wide", (4,)),
        ("fixed", (2, 4)),
    ]
    assert missing == {"silent": "its estimator offers no drawing.", "unknown": "'no such model'"}


def test_write_report_needs_a_verdict(tmp_path):
    with pytest.raises(RecordError, match=r"there is no verdict\.json in .*; run the study to its end first\."):
        write_report(tmp_path)


@pytest.mark.parametrize("content", ["{", "[]", '{"tasks": 3}'])
def test_write_report_refuses_what_is_no_verdict(tmp_path, content):
    (tmp_path / "verdict.json").write_text(content)
    with pytest.raises(RecordError, match=r"verdict\.json (cannot be read as a verdict|is not a verdict)"):
        write_report(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["verdict.json"]


def test_the_first_level_fits_every_verdict_that_has_it():
    (level,) = (term for term in glossary() if term.anchor == "level")
    assert level.meaning.startswith("L0: quantum was not shown to be better. L1: ")  # a difference may well be shown


def test_looks_q_and_the_row_over_tasks_are_shown(make_data):
    data = make_data()
    tasks = [dict(row) for row in data.verdict["tasks"]]
    tasks[0] |= {"look": 2, "n_replicates": 20}
    tasks[0]["families"] = [{**family, "q_advantage": 0.0625} for family in tasks[0]["families"]]
    pooled = pool_tasks(
        [
            TaskEffect(task=f"t{i}", posterior=Posterior(mean=0.06, se=0.01 + i / 1000, df=9), metric="a", margin=0.02)
            for i in range(6)
        ]
    )
    protocol = {**data.verdict["protocol"], "looks": [10, 20, 40]}
    verdict = {**data.verdict, "tasks": tasks, "pooled": pooled.to_dict(), "protocol": protocol}
    text = " ".join(Page(render(replace(data, verdict=verdict))).text.split())
    assert f"Over tasks: {str(pooled).partition(': ')[2]}" in text
    assert "better: mean difference +0.060 [" in text
    assert "look2, after 20 replicates" in text
    assert "0.062" in text
    assert "Fresh tasks were looked at after 10, 20 and 40 replicates, by O'Brien and Fleming's boundary" in text
