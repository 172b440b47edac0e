"""Put the quickstart's verdict into the README and draw its picture: ``python docs/refresh.py``.

Both come from results/quickstart/verdict.json, which ``make demo`` writes.
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
BEGIN, END = "<!-- verdict:begin -->", "<!-- verdict:end -->"


def with_verdict(readme: str, verdict: Mapping[str, Any]) -> str:
    """Return the README with the verdict's table between its two marks.

    Args:
        readme: The README's text.
        verdict: The content of verdict.json.

    Raises:
        ValueError: If a mark is missing, or stands there twice.
    """
    from qml.reports import verdict_markdown

    if readme.count(BEGIN) != 1 or readme.count(END) != 1:
        raise ValueError(f"the README must hold {BEGIN} and {END} once each.")
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{verdict_markdown(verdict)}\n{END}{after}"


def main() -> int:
    """Write both; exit code 0, or 2 if there is no verdict yet."""
    from qml.reports import figure, verdict_forest

    if not VERDICT.exists():
        print(f"{VERDICT.relative_to(ROOT)} is not there; run `make demo` first.", file=sys.stderr)
        return 2
    verdict = json.loads(VERDICT.read_text(encoding="utf-8"))
    README.write_text(with_verdict(README.read_text(encoding="utf-8"), verdict), encoding="utf-8")
    figure(verdict_forest(verdict), PICTURE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
