import ast
import shutil
import subprocess
import sys
from pathlib import Path

from qml.simulators import jit

SCRIPT = "from room.kernels import outer; print(outer(1), sum(outer.stats.cache_hits.values()))"
ROOM = Path(jit.__file__).parent


def imports(name):
    """List the modules of the simulators that a module imports, and what else it imports."""
    inside, outside = set(), set()
    for node in ast.walk(ast.parse((ROOM / f"{name}.py").read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "qml.simulators":
            inside |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module.startswith("qml.simulators."):
            inside.add(node.module.rpartition(".")[2])
        elif isinstance(node, ast.ImportFrom):
            outside.add(node.module.partition(".")[0])
        elif isinstance(node, ast.Import):
            outside |= {alias.name.partition(".")[0] for alias in node.names}
    return inside, outside


def test_every_module_that_kernels_are_made_of_is_part_of_their_stamp():
    modules = {path.stem: imports(path.stem) for path in ROOM.glob("*.py")}
    compiled = {name for name, (inside, outside) in modules.items() if "jit" in inside or "numba" in outside}
    assert {"kernels", "simd"} < compiled
    needed = compiled.union(*(modules[name][0] for name in compiled))
    assert needed <= set(jit.SOURCES)


def test_a_kernel_is_compiled_anew_when_what_it_calls_has_changed(tmp_path):
    package = tmp_path / "room"
    package.mkdir()
    for name in jit.SOURCES:
        (package / f"{name}.py").write_text("")
    shutil.copy(jit.__file__, package / "jit.py")
    outer = "@allocating\ndef outer(x):\n    return inner(x)\n"
    (package / "kernels.py").write_text(f"from room.jit import allocating\nfrom room.simd import inner\n{outer}")

    def run(inner):
        (package / "simd.py").write_text(f"from room.jit import lean\n@lean\ndef inner(x):\n    return {inner}\n")
        command = [sys.executable, "-c", SCRIPT]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        return tuple(map(int, done.stdout.split()))

    assert run("x + 1") == (2, 0)
    assert run("x + 1") == (2, 1)
    assert run("x + 2") == (3, 0)
