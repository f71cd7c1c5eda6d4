"""A task takes more memory than its nanny allows a worker, again and again."""

import time

from dask.distributed import Client


def hoard(size):
    kept = bytearray(b"x") * size
    time.sleep(30)
    return len(kept)


if __name__ == "__main__":
    with Client() as client:
        limit = min(
            worker["memory_limit"] for worker in client.scheduler_info()["workers"].values()
        )
        print(client.submit(hoard, int(limit * 0.98)).result())
