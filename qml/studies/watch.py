"""End a worker process soon after its parent is gone, even after `kill -9`.

Dask loads this file, by its path, at the start of every process of a local cluster; it imports nothing of ours.
"""

import os
import threading
import time

PARENT_VARIABLE = "QML_STUDY_PID"
_SECONDS = 0.5


def dask_setup(server: object) -> None:
    """Start the watch.

    Args:
        server: The Dask nanny or worker of this process; a nanny's parent is the study, a worker's is its nanny.
    """
    nanny = type(server).__name__ == "Nanny"
    parent = int(os.environ[PARENT_VARIABLE]) if nanny else os.getppid()
    threading.Thread(target=_watch, args=(parent,), daemon=True, name="qml-watch").start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_SECONDS)
    os._exit(1)
