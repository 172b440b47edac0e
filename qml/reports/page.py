"""A study's report as one HTML page that loads nothing."""

import functools
import os
from collections import Counter
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
import yaml

from qml.advantage.words import interval_name
from qml.calibration.published import statement
from qml.reports import limits, sections
from qml.reports.circuits import draw_circuits
from qml.reports.data import Note, ReportData, read_verdict
from qml.reports.embed import ChartBook, script_hash, vega_bundle
from qml.reports.glossary import glossary
from qml.reports.table import sentence, verdict_rows
from qml.reports.theme import INKS

FILE_NAME = "report.html"


def render(data: ReportData) -> str:
    """Return the page as HTML.  The same data give the same page, byte for byte.

    Args:
        data: Everything the page shows.
    """
    book = ChartBook()
    script = _asset("report.js")
    context = {
        "study": data.name,
        "description": str(data.spec.get("description") or "").strip(),
        "provenance": data.provenance,
        "date": str(data.provenance.get("created_at") or "")[:10],
        "version": data.provenance.get("qml"),
        "summary": _summary(data),
        "rows": verdict_rows(data.verdict),
        "exploratory": list(data.verdict.get("exploratory", ())),
        "overview": sections.overview(data, book),
        "pooled": sections.pooled(data),
        "tasks": sections.task_sections(data, book),
        "side_ledger": sections.side_ledger(data.tasks),
        "model_ledger": sections.model_ledger(data.cells),
        "failures": sections.failures(data),
        "failed_trials": sections.failed_trials(data.trials),
        "calibration": data.calibration,
        "how": limits.how_it_was_run(data),
        "cannot": limits.what_it_cannot_show(data),
        "circuits": data.circuits,
        "missing_circuits": data.missing_circuits,
        "glossary": glossary(data.alpha),
        "interval": interval_name(data.alpha),
        "bound": f"{100 * (1 - data.alpha):g} %",
        "model_notes": sections.model_notes(data),
        "facts": _facts(data),
        "versions": _versions(data),
        "spec": yaml.safe_dump(dict(data.spec), sort_keys=False, allow_unicode=True, width=100),
        "charts_json": book.json(),
        "n_charts": len(book),
        "bundle": vega_bundle(),
        "script": script,
        "policy": f"default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; "
        f"script-src {script_hash(vega_bundle())} {script_hash(script)}",
        "css": _asset("report.css"),
        "light": INKS["light"],
        "dark": INKS["dark"],
    }
    return _environment().get_template("report.html.j2").render(context)


def write_report(folder: str | os.PathLike[str]) -> Path:
    """Write report.html into a results folder, from its records and its verdict; nothing is run or simulated.

    Args:
        folder: A results folder with records.sqlite and verdict.json.

    Returns:
        The path of the page.  It is replaced as a whole, so a reader never sees half of it.

    Raises:
        RecordError: If the records or the verdict are missing or not ours.
    """
    place = Path(folder)
    target = place / FILE_NAME
    draft = target.with_name(f".{FILE_NAME}.{os.getpid()}")
    page = render(load(place))
    try:
        draft.write_text(page, encoding="utf-8")
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def load(folder: Path) -> ReportData:
    """Read a results folder.

    Raises:
        RecordError: If the records or the verdict are missing or not ours.
    """
    verdict = read_verdict(folder)

    from qml import models, tasks
    from qml.studies import Records

    with Records.open(folder) as records:
        cells = records.cells()
        provenance = {**records.provenance(), "study hash": records.spec_hash(), "manifest": records.manifest_hash()}
        sizes = [
            tasks.get(str(row["task"])).n_features for row in verdict["tasks"] if str(row["task"]) in tasks.names()
        ]
        quantum = dict.fromkeys(cells.loc[cells["side"] == "quantum", "model"])
        circuits, missing = draw_circuits(quantum, sizes, models)
        return ReportData(
            verdict=verdict,
            cells=cells,
            trials=records.trials(),
            histories=records.histories(),
            test_accesses=records.test_accesses(),
            spec=records.spec(),
            provenance=provenance,
            circuits=circuits,
            missing_circuits=missing,
            task_notes=_notes(tasks, (str(row["task"]) for row in verdict["tasks"])),
            model_notes=_notes(models, dict.fromkeys(cells["model"])),
            calibration=statement(),
        )


def _notes(registry: Any, names: Iterable[str]) -> dict[str, Note]:
    known = set(registry.names())
    entries = [registry.get(name) for name in names if name in known]
    return {entry.name: Note(summary=entry.summary, source=entry.source) for entry in entries}


def _summary(data: ReportData) -> list[dict[str, Any]]:
    counts = Counter((row.verdict, row.tone) for row in verdict_rows(data.verdict))
    order = ("up", "down", "same", "open")
    return [
        {"verdict": verdict, "tone": tone, "count": count}
        for (verdict, tone), count in sorted(counts.items(), key=lambda item: (order.index(item[0][1]), item[0][0]))
    ]


def _facts(data: ReportData) -> list[tuple[str, str]]:
    accesses = data.test_accesses
    most = int(accesses.groupby("key").size().max()) if len(accesses) else 0
    done = int((data.cells["status"] == "done").sum()) if len(data.cells) else 0
    facts = [
        ("fits", f"{len(data.cells)} cells, {done} done, {len(data.cells) - done} failed"),
        ("test parts opened", f"{len(accesses)} times; at most {most} a fit"),
        ("digest of all scores", data.scores_digest()),
    ]
    plain = {key: value for key, value in data.provenance.items() if not isinstance(value, dict | list | tuple)}
    return facts + [(str(key).replace("_", " "), str(value)) for key, value in plain.items()]


def _versions(data: ReportData) -> list[tuple[str, str]]:
    nested = [value for value in data.provenance.values() if isinstance(value, dict)]
    return [(str(name), str(version)) for group in nested for name, version in group.items()]


def _seconds(value: float | None) -> str:
    if value is None or pd.isna(value):
        return "–"
    if value < 60:
        return f"{value:.1f} s"
    minutes, seconds = divmod(round(value), 60)
    return f"{minutes} min {seconds:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def _whole(value: float | None) -> str:
    return "–" if value is None or pd.isna(value) else f"{value:,.0f}".replace(",", "\u202f")


def _asset(name: str) -> str:
    return files("qml.reports").joinpath("templates", name).read_text(encoding="utf-8")


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("qml.reports", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(seconds=_seconds, sentence=sentence, whole=_whole)
    return environment
