"""A task calls C code that keeps the interpreter's lock, so that its whole worker stands still."""

import ctypes

from dask.distributed import Client


def greedy(seconds):
    ctypes.PyDLL(None).sleep(seconds)


if __name__ == "__main__":
    with Client() as client:
        print(client.submit(greedy, 100_000).result())
