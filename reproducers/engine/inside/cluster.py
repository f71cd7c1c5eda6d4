"""The private cluster: a scheduler and nanny workers on the loopback, until the sandbox ends.

    cluster.py SETTINGS [MODULE...]

Returns at once; the cluster goes on in a process of its own. It writes its address to the file
that the settings name as `private`, or leaves that file empty where it cannot start. The modules
are imported by scheduler and workers before that.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
from typing import Any, Callable

ROOT = __file__.rsplit("/reproducers/", 1)[0]
HOST = "127.0.0.1"


def main() -> None:
    sys.path[0] = ROOT
    from reproducers.engine.inside.settings import Settings  # noqa: PLC0415 -- found at ROOT

    settings = Settings.from_json(sys.argv[1])
    from reproducers.engine.inside import performance  # noqa: PLC0415

    sys.path[0] = settings.script.rpartition("/")[0]  # workers import what lies beside the script
    if os.fork():
        os._exit(0)
    serve(settings, performance.serve)


def serve(settings: Any, then: Callable[[Any, Any], None]) -> None:
    try:
        cluster = start(settings)
        make_import(cluster.scheduler_address, sys.argv[2:])
    except BaseException:  # the script then has to do without it
        traceback.print_exc()
        announce(settings.private, "")
        raise
    announce(settings.private, cluster.scheduler_address)
    then(cluster, settings)
    threading.Event().wait()


def start(settings: Any) -> Any:
    """A LocalCluster without its dashboard: that would take a second and the port 8787."""
    if settings.gpus:
        return start_with_gpus(settings)
    from distributed import Nanny, Scheduler, SpecCluster  # noqa: PLC0415

    os.makedirs(f"{settings.private}.workers")
    worker: dict[str, Any] = {
        "host": HOST,
        "nthreads": settings.threads,
        "memory_limit": settings.worker_memory_bytes,
        "local_directory": f"{settings.private}.workers",
        "silence_logs": logging.WARNING,
        "dashboard": False,
        "dashboard_address": f"{HOST}:0",
    }
    scheduler = {"host": HOST, "port": 0, "dashboard": False, "dashboard_address": f"{HOST}:0"}
    return SpecCluster(
        scheduler={"cls": Scheduler, "options": scheduler},
        workers={number: {"cls": Nanny, "options": worker} for number in range(settings.workers)},
        silence_logs=logging.WARNING,
    )


def make_import(address: str, modules: list[str]) -> None:
    """Let scheduler and workers import, so that no task has to wait for it."""
    if modules:
        from distributed import Client  # noqa: PLC0415

        with Client(address, set_as_default=False) as client:
            for name in modules:
                client.run_on_scheduler(__import__, name)
                client.run(__import__, name)


def start_with_gpus(settings: Any) -> Any:
    """One worker for each device of CUDA_VISIBLE_DEVICES, as RAPIDS' users have it."""
    import dask  # noqa: PLC0415
    from dask_cuda import LocalCUDACluster  # noqa: PLC0415

    return LocalCUDACluster(
        threads_per_worker=settings.threads,
        memory_limit=settings.worker_memory_bytes,
        local_directory=f"{settings.private}.workers",
        host=HOST,
        dashboard_address=None,
        silence_logs=logging.WARNING,
        # It names preloads itself, so that those of the configuration, ours, would not count.
        preload=list(dask.config.get("distributed.worker.preload")),
    )


def announce(path: str, address: str) -> None:
    with open(f"{path}.part", "w") as file:
        file.write(address)
    os.replace(f"{path}.part", path)


if __name__ == "__main__":
    main()
