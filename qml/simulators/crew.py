"""Threads that help a call of an engine: they sleep until there is work, and nobody waits for one that overslept."""

import atexit
import os
import threading
from collections.abc import Callable
from functools import cache
from queue import SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qml.simulators.sharing import (
    ALONE,
    FEW_LOOKS,
    MANY_LOOKS,
    end,
    new_bell,
    new_work,
    others_came,
    start,
    take,
    tell,
)

IN_A_ROW = 16  # so many calls in a row tell that a helper has a core

# Runs a kernel: (work, bell, leads) -> whether all blocks are done.
Call = Callable[[NDArray[np.int64], NDArray[np.int64], bool], bool]


class Crew:
    """Helpers of one process; one call at a time has them, and another that comes meanwhile does without.

    Args:
        n_helpers: Threads beside the one that calls.
    """

    def __init__(self, n_helpers: int) -> None:
        self._process = os.getpid()
        self._bell = new_bell()
        self._busy = threading.Lock()
        self._in_a_row = 0  # calls that helpers came to, since they missed one
        self._desks: list[SimpleQueue[_Job | None]] = [SimpleQueue() for _ in range(n_helpers)]
        self._helpers = [
            threading.Thread(target=_serve, args=(desk, self._bell), name="qml-engine", daemon=True)
            for desk in self._desks
        ]
        for helper in self._helpers:
            helper.start()
        # A thread that comes out of a kernel while the interpreter is being taken down brings the process down.
        atexit.register(self.dismiss)

    def run(self, call: Call, n_blocks: int) -> bool:
        """Run a call with all helpers.

        Returns:
            Whether the leading thread saw the last block done from inside its kernel.
        """
        if not self._busy.acquire(blocking=False):
            return call(ALONE, ALONE, True)
        try:
            job = _Job(call, new_work(n_blocks, len(self._desks) + 1, self._bell, self._patience()))
            for desk in self._desks:
                desk.put(job)
            if call(job.work, self._bell, True):
                self._learn(others_came(job.work, n_blocks))
                return True
            self._learn(False)
            for _ in self._desks:
                job.wait()
            return False
        finally:
            self._busy.release()

    def _learn(self, came: bool) -> None:
        self._in_a_row = self._in_a_row + 1 if came else 0

    def _patience(self) -> int:
        """Return how often helpers look for the next call before they sleep.

        Where each has a core of its own they come to nearly every call, and save the time of waking up by looking for
        long.  Where another process has that core they miss many, and looking takes time from the leader.
        """
        return min(max(1, self._in_a_row - IN_A_ROW) * FEW_LOOKS, MANY_LOOKS)

    def dismiss(self) -> None:
        """Send the helpers home and wait until they are gone; a forked child has none of them."""
        if os.getpid() != self._process:
            return
        with self._busy:
            for desk in self._desks:
                desk.put(None)
            for helper in self._helpers:
                helper.join()
            self._desks = []


class _Job:
    """One call, what is left of it, and how its helpers ended."""

    def __init__(self, call: Call, work: NDArray[np.int64]) -> None:
        self.call = call
        self.work = work
        self._ended: SimpleQueue[BaseException | None] = SimpleQueue()

    def help(self, bell: NDArray[np.int64]) -> None:
        """Do a helper's part."""
        error: BaseException | None = None
        try:
            self.call(self.work, bell, False)
        except BaseException as caught:  # the leader raises it
            error = caught
        self._ended.put(error)

    def wait(self) -> None:
        """Wait for one helper's end.

        Raises:
            BaseException: What the helper raised.
        """
        if (error := self._ended.get()) is not None:
            raise error


def _serve(desk: "SimpleQueue[_Job | None]", bell: NDArray[np.int64]) -> None:
    while (job := desk.get()) is not None:
        job.help(bell)
        del job  # it would keep the call's arrays until the next one comes


def crew(n_helpers: int) -> Crew:
    """Return this process's helpers; a forked child has none of its parent's and makes its own."""
    return _crew(os.getpid(), n_helpers)


@cache
def _crew(process: int, n_helpers: int) -> Crew:
    return Crew(n_helpers)


def in_ranges(run: Callable[[int, int], Any], n_blocks: int) -> Call:
    """Make a call of a function that runs blocks [first, last)."""

    def call(work: NDArray[np.int64], bell: NDArray[np.int64], leads: bool) -> bool:
        start(work, bell, leads)
        first, last = take(work, n_blocks, 0)
        while first < last:
            run(first, last)
            tell(work, first, last, leads)
            first, last = take(work, n_blocks, last)
        return bool(end(work, bell, n_blocks, leads))

    return call
