"""The documents are true: their examples run, their links lead somewhere, and no term or room is missing."""

import doctest
import re
from pathlib import Path

import pytest

import qml
from qml.reports.glossary import glossary

ROOT = Path(__file__).parents[1]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
MADE_BY_THE_QUICKSTART = {"docs/verdict.png", "results/quickstart/report.html"}

every_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def prose(path):
    return re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def anchors(path):
    headings = re.findall(r"^#+ (.+)$", prose(path), flags=re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)">', prose(path)))


@every_document
def test_links_lead_somewhere(path):
    made = (ROOT / "results" / "quickstart" / "verdict.json").exists()
    for link in re.findall(r"\]\(([^)]+)\)", prose(path)):
        if link.startswith("https://"):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if not made and file in MADE_BY_THE_QUICKSTART:
            continue
        assert target.exists(), f"{path.name} links to {link}"
        if anchor:
            assert anchor in anchors(target), f"{path.name} links to {link}, and there is no such heading"


@pytest.mark.parametrize(
    "path", [p for p in DOCUMENTS if ">>> " in p.read_text(encoding="utf-8")], ids=lambda p: p.name
)
def test_examples_print_what_is_shown(path):
    # A fence would be taken for output.
    text = path.read_text(encoding="utf-8").replace("\n```", "\n\n")
    examples = doctest.DocTestParser().get_doctest(text, {}, path.name, str(path), 0)
    assert examples.examples
    assert doctest.DocTestRunner().run(examples).failed == 0


def test_the_verdict_has_a_worked_example():
    assert (ROOT / "docs" / "verdict.md").read_text(encoding="utf-8").count(">>> ") > 10


def test_every_term_of_a_report_has_its_paragraph():
    text = (ROOT / "docs" / "verdict.md").read_text(encoding="utf-8")
    written = re.findall(r'<a id="([^"]+)"></a>\n### (.+)\n', text)
    assert written == [(term.anchor, term.name) for term in glossary()]


def test_every_room_of_the_house_is_in_the_architecture():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {path.name.removesuffix(".py") for path in Path(qml.__file__).parent.iterdir()}
    rooms = {room for room in rooms if not room.startswith(("_", "py."))}
    listed = re.findall(r"\[`(\w+)`\]\(\.\./qml/\w+(?:\.py)?\)", text.partition("## A study")[0])
    assert sorted(listed) == sorted(rooms)


def test_every_decision_is_in_the_index():
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text(encoding="utf-8")
    for path in sorted(folder.glob("0*.md")):
        number, title = re.match(r"# (\d+)\. (.+)\n", path.read_text(encoding="utf-8")).groups()
        assert path.name.startswith(f"{int(number):04d}-")
        assert f"{number}. [{title}]({path.name})" in index
        assert re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE) == [
            "Context",
            "Decision",
            "Consequences",
        ]
