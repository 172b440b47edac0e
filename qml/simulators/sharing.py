"""How threads share the blocks of one call, in compiled code: who takes which, and when all are done.

A call that several threads work on has a ``work`` array that lives as long as the call, and its threads a ``bell`` that
lives as long as they do.  Blocks are taken in chunks, by whoever comes first: a thread that the system has not woken
up in time finds nothing left, and nobody waits for it.  All of this runs without the interpreter's lock, so that a
thread which waits for a moment does so without taking the lock from the one that works.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from qml.simulators.jit import lean

# Places in ``work``; what different threads write lies in different cache lines.
_NEXT, _DONE, _CHUNK, _NUMBER, _PATIENCE, _LED, _SIZE = 0, 8, 16, 17, 18, 24, 32
ALONE = np.zeros(0, np.int64)

# How often a thread looks before it gives up and sleeps; 100,000 looks took 50 microseconds.  A sleeping thread takes
# about as long to wake up.
FEW_LOOKS, MANY_LOOKS = 60_000, 1_000_000
LOOKS_FOR_THE_LAST_BLOCK = 1_000_000


def new_bell() -> NDArray[np.int64]:
    """Return what a thread rings to tell the others of a new call."""
    return np.zeros(8, np.int64)


def new_work(n_blocks: int, n_threads: int, bell: NDArray[np.int64], patience: int) -> NDArray[np.int64]:
    """Return the work of the call that the bell rings for next: nothing taken, nothing done.

    Args:
        n_blocks: All blocks.
        n_threads: That share them.
        bell: Of these threads.
        patience: How often those that do not lead look for the next call before they sleep.
    """
    work = np.zeros(_SIZE, np.int64)
    work[_CHUNK] = -(-n_blocks // n_threads)
    work[_NUMBER] = bell[0] + 1
    work[_PATIENCE] = patience
    return work


def others_came(work: NDArray[np.int64], n_blocks: int) -> bool:
    """Tell, after a call, whether its leader found others at work on it."""
    return bool(work[_LED] < n_blocks)


@intrinsic
def _fetch_add(typing: Any, array: Any, place: Any, amount: Any) -> Any:
    """Add to an element at once and return what it was before."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _element(context, builder, signature, arguments)
        return builder.atomic_rmw("add", pointer, arguments[2], "seq_cst")

    return types.int64(array, types.int64, types.int64), generate


@intrinsic
def _look(typing: Any, array: Any, place: Any) -> Any:
    """Read an element as it is now."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(_element(context, builder, signature, arguments), "acquire", 8)

    return types.int64(array, types.int64), generate


def _element(context: Any, builder: Any, signature: Any, arguments: Any) -> ir.Value:
    data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
    return cgutils.gep_inbounds(builder, data, arguments[1])


@lean
def start(work, bell, leads):
    """Begin a call: the thread that leads it rings."""
    if work.shape[0] > 0 and leads:
        _fetch_add(bell, 0, 1)


@lean
def take(work, n_blocks, last):
    """Return the next blocks [first, last) of this thread; first >= last if nothing is left.

    Args:
        work: Of the call; empty where one thread does it alone.
        n_blocks: All blocks.
        last: One past the last block that this thread took before; 0 at first.
    """
    if work.shape[0] == 0:
        return last, n_blocks
    chunk = work[_CHUNK]
    first = _fetch_add(work, _NEXT, chunk)
    return first, min(first + chunk, n_blocks)


@lean
def tell(work, first, last, leads):
    """Tell that these blocks are done."""
    if work.shape[0] > 0:
        if leads:
            work[_LED] += last - first
        _fetch_add(work, _DONE, last - first)


@lean
def end(work, bell, n_blocks, leads):
    """End a call and return whether all blocks are done, as far as the leader knows after a short wait.

    The others wait a moment for the next call instead: the backward pass follows the forward pass soon.
    """
    if work.shape[0] == 0:
        return True
    if leads:
        for _ in range(LOOKS_FOR_THE_LAST_BLOCK):
            if _look(work, _DONE) >= n_blocks:
                break
        return _look(work, _DONE) >= n_blocks
    for _ in range(work[_PATIENCE]):
        if _look(bell, 0) > work[_NUMBER]:
            break
    return False
