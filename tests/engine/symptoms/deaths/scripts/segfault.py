"""A task reads where there is no memory, on every worker that tries it."""

import ctypes

from dask.distributed import Client


def fall(x):
    return ctypes.string_at(x)


if __name__ == "__main__":
    with Client() as client:
        print(client.submit(fall, 0).result())
