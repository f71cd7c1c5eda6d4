"""What a worker keeps is more than it may hold without pausing, and nothing can be moved away."""

import time

import dask
from dask.distributed import Client, LocalCluster

SETTINGS = {
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": 0.3,
    "distributed.worker.memory.terminate": False,
    "distributed.scheduler.active-memory-manager.start": False,
}


def hoard(size):
    return bytearray(b"x") * size


def main():
    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, memory_limit="400MiB", dashboard_address=":0"
        ) as cluster,
        Client(cluster) as client,
    ):
        client.gather(client.map(abs, range(50)))
        kept = client.submit(hoard, 250 * 2**20)
        print(client.submit(len, kept).result())
        time.sleep(1)
        print(client.submit(int, 5).result())


if __name__ == "__main__":
    with dask.config.set(SETTINGS):
        main()
