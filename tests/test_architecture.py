"""The arrows of the house: a room imports only from rooms above it."""

import ast
from pathlib import Path

import pytest

import qml

ROOT = Path(qml.__file__).parent
ORDER = [
    *("errors", "registry"),
    *("circuits", "simulators", "nn", "tasks", "training", "models", "advantage", "diagnostics"),
    *("studies", "calibration", "reports", "testing", "cli"),
]
FILES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def room(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported_rooms(path):
    """Yield (room, line) of everything from this package that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: write absolute imports"
            names = [node.module] if node.module != "qml" else [f"qml.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            if name.startswith("qml."):
                yield name.split(".")[1], node.lineno


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_from_rooms_above_it(path):
    own = room(path)
    assert own in ORDER, f"{own} is no room of the house; see docs/architecture.md"
    for other, line in imported_rooms(path):
        if other.startswith("__"):
            continue
        allowed = own == other or ORDER.index(other) < ORDER.index(own)
        # A study's last step writes its report: the one arrow that points down, taken at run time.
        if (own, other) == ("studies", "reports"):
            allowed = path.name in {"run.py", "study.py"}
        assert allowed, f"{path.name}:{line}: {own} may not import {other}"


def test_the_verdict_needs_numpy_and_scipy_only():
    allowed = {"numpy", "scipy", "qml"}
    for path in (ROOT / "advantage").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.ImportFrom):
                names = [node.module]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                top = name.split(".")[0]
                assert top in allowed or top in __import__("sys").stdlib_module_names, f"{path.name} imports {name}"


def test_pennylane_is_always_imported_as_qp():
    for path in [*FILES, *Path(__file__).parent.rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    assert alias.name != "pennylane" or alias.asname == "qp", f"{path}:{node.lineno}"


def test_nothing_imports_with_a_star():
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert all(alias.name != "*" for alias in node.names), f"{path}:{node.lineno}"


def test_all_lists_are_sorted():
    for path in [ROOT / "__init__.py", *FILES]:
        if path.name == "__init__.py":
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
                    names = ast.literal_eval(node.value)
                    key = lambda name: (not name.isupper(), not name[0].isupper(), name)  # noqa: E731 - the linter's order
                    assert names == sorted(names, key=key), path
