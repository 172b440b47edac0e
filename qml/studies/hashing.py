"""Content hashes: one canonical text for plain data, and the seeds drawn from it."""

import hashlib
import json
from typing import Any


def canonical(data: Any) -> str:
    """Write plain data as JSON in one way only: sorted keys, no spaces, no NaN.

    >>> canonical({"b": 1, "a": [1.5, None]})
    '{"a":[1.5,null],"b":1}'

    Raises:
        ValueError: If a number is NaN or infinite.
        TypeError: If a value is not plain data.
    """
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(data: Any) -> str:
    """Return the SHA-256 of the canonical text, as 64 hexadecimal digits.

    >>> digest({"a": 1}) == digest(dict(a=1))
    True
    """
    return hashlib.sha256(canonical(data).encode()).hexdigest()


def seed_from(*parts: Any) -> int:
    """Return a seed in [0, 2**32) that depends on nothing but the parts.

    >>> seed_from("data", 7, 0) == seed_from("data", 7, 0) != seed_from("data", 7, 1)
    True
    """
    return int(digest(list(parts))[:8], 16)
