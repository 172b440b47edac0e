"""A Dask worker in a sub-process of its own: one thread, quiet, and out of reach of the terminal's Ctrl-C."""

import asyncio
import json
import os
import sys

from distributed.deploy.subprocess import SubprocessWorker

from qml.studies import watch

# One thread a worker: two thread pools on one core wait for each other, and sums come out in another order.
THREADS = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
}


class StudyWorker(SubprocessWorker):
    """`SubprocessWorker` with an environment of its own; the caller's stays as it is."""

    async def _start(self) -> None:
        spec = {"cls": "distributed.Nanny", "opts": self.worker_kwargs}
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "dask", "spec", self.scheduler, "--spec", json.dumps(spec)),
            env={**os.environ, **_environment()},
            start_new_session=True,
        )


def worker_options() -> dict[str, object]:
    """Return what a worker is started with."""
    return {
        "host": "127.0.0.1",
        "nthreads": 1,
        "memory_limit": 0,  # no limit: cells are small, and a paused worker would stall the study
        "dashboard": False,
        "dashboard_address": "127.0.0.1:0",
        "preload_nanny": [watch.__file__],
        "preload": [watch.__file__],
        "env": THREADS,
    }


def _environment() -> dict[str, str]:
    places = [place or os.getcwd() for place in sys.path]
    return {
        **THREADS,
        "PYTHONPATH": os.pathsep.join(places),
        "PYTHONWARNINGS": "ignore::UserWarning:multiprocessing.resource_tracker",  # its last words after a kill
        "DASK_LOGGING__DISTRIBUTED": "critical",
        watch.PARENT_VARIABLE: str(os.getpid()),
    }
