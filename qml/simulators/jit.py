"""How the kernels of the CPU engines are compiled: once a machine and dtype, never once a circuit."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba as nb

# Kernels are compiled into one another, and with the constants that they read: what one of these modules says may be
# part of what was compiled for another one.
SOURCES = (
    "addresses",
    "density_kernels",
    "density_program",
    "density_simd",
    "gate_kernels",
    "jit",
    "kernels",
    "matrices",
    "permutations",
    "program",
    "sharing",
    "simd",
    "tables",
    "wide",
)
_STAMP = hashlib.blake2b(
    b"".join(Path(__file__).with_name(f"{name}.py").read_bytes() for name in SOURCES), digest_size=16
).hexdigest()


def _njit(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator that compiles a function at its first call and keeps the result on disk.

    Numba takes a kept result for fresh as long as the function's own file has not changed.  Here it is fresh as long
    as no module has changed that kernels are made of.
    """
    # No fast-math: a result must not depend on what the optimiser chose in the process that compiled the kernel.
    decorate = nb.njit(cache=True, nogil=True, error_model="numpy", **options)

    def compiled(function: Callable[..., Any]) -> Any:
        dispatcher = decorate(function)
        if not nb.config.DISABLE_JIT:
            dispatcher._cache._cache_file._source_stamp = _STAMP  # no public name; tests/simulators/test_jit.py
        return dispatcher

    return compiled


def entry(kernel: Any, *arguments: Any) -> Callable[..., Any]:
    """Return what is compiled of a kernel for arguments of these types.

    It looks at no type again: whoever calls it with other types has their memory misread.  Numba's own way to call a
    kernel, which finds the code by the types, costs as much as several gates on four wires.
    """
    return kernel.compile(tuple(nb.typeof(argument) for argument in arguments))  # type: ignore[no-any-return]


allocating = _njit()
# What allocates nothing is compiled without reference counts: counting costs more than a gate on four wires.  Such a
# function may return a part of an array to its like alone: others would count down what was never counted up.
lean = _njit(_nrt=False)
# To hand the tables of a circuit from function to function costs as much as a gate, unless it is no call at all.
inlined = _njit(_nrt=False, forceinline=True)
