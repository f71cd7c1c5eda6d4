"""Workers are closed while they work, which counts against the task."""

import time

import dask
from dask.distributed import Client, LocalCluster


def nap(seconds):
    time.sleep(seconds)
    return "done"


def main():
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        future = client.submit(nap, 8)
        time.sleep(1)
        busy = [worker for worker, keys in client.processing().items() if keys]
        client.run(
            lambda dask_worker: dask_worker.loop.add_callback(dask_worker.close_gracefully),
            workers=busy,
        )
        print(future.result(timeout=50))


if __name__ == "__main__":
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}):
        main()
