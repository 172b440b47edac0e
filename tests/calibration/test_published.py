import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import qml
from qml.calibration import published as room
from qml.calibration.identity import source_hash
from qml.reports import verdict_rows

SUMMARY: dict[str, Any] = {
    "date": "2026-11-21",
    "version": "0.1.0",
    "source": "a" * 64,
    "safe": True,
    "false_alarm": {"advantage": {"hits": 1, "n": 240, "share": 1 / 240, "interval": [0.0, 0.023]}},
    "cases": [
        {"code": "P2", "group": "positive", "advantage": {"hits": 19, "n": 20}},
        {"code": "T1", "group": "trap", "finished": 10, "levels": {"L0": 9, "L1": 1}},
    ],
    "defects": [{"name": "one seed", "flagged": True}],
    "targets": [{"name": "nulls", "kind": "safety", "met": True}],
}


def publish(monkeypatch: pytest.MonkeyPatch, summary: Mapping[str, Any] | None) -> None:
    monkeypatch.setattr(room, "published", lambda: summary)


def test_the_statement_has_date_version_and_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    publish(monkeypatch, {**SUMMARY, "source": source_hash()})
    assert room.statement() == (
        "Calibrated on 2026-11-21 with qml 0.1.0, by studies of classification: false alarms in 1 of 240 nulls (0.4 %, "
        "at most 2.3 %); real differences found: P2 19 of 20; 0 of 10 traps reached L2; 1 of 1 injected "
        "defects were flagged."
    )


def test_other_code_is_not_calibrated(monkeypatch: pytest.MonkeyPatch) -> None:
    publish(monkeypatch, SUMMARY)
    assert "Not calibrated for this version: the code that decides verdicts has changed" in room.statement()
    assert f"(source aaaaaaaa then, {source_hash()[:8]} now)" in room.statement()
    publish(monkeypatch, None)
    assert room.statement().startswith("Not calibrated: this package came without a calibration")


def test_a_failed_calibration_stands_beside_every_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = {"tasks": [{"task": "two-moons", "label": "ADVANTAGE", "level": "L1"}]}
    assert verdict_rows(verdict)[0].banner == ""
    publish(monkeypatch, {**SUMMARY, "safe": False, "targets": [{"name": "nulls", "kind": "safety", "met": False}]})
    assert verdict_rows(verdict)[0].banner == "no verdict: the calibration of this package failed (nulls)"


def test_what_ships_is_what_was_measured() -> None:
    root = Path(qml.__file__).parent
    measured = root.parent / "results" / "calibration" / "calibration.json"
    shipped = root / "calibration" / room.FILE_NAME
    assert measured.is_file() == shipped.is_file()
    if shipped.is_file():
        assert json.loads(shipped.read_text()) == json.loads(measured.read_text())
