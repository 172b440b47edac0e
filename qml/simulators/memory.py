"""Refuse what would not fit the memory, before anything is allocated."""

from qml.errors import CircuitError

NOT_WORTH_ASKING = 1 << 28  # bytes; to ask the system how much is free costs more than a small circuit


def check_memory(n_bytes: int, what: str) -> None:
    """Compare what a computation needs with what is free.

    Args:
        n_bytes: Bytes that it allocates.
        what: What they are for, as the subject of a sentence in the plural.

    Raises:
        CircuitError: If there are fewer.
    """
    if n_bytes < NOT_WORTH_ASKING:
        return
    import psutil

    free = psutil.virtual_memory().available
    if n_bytes > free:
        raise CircuitError(
            f"{what} need {_size(n_bytes)} ({n_bytes} bytes) of memory, and {_size(free)} ({free} bytes) are free. "
            "Use fewer wires (each halves it), or fewer samples at once."
        )


def _size(n_bytes: int) -> str:
    """Write a number of bytes for a person.

    >>> _size(3 * 2**30)
    '3.22 GB'
    """
    units = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
    power = min(max(0, (len(str(n_bytes)) - 1) // 3), len(units) - 1)
    return f"{n_bytes / 1000**power:.3g} {units[power]}"
