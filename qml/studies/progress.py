"""Tell how a run goes: a live bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from qml.studies.estimate import duration

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

LINE_SECONDS = 15.0


class Progress:
    """Counts of a run, and the time left by the cost of what is done.

    Args:
        cost: Estimated seconds of each cell that is to be run, by key; only their ratios matter.
        total: Cells of the whole study.
        failed: Cells that failed before.
        show: False for silence.
        stream: Where to write; standard error by default.
    """

    def __init__(
        self, cost: Mapping[str, float], total: int, failed: int = 0, show: bool = True, stream: TextIO | None = None
    ) -> None:
        self._cost = cost
        self._left = set(cost)
        self._total = total
        self._failed = failed
        self._running = 0
        self._show = show
        self._stream = stream or sys.stderr
        self._started = self._spoken = time.monotonic()
        self._bar: RichProgress | None = None
        self._task: Any = None

    def __enter__(self) -> "Progress":
        self._started = self._spoken = time.monotonic()
        if self._show and self._stream.isatty():
            self._bar = _bar(self._stream)
            self._task = self._bar.add_task("", total=self._total, completed=self._done, **self._texts())
            self._bar.start()
        elif self._show:
            self._say()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        elif self._show and kind is None:
            self._say()

    def running(self, count: int) -> None:
        """Tell how many cells are being run."""
        self._running = count
        self._update()

    def finished(self, key: str, failed: bool) -> None:
        """Tell that a cell has been recorded."""
        self._left.discard(key)
        self._failed += failed
        self._update()

    def seconds_left(self) -> float | None:
        """Return the time left, or None before the first cell is back."""
        done = sum(seconds for key, seconds in self._cost.items() if key not in self._left)
        if not done:
            return None
        ahead = sum(self._cost[key] for key in self._left)
        return (time.monotonic() - self._started) * ahead / done

    @property
    def _done(self) -> int:
        return self._total - len(self._left)

    def _update(self) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done, **self._texts())
        elif self._show and time.monotonic() - self._spoken >= LINE_SECONDS:
            self._say()

    def _say(self) -> None:
        self._spoken = time.monotonic()
        texts = self._texts()
        line = f"{self._done} of {self._total} cells done, {texts['running']}, {texts['failed']}, {texts['left']}"
        print(line, file=self._stream, flush=True)

    def _texts(self) -> dict[str, Any]:
        left = self.seconds_left() if self._left else 0.0
        return {
            "running": f"{self._running if self._left else 0} running",
            "failed": f"{self._failed} failed",
            "left": "time left unknown" if left is None else f"{duration(left)} left",
        }


def _bar(stream: TextIO) -> "RichProgress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as RichProgress

    return RichProgress(
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("cells done · {task.fields[running]} · {task.fields[failed]} · {task.fields[left]}"),
        console=Console(file=stream),
    )
