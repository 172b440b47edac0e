"""Which code a calibration holds for: a hash of everything between a task's data and a verdict's word."""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import qml

# The rooms that decide what a verdict says, and of `studies` the files that plan, run and judge a cell.  Charts,
# tables and the command line only repeat it.
ROOMS = ("circuits", "simulators", "nn", "tasks", "training", "models", "advantage", "diagnostics")
FILES = ("registry.py", "studies/cell.py", "studies/plan.py", "studies/outcome.py", "studies/hashing.py")


@cache
def source_hash() -> str:
    """Return the hash of the installed code that decides verdicts; comments and docstrings do not count.

    Returns:
        A SHA-256, 64 hexadecimal digits.
    """
    root = Path(qml.__file__).parent
    files = sorted({path for room in ROOMS for path in (root / room).rglob("*.py")} | {root / name for name in FILES})
    return hash_of((path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")) for path in files)


def hash_of(files: Iterable[tuple[str, str]]) -> str:
    r"""Hash Python files by what they do.

    Args:
        files: Names and contents.

    >>> hash_of([("a.py", "x = 1  \n")]) == hash_of([("a.py", "# why\n\nx = 1\n")]) != hash_of([("a.py", "x = 2")])
    True
    """
    text = hashlib.sha256()
    for name, content in files:
        code = bare(content)
        text.update(f"{name} {len(code)}\n{code}".encode())
    return text.hexdigest()


def bare(source: str) -> str:
    r"""Return Python source without docstrings, lines of comment and blank lines.

    >>> bare('def f():\n    "Say one."\n    # why\n    return 1\n')
    'def f():\n    return 1'
    """
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and _has_docstring(
            node
        ):
            first, last = node.body[0].lineno, node.body[0].end_lineno or node.body[0].lineno
            lines[first - 1 : last] = [""] * (last - first + 1)
    return "\n".join(line.rstrip() for line in lines if line.strip() and not line.lstrip().startswith("#"))


def _has_docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    first = node.body[0] if node.body else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
