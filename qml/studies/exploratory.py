"""Why a verdict is exploratory: what was decided after test parts had been opened."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qml.studies.manifest import manifest_changes
from qml.studies.records import Records


def exploratory_reasons(records: Records) -> list[str]:
    """Say why what the records show now is exploratory; nothing if it is confirmatory.

    It is confirmatory if every test part was opened under the manifest that the study is under now, and no test part
    at all was opened before that manifest was stored.  A test part counts as opened from the moment its cell is
    started: of a cell that was stopped half-way, nobody knows how far it came.
    """
    manifests = records.manifests().to_dict("records")
    current = records.manifest_hash()
    contents = {str(row["hash"]): row["content"] for row in manifests}
    opened = _opened(records.ledger().to_dict("records"), current, set(records.statuses()))
    reasons = [
        f"{_count(keys)} opened under another manifest ({manifest[:8]}) than this one ({current[:8]}). "
        f"Changed since: {'; '.join(manifest_changes(contents[manifest], contents[current]))}"
        for manifest, keys in opened.items()
        if manifest is not None
    ]
    if None in opened:
        reasons.append(f"{_count(opened[None])} opened without a manifest")
    return reasons + [f"the records were altered by other means than qml: {what}" for what in records.alterations()]


def access_made(records: Records) -> bool:
    """Tell whether any test part may have been opened so far, under whatever manifest."""
    return any(accesses for accesses in _accesses(records.ledger().to_dict("records"), "").values())


def _opened(rows: Iterable[Mapping[Any, Any]], current: str, planned: set[str]) -> dict[str | None, list[str]]:
    """Return the cells whose test parts were opened under other manifests than the current one, by manifest.

    They count if that was before the current manifest was first stored, or if they are planned under it.
    """
    found: dict[str | None, list[str]] = {}
    for key, accesses in _accesses(rows, current).items():
        for manifest in dict.fromkeys(manifest for manifest, late in accesses if not late or key in planned):
            if manifest != current:
                found.setdefault(manifest, []).append(key)
    return found


def _accesses(rows: Iterable[Mapping[Any, Any]], current: str) -> dict[str, list[tuple[str | None, bool]]]:
    """Return, by cell, under which manifests its test part was opened, and whether the current one was stored then."""
    accesses: dict[str, list[tuple[str | None, bool]]] = defaultdict(list)
    running: set[str] = set()
    stored = False
    for row in rows:
        event, key = row["event"], row["key"]
        if event == "manifest":
            stored = stored or key == current
        elif event == "started":
            accesses[key].append((row["manifest"], stored))
            running.add(key)
        elif event == "lost":
            running.discard(key)  # it stays in the list: it may have opened its test part before it died
        else:
            if key in running:
                running.remove(key)
                accesses[key].pop()
            if row["opened_at"]:
                accesses[key].append((row["manifest"], stored))
    return accesses


def _count(keys: Sequence[str]) -> str:
    return f"{len(keys)} test part{'s were' if len(keys) > 1 else ' was'}"
