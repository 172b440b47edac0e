"""The page in a real browser: every chart is drawn and the console stays clean."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from qml.reports import render

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--enable-logging=stderr",
    "--virtual-time-budget=30000",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--dump-dom",
)

pytestmark = pytest.mark.skipif(BROWSER is None, reason=f"no browser on the PATH (looked for {', '.join(BROWSERS)})")


def open_page(html: str, folder: Path, width: int = 1300) -> tuple[str, list[str]]:
    """Return the document after its scripts have run, and the console's lines."""
    page = folder / "report.html"
    page.write_text(html, encoding="utf-8")
    own = (f"--user-data-dir={folder / 'profile'}", f"--window-size={width},2000")
    command = [str(BROWSER), *FLAGS, *own, page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.fixture(scope="module")
def opened(make_data, tmp_path_factory):
    data = make_data(tasks=("two-moons", "ad-hoc"), failed=(("two-moons", 3, "mlp", "boom"),))
    return open_page(render(data), tmp_path_factory.mktemp("browser"))


def test_every_chart_is_drawn(opened):
    document, _ = opened
    n_charts = len(re.findall(r"data-chart=", document))
    assert n_charts == 1 + 2 * (3 + 6)
    assert len(re.findall(r"<svg[^>]*marks", document)) == n_charts
    assert f'data-drawn="{n_charts}"' in document
    assert not re.search(r"could not be drawn: (?!\$)", document)


def test_every_drawn_chart_offers_to_be_saved(opened):
    buttons = re.findall(r"<button[^>]*data-save[^>]*>", opened[0])
    assert len(buttons) == 2 * len(re.findall(r"data-chart=", opened[0]))
    assert not [button for button in buttons if "hidden" in button]


def test_the_console_says_nothing(opened):
    assert opened[1] == []


def test_charts_fill_their_places(opened):
    widths = [float(width) for width in re.findall(r'<svg[^>]*class="marks" width="([\d.]+)"', opened[0])]
    assert max(widths) > 900
    assert min(widths) > 200


def test_a_page_that_cannot_draw_says_so(make_data, tmp_path):
    html = render(make_data(tasks=("ad-hoc",), replicates=3, histories=False))
    broken = html.replace('"layer":[', '"layer":7,"was":[')
    assert broken != html
    document, console = open_page(broken, tmp_path)
    assert "This chart could not be drawn" in document
    assert console
