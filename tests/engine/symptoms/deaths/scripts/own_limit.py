"""A task needs more memory than the whole sandbox has at first; twice as much is enough."""

import dask
from dask.distributed import Client, LocalCluster


def hoard(size):
    return len(bytearray(b"x") * size)


def main():
    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, memory_limit=0, dashboard_address=":0"
        ) as cluster,
        Client(cluster) as client,
    ):
        print(client.submit(hoard, 600 * 2**20).result())


if __name__ == "__main__":
    with dask.config.set({"distributed.scheduler.allowed-failures": 1}):
        main()
