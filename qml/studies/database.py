"""Where records are, and how they are connected to."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from qml.errors import RecordError

FILE_NAME = "records.sqlite"


def locate(where: str | Path) -> tuple[str, Path | None]:
    """Return the URL of a database, and its file if it is one: of a results folder, a file or a URL."""
    if isinstance(where, str) and "://" in where:
        return where, None
    path = Path(where)
    path = path if path.suffix == ".sqlite" else path / FILE_NAME
    return f"sqlite:///{path}", path


def immutable(path: Path) -> str:
    """Return the URL under which SQLite writes nothing, not even beside the file; it does not see a log then."""
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        raise RecordError(
            f"{path.parent} cannot be written to, and {log.name} has records that are not in {path.name} yet. "
            "Copy the folder to where you can write, and open it there."
        )
    return f"sqlite:///file:{quote(str(path.resolve()))}?immutable=1&uri=true"


def engine(url: str, journal: str | None = None) -> sa.Engine:
    """Return an engine whose SQLite connections are safe against a power cut, and wait for each other."""
    made = sa.create_engine(url)
    if made.dialect.name == "sqlite":

        @sa.event.listens_for(made, "connect")
        def _configure(connection: Any, _: Any) -> None:
            cursor = connection.cursor()
            for pragma in (
                *([f"journal_mode = {journal}"] if journal else []),
                "synchronous = FULL",
                "foreign_keys = ON",
                "busy_timeout = 10000",
            ):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

    return made
