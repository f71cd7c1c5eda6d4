"""The scheduler's process crashes under the client."""

import ctypes

from dask.distributed import Client


def fall():
    ctypes.string_at(0)


if __name__ == "__main__":
    with Client() as client:
        print(client.submit(int, 4).result(), flush=True)
        client.run_on_scheduler(fall)
        print(client.submit(int, 5).result(timeout=20))
