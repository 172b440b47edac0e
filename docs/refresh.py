"""Put measured figures into the README and draw the quickstart's picture: ``python docs/refresh.py``.

The verdict comes from results/quickstart/verdict.json, which ``make demo`` writes; the speed from
benchmarks/quantum_layer.json, which ``make bench`` writes; the calibration from results/calibration/calibration.json,
which ``qml calibrate`` writes, and which is copied into the package.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PICTURE = ROOT / "docs" / "verdict.png"
VERDICT = ROOT / "results" / "quickstart" / "verdict.json"
CALIBRATION = ROOT / "results" / "calibration" / "calibration.json"
PUBLISHED = ROOT / "qml" / "calibration" / "published.json"
SPEED = ROOT / "benchmarks" / "quantum_layer.json"


def between_marks(text: str, name: str, content: str) -> str:
    """Return a text with new content between the marks ``<!-- name:begin -->`` and ``<!-- name:end -->``.

    Raises:
        ValueError: If a mark is missing, or stands there twice.
    """
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"the README must hold {begin} and {end} once each.")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{content}\n{end}{after}"


def with_verdict(readme: str, verdict: Mapping[str, Any]) -> str:
    """Return the README with the verdict's table between its two marks.

    Args:
        readme: The README's text.
        verdict: The content of verdict.json.
    """
    from qml.reports import verdict_markdown

    return between_marks(readme, "verdict", verdict_markdown(verdict))


def with_speed(readme: str, measured: Mapping[str, Any]) -> str:
    """Return the README with the times of the quantum layer and of its peers between its two marks.

    Args:
        readme: The README's text.
        measured: The content of quantum_layer.json.
    """
    own, *peers = ("QuantumLayer", "TorchLayer default.qubit", "TorchLayer lightning.qubit", "PennyLane + JAX jit")
    lines = [f"| wires, layers, batch | {own}, ms | " + " | ".join(peers) + " |", "|---|---|" + "---|" * len(peers)]
    for row in measured["results"]:
        seconds = row["seconds"]
        cells = [f"{seconds[peer] / seconds[own]:.3g}× slower" if peer in seconds else "–" for peer in peers]
        size = ", ".join(str(row[name]) for name in ("wires", "layers", "batch"))
        lines.append(f"| {size} | **{seconds[own] * 1e3:.3g}** | " + " | ".join(cells) + " |")
    asked = [(row, peer, least) for row in measured["results"] for peer, least in row.get("asked", {}).items()]
    met = sum(row["seconds"].get(peer, 0) >= least * row["seconds"][own] for row, peer, least in asked)
    if asked:
        lines += ["", f"{met} of the {len(asked)} ratios that the project asks of itself are met."]
    return between_marks(readme, "speed", "\n".join(lines))


def with_calibration(readme: str, summary: Mapping[str, Any]) -> str:
    """Return the README with the rates of the calibration between its two marks.

    Args:
        readme: The README's text.
        summary: The content of calibration.json.
    """
    from qml.calibration.published import rates

    done, planned = (sum(case[key] for case in summary["cases"]) for key in ("finished", "repeats"))
    missed = [f"{aim['name']} ({aim['measured']})" for aim in summary["targets"] if not aim["met"]]
    lines = [f"> {rates(summary)}", "", f"These are {done} of the {planned} studies of the suite."]
    if missed:
        lines.append(f"Targets missed: {', '.join(missed)}.")
    else:
        lines.append(f"All {len(summary['targets'])} targets are met.")
    return between_marks(readme, "calibration", "\n".join(lines))


def main() -> int:
    """Write both; exit code 0, or 2 if there is no verdict yet."""
    from qml.reports import figure, verdict_forest

    if not VERDICT.exists():
        print(f"{VERDICT.relative_to(ROOT)} is not there; run `make demo` first.", file=sys.stderr)
        return 2
    verdict = json.loads(VERDICT.read_text(encoding="utf-8"))
    measured = json.loads(SPEED.read_text(encoding="utf-8"))
    readme = with_speed(with_verdict(README.read_text(encoding="utf-8"), verdict), measured)
    if CALIBRATION.exists():
        PUBLISHED.write_text(CALIBRATION.read_text(encoding="utf-8"), encoding="utf-8")
        readme = with_calibration(readme, json.loads(CALIBRATION.read_text(encoding="utf-8")))
    README.write_text(readme, encoding="utf-8")
    figure(verdict_forest(verdict), PICTURE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
