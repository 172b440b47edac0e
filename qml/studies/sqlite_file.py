"""Look at a records file before SQLite does, so that a file that is not ours is never written to."""

import struct
from pathlib import Path

from qml.errors import RecordError
from qml.studies.schema import APPLICATION_ID, VERSION

_HEADER = 100  # bytes; the format is https://www.sqlite.org/fileformat.html, section 1.3


def check_records_file(path: Path) -> None:
    """Check that a file is a whole records file of a version that we can read.  It is only read.

    Raises:
        RecordError: If it is missing, cut short, another program's, or from a newer qml.
    """
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER)
        size = path.stat().st_size
    except FileNotFoundError:
        raise RecordError(f"{path.parent} holds no records ({path.name}). Run its study first: qml run FILE.") from None
    except OSError as error:
        raise RecordError(f"{path} cannot be read: {error}.") from None
    untouched = "It was left as it is; move it away, or give the study another name (--set name=…)."
    if len(header) < _HEADER and b"SQLite format 3\0".startswith(header[:16]):
        raise RecordError(f"{path} is truncated: it has {size} bytes, less than a header. {untouched}")
    if not header.startswith(b"SQLite format 3\0"):
        raise RecordError(f"{path} is not a records file: it is not SQLite. {untouched}")
    (page_size,) = struct.unpack(">H", header[16:18])
    (pages,) = struct.unpack(">I", header[28:32])
    version, application = struct.unpack(">I", header[60:64])[0], struct.unpack(">I", header[68:72])[0]
    if application != APPLICATION_ID:
        raise RecordError(f"{path} is not a records file: it is the SQLite file of another program. {untouched}")
    if version > VERSION:
        raise RecordError(
            f"{path} was written by a newer qml (format {version}, this one reads up to {VERSION}). "
            "It was left as it is; upgrade qml."
        )
    expected = pages * (65536 if page_size == 1 else page_size)
    log = path.with_name(f"{path.name}-wal")
    # With a write-ahead log beside it, the file may be short after a kill: SQLite mends it from the log.
    if size < expected and not (log.exists() and log.stat().st_size):
        raise RecordError(f"{path} is truncated: it has {size} bytes of {expected}. {untouched}")
