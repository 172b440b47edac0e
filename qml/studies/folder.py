"""A study's results folder: made, checked and locked before anything runs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qml.errors import RecordError

STUDY_FILE = "study.yaml"


@contextmanager
def locked_folder(folder: Path) -> Iterator[Path]:
    """Make a results folder and hold it for one run.

    Raises:
        RecordError: If it cannot be written to, or another run holds it.
    """
    import filelock

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder / ".lock")
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise RecordError(
            f"{folder} is in use by another run. Wait for it or stop it, "
            "or give this study another name (--set name=…)."
        ) from None
    except (OSError, NotImplementedError) as error:
        raise RecordError(
            f"the results folder {folder} cannot be written to: {error}. Choose another: --results."
        ) from None
    try:
        probe = folder / ".probe"
        try:
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise RecordError(f"the results folder {folder} cannot be written to: {error}.") from None
        yield folder
    finally:
        lock.release()


def freeze_study(folder: Path, spec: dict[str, Any]) -> None:
    """Write the study as it was run, whole or not at all."""
    import yaml

    draft = folder / f"{STUDY_FILE}.new"
    text = "# The study as it was run, overrides included. Written by qml.\n"
    text += yaml.safe_dump(spec, sort_keys=False, allow_unicode=True)
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, folder / STUDY_FILE)
