"""Dask workers of one thread each, on this machine or on a cluster that is there."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qml.errors import SpecError


@contextmanager
def connect(workers: int, scheduler: str | None = None) -> Iterator[Any]:
    """Yield a Dask client, of a cluster started for it or of the one at an address.

    The scheduler is in this process.  The workers are sub-processes that import nothing of the caller's, so the
    cluster starts from a script without a ``__main__`` guard, from a notebook and from ``python -``.

    Args:
        workers: Processes to start; unused with ``scheduler``.
        scheduler: Address such as ``tcp://10.0.0.1:8786``.

    Raises:
        SpecError: If no scheduler answers there, or its workers have no qml of this version.
    """
    import distributed

    open_client: Any = distributed.Client
    if scheduler is None:
        with _local_cluster(workers) as cluster, open_client(cluster, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=120)
            yield client
        return
    try:
        client = open_client(scheduler, set_as_default=False, timeout=5)
    except (OSError, TimeoutError, ValueError) as error:
        raise SpecError(f"--scheduler {scheduler}: no Dask scheduler answers there: {error}.") from error
    with client:
        _check_workers(client, scheduler)
        yield client


@contextmanager
def _local_cluster(workers: int) -> Iterator[Any]:
    from distributed import Scheduler
    from distributed.deploy.spec import SpecCluster

    from qml.studies.worker import StudyWorker, worker_options

    worker = {"cls": StudyWorker, "options": {"worker_kwargs": worker_options()}}
    scheduler = {
        "host": "127.0.0.1",
        "port": 0,
        "dashboard": False,
        "dashboard_address": "127.0.0.1:0",
        "allowed_failures": 1,  # a cell that takes its worker down is tried once more, then it is a failed cell
    }
    open_cluster: Any = SpecCluster
    with open_cluster(
        workers=dict.fromkeys(range(workers), worker),
        scheduler={"cls": Scheduler, "options": scheduler},
        worker=worker,
        name="qml",
        silence_logs=logging.CRITICAL,
    ) as cluster:
        yield cluster


def _check_workers(client: Any, scheduler: str) -> None:
    import qml

    try:
        client.wait_for_workers(1, timeout=5)
    except TimeoutError:
        raise SpecError(
            f"--scheduler {scheduler}: the scheduler has no worker. Start one: dask worker {scheduler}."
        ) from None
    try:
        versions = set(client.run(worker_version).values())
    except Exception as error:
        raise SpecError(
            f"--scheduler {scheduler}: its workers cannot import qml: {error!r}. Install it there."
        ) from error
    if versions != {qml.__version__}:
        found = ", ".join(sorted(versions))
        raise SpecError(
            f"--scheduler {scheduler}: its workers have qml {found}, this is {qml.__version__}. Install the same."
        )


def worker_version() -> str:
    """Return the version of qml in the process that calls it."""
    import qml

    return qml.__version__


def default_workers() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
